import ExptFiles
import ExptTestSupport
import Testing

@testable import ExptRunFolder

@Suite("Checkpoints")
struct CheckpointTests {
  static func checkpoint(epoch: Int) -> Checkpoint {
    let values = (0..<6).map { Float(epoch) + Float($0) / 7 }
    return Checkpoint(
      position: TrainingPosition(epoch: epoch, batch: 0, step: epoch * 10),
      weights: [
        NamedTensor(name: "encoder.0.weight", shape: [2, 3], values: values),
        NamedTensor(name: "decoder.0.bias", shape: [1], values: [Float(epoch)]),
      ],
      tensors: [NamedTensor(name: "adam.m/encoder.0.weight", shape: [2, 3], values: values)],
      doubles: ["best": [1 / Double(epoch)]], integers: ["random": [.max, UInt64(epoch)]],
      notes: ["optimizer": "adam"])
  }

  private func store(_ folder: TemporaryFolder) throws -> CheckpointStore {
    let path = folder.file("checkpoints")
    try ExclusiveFolder.makeAll(path)
    return CheckpointStore(folder: path)
  }

  @Test func `read back whole as they were saved`() throws {
    let folder = TemporaryFolder()
    let store = try store(folder)
    let saved = Self.checkpoint(epoch: 3)
    try store.save(saved, asEpoch: true, isBest: true)
    for name: CheckpointStore.Name in [.last, .best, .epoch(3)] {
      var read = try store.load(name)
      read.weights.reverse()  // they come in order of their names
      #expect(read == saved)
      let (weights, position) = try store.loadWeights(name)
      #expect(weights == saved.weights.reversed() && position == saved.position)
    }
    let files = ["best", "epoch-0003", "last"].flatMap {
      [$0 + ".safetensors", $0 + ".state.safetensors"]
    }
    #expect(try FilePath.names(in: store.folder) == files)
  }

  @Test func `with an average have a file of it, which is made again where it is missing`() throws {
    let folder = TemporaryFolder()
    let store = try store(folder)
    for epoch in 1...3 {
      var saved = Self.checkpoint(epoch: epoch)
      saved.average = saved.weights.map {
        NamedTensor(name: $0.name, shape: $0.shape, values: $0.values.map { $0 / 2 })
      }
      try store.save(saved, asEpoch: true, isBest: epoch == 2, keeping: 2)
      #expect(try store.load(.last).average.count == 2)
    }
    let names = try FilePath.names(in: store.folder)
    #expect(
      names.filter { !$0.contains("state") } == [
        "best.ema.safetensors", "best.safetensors", "ema.safetensors",
        "epoch-0002.ema.safetensors", "epoch-0002.safetensors", "epoch-0003.ema.safetensors",
        "epoch-0003.safetensors", "last.safetensors",
      ])
    let (weights, position) = try store.loadWeights(.best, .average)
    #expect(weights.last?.values[0] == Self.checkpoint(epoch: 2).weights[0].values[0] / 2)
    #expect(position?.epoch == 2 && store.hasAverage(.best))
    try FilePath.remove(store.averageFile(.last))
    #expect(!store.hasAverage(.last))
    _ = try store.recover()
    #expect(store.hasAverage(.last))
    #expect(try FilePath.names(in: store.folder) == names)
  }

  @Test func `do not depend on the order of dictionaries`() {
    let bytes = Set((0..<20).map { _ in Self.checkpoint(epoch: 1).stateFile.bytes })
    #expect(bytes.count == 1)
  }

  @Test func `keep only as many epochs as asked, and last and best always`() throws {
    let folder = TemporaryFolder()
    let store = try store(folder)
    for epoch in [8, 9, 10, 11] {
      try store.save(
        Self.checkpoint(epoch: epoch), asEpoch: true, isBest: epoch == 8, keeping: 2)
    }
    #expect(store.epochs == [10, 11])
    #expect(try store.load(.best).position.epoch == 8)
    #expect(try store.load(.last).position.epoch == 11)
    let problem = #expect(throws: FileProblem.self) { try store.loadWeights(.epoch(8)) }
    #expect(
      problem?.message
        == "there is no such checkpoint; available: best, last, epoch-0010, epoch-0011.")
  }

  @Test func `damaged as last give way to the newest other one`() throws {
    let folder = TemporaryFolder()
    let store = try store(folder)
    #expect(try store.recover() == nil)
    for epoch in 1...3 {
      try store.save(Self.checkpoint(epoch: epoch), asEpoch: epoch == 2, isBest: epoch == 1)
    }
    #expect(try store.recover()?.from == .last)
    let bytes = try FileBytes.read(store.stateFile(.last))
    try AtomicFile.write(Array(bytes.dropLast()), to: store.stateFile(.last))
    let found = try store.recover()
    #expect(found?.from == .epoch(2) && found?.checkpoint.position.epoch == 2)
    for name: CheckpointStore.Name in [.epoch(2), .best] {
      try FilePath.remove(store.stateFile(name))
    }
    let problem = #expect(throws: FileProblem.self) { try store.recover() }
    #expect(problem?.code == .truncated)
  }

  @Test func `damaged are refused with the names of those that are whole`() throws {
    let folder = TemporaryFolder()
    let store = try store(folder)
    for epoch in 1...2 {
      try store.save(Self.checkpoint(epoch: epoch), asEpoch: true, isBest: epoch == 1)
    }
    var bytes = try FileBytes.read(store.weightsFile(.best))
    bytes[bytes.count - 2] ^= 1
    try AtomicFile.write(bytes, to: store.weightsFile(.best))
    let problem = #expect(throws: FileProblem.self) { try store.loadWeights(.best) }
    #expect(problem?.code == .checksum && problem?.path == store.weightsFile(.best))
    #expect(
      problem?.message.hasSuffix(
        "Undamaged, for --checkpoint: last, epoch-0001, epoch-0002.") == true)
    // The state beside it is whole, and makes it anew.
    _ = try store.recover()
    #expect(try store.loadWeights(.best).position?.epoch == 1)
  }

  @Test func `that are other safetensors files are refused`() throws {
    let folder = TemporaryFolder()
    let store = try store(folder)
    var file = Self.checkpoint(epoch: 1).stateFile
    file.metadata["expt.xxh64"] = nil
    file.add("odd", shape: [1], floats: [1])
    for other in [Safetensors(), file] {
      try other.write(to: store.stateFile(.last))
      let problem = #expect(throws: FileProblem.self) { try store.load(.last) }
      #expect(problem?.code == .malformed)
    }
  }

  @Test func `are named in several ways`() {
    typealias Name = CheckpointStore.Name
    #expect(Name("last") == .last && Name("best") == .best)
    #expect(Name("epoch-0010") == .epoch(10) && Name("10") == .epoch(10))
    #expect(Name("epoch-10") == nil && Name("-1") == nil && Name("x") == nil)
    #expect(Name.epoch(12_345).description == "epoch-12345")
  }
}
