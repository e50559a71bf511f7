import ExptComponents
import ExptData
import ExptTensor
import ExptInference
import ExptTraining

/// Measures one workload in this process.
struct Measuring {
  var name: String
  var title: String
  var isReconstruction: Bool
  var file: ExperimentFile
  var rounds: Int
  var options: RunSession.Options

  /// The first epoch, and the first pass of a reconstruction, warm up and are not counted.
  func run() throws -> Measurement {
    let (trainer, data) = try RunSession.prepare(
      file, options, wanted: isReconstruction ? .all : .train)
    let floor = Floor(pool: trainer.network.run.pool)
    var measurement = Measurement(
      workload: name, title: title, dataset: type(of: data.dataset).id,
      substitutedFor: data.substitution == nil ? nil : type(of: file.experiment.dataset).id,
      images: isReconstruction ? data.splits.test.count : trainer.data.train.count,
      threads: trainer.network.run.pool.threads,
      instructionSet: InstructionSet.current.rawValue, seconds: [], gflop: 0, floor: [],
      peakMemory: 0)
    measurement.gflop =
      2e-9 * Double(trainer.multiplyAddsPerImage) * Double(measurement.images)
      * (isReconstruction ? 1 : 3)
    if isReconstruction {
      reconstruct(trainer, floor, into: &measurement)
    } else {
      try train(trainer, floor, into: &measurement)
    }
    measurement.peakMemory = PeakMemory.bytes
    return measurement
  }

  private func train(
    _ trainer: Trainer, _ floor: Floor, into measurement: inout Measurement
  ) throws {
    let observer = BenchObserver(rounds: rounds, floor)
    trainer.add(observer)
    _ = try trainer.train()
    measurement.seconds = observer.seconds
    measurement.floor = observer.floors
    measurement.split = observer.split
    measurement.allocationsPerStep = observer.allocations
    measurement.regionsPerStep = observer.regionsPerStep
    measurement.parallelShare = observer.parallelShare
  }

  private func reconstruct(
    _ trainer: Trainer, _ floor: Floor, into measurement: inout Measurement
  ) {
    let access = NetworkAccess(
      trainer.network, batch: 512, presentation: file.experiment.dataset.split)
    let images = trainer.data.test
    let clock = ContinuousClock()
    for round in 0...rounds {
      let time = clock.measure { access.reconstruct(images) { _ in } }
      guard round > 0 else { continue }
      measurement.seconds.append(time.inSeconds)
      measurement.floor.append(floor.measure())
    }
  }
}

/// Collects the seconds of epochs, measures the floor between them, and profiles the last one.
private final class BenchObserver: TrainingObserver {
  private let rounds: Int
  private let floor: Floor
  private let profile = Profile()
  private var before: [Profile.Activity: Profile.Tally] = [:]
  private(set) var seconds: [Double] = []
  private(set) var floors: [Double] = []
  private(set) var split: [Measurement.Part] = []
  private(set) var allocations: Double?
  private(set) var regionsPerStep: Double?
  private(set) var parallelShare: Double?

  init(rounds: Int, _ floor: Floor) {
    self.rounds = rounds
    self.floor = floor
  }

  func observe(_ event: TrainingEvent, of trainer: Trainer) {
    guard case .epochEnded(let epoch) = event else { return }
    if epoch.epoch > rounds + 1 {
      split = parts(profile)
      allocations = profile.allocations.afterwards
      let counted = trainer.network.run.pool.countedRegions()
      regionsPerStep = Double(counted.regions) * Double(epoch.epoch) / Double(max(1, epoch.step))
      parallelShare = counted.seconds / max(epoch.seconds, 1e-9)
      return
    }
    if epoch.epoch > 1 {
      seconds.append(epoch.seconds)
      floors.append(floor.measure())
    }
    if epoch.epoch == rounds + 1 {
      trainer.profile = profile
      profile.charge(.starting)
      trainer.network.run.pool.countRegions()
    }
  }

  private func parts(_ profile: Profile) -> [Measurement.Part] {
    func part(_ name: String, _ activity: Profile.Activity) -> Measurement.Part {
      Measurement.Part(name: name, seconds: profile.tallies[activity]?.seconds ?? 0)
    }
    var parts = [
      part("gathering batches", .gatheringBatches), part("optimizer", .optimizer),
      part("other", .other),
    ]
    for line in OperationTimes.of(profile) {
      let place =
        line.place.path.isEmpty
        ? line.place.operation
        : "\(line.place.operation) \(line.place.path)"
      if line.forward > 0 { parts.append(.init(name: "\(place) forward", seconds: line.forward)) }
      if line.backward > 0 {
        parts.append(.init(name: "\(place) backward", seconds: line.backward))
      }
    }
    return parts.sorted { $0.seconds > $1.seconds }
  }
}
