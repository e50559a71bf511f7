public import ExptComponents

/// A run and a part of its data, as evaluators measure it.
public final class TrainedSubject: EvaluationSubject {
  private let run: TrainedRun
  private let part: TrainedData.Part
  private let report: (_ done: Int) -> Void

  /// - Parameter report: Told after every few images how many are done, where that takes time.
  public init(
    _ run: TrainedRun, _ part: TrainedData.Part, report: @escaping (_ done: Int) -> Void = { _ in }
  ) {
    self.run = run
    self.part = part
    self.report = report
  }

  public var model: any ModelAccess { run.access }
  public var images: ImageSet { part.slice }
  public private(set) lazy var encodings = run.encode(part)

  public func likelihood(samples: Int, seed: UInt64) -> Evaluation {
    run.evaluate(part, samples: samples, seed: seed, report: report)
  }
}
