import ExptTensor
import ArgumentParser
import ExptComponents
import ExptDocument
import ExptFiles
import ExptReport
import ExptTraining

extension CommandFailure {
  /// Whatever stopped a run, with the exit code for it.
  ///
  /// - Parameter file: The experiment, to show what does not fit at the setting that caused it.
  init(training error: any Error, file: ExperimentFile? = nil) {
    switch error {
    case let failure as CommandFailure: self = failure
    case let diagnostics as Diagnostics: self.init(diagnostics)
    case let problem as BuildProblem:
      if let file {
        self.init(Diagnostics([file.diagnostic(problem)]))
      } else {
        self.init(.data, problem.message)
      }
    case let problem as DataProblem:
      if let diagnostic = file?.diagnostic(problem) {
        self.init(Diagnostics([diagnostic]))
      } else {
        self.init(Self.status(problem), problem.message)
      }
    case let problem as FileProblem: self.init(Self.status(problem), problem.description)
    case let problem as SamplerProblem: self.init(.data, problem.message)
    case let problem as EvaluationProblem: self.init(.data, problem.message)
    case let problem as AmbiguousRun: self.init(.usage, problem.message)
    case let problem as RunTaken: self.init(.inputOutput, "\(problem)")
    case let failure as TrainingFailure: self.init(.software, failure.message)
    default: self.init(.software, "\(error)")
    }
  }

  private static func status(_ problem: DataProblem) -> ExitStatus {
    switch problem.kind {
    case .missing: .noInput
    case .malformed: .data
    case .inputOutput: .inputOutput
    case .stopped: .interrupted
    }
  }

  private static func status(_ problem: FileProblem) -> ExitStatus {
    switch problem.code {
    case .missing: .noInput
    case .malformed, .truncated, .unsupported, .tooLarge, .checksum: .data
    default: .inputOutput
    }
  }
}
