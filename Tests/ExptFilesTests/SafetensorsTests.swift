import ExptTestSupport
import Testing

@testable import ExptFiles

@Suite("safetensors")
struct SafetensorsTests {
  static let sample: Safetensors = {
    var file = Safetensors(metadata: ["step": "12", "format": "pt"])
    file.add("bytes", shape: [3], uint8s: [1, 2, 3])
    file.add("weight", shape: [2, 3], floats: [1, -2.5, 0.375, .infinity, 0, -0.0])
    file.add("moments", shape: [2], doubles: [0.1, .pi])
    file.add("position", shape: [2], int64s: [-5, 7])
    file.add("stream", shape: [], uint64s: [.max])
    file.add("empty", shape: [0, 4], floats: [])
    return file
  }()

  private func file(_ header: String, data: Int) -> [UInt8] {
    LittleEndian.bytes([UInt64(header.utf8.count)]) + Array(header.utf8)
      + [UInt8](repeating: 0, count: data)
  }

  @Test func `read back as they were written`() throws {
    let folder = TemporaryFolder()
    try Self.sample.write(to: folder.file("a"))
    let read = try Safetensors.read(folder.file("a"))
    #expect(try FileBytes.read(folder.file("a")) == Self.sample.bytes)
    #expect(read.metadata == Self.sample.metadata)
    #expect(read["weight"]?.floats == [1, -2.5, 0.375, .infinity, 0, -0.0])
    #expect(read["weight"]?.shape == [2, 3])
    #expect(read["moments"]?.doubles == [0.1, .pi])
    #expect(read["position"]?.int64s == [-5, 7])
    #expect(read["stream"]?.uint64s == [.max])
    #expect(read["bytes"]?.bytes == [1, 2, 3])
    #expect(read["empty"]?.shape == [0, 4])
    #expect(read["weight"]?.doubles == nil)
  }

  @Test func `do not depend on the order of adding, and align every element`() throws {
    var reversed = Safetensors(metadata: Self.sample.metadata)
    for tensor in Self.sample.tensors.reversed() { reversed.add(tensor) }
    #expect(reversed.bytes == Self.sample.bytes)
    let length = Self.sample.bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    #expect(length % 8 == 0)
    let text = String(decoding: Self.sample.bytes[8..<8 + length], as: UTF8.self)
    #expect(
      text.hasPrefix(#"{"__metadata__":{"format":"pt","step":"12"},"moments":{"dtype":"F64""#))
  }

  @Test(arguments: [
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 7, "there are only 7"),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 9, "1 bytes at its end"),
    (#"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#, 8, "takes 12 bytes"),
    (#"{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#, 8, "impossible shape"),
    (
      #"{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}}"#, 8,
      "impossible"
    ),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#, 8, "no valid data_offsets"),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}"#, 8, "no valid data_offsets"),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,9]}}"#, 8, "no valid data_offsets"),
    (#"{"a":{"dtype":"F4","shape":[2],"data_offsets":[0,8]}}"#, 8, "type 'F4'"),
    (#"{"a":{"dtype":"F32","shape":2,"data_offsets":[0,8]}}"#, 8, "no valid shape"),
    (#"{"a":{"shape":[2],"data_offsets":[0,8]}}"#, 8, "no dtype"),
    (#"{"a":1}"#, 0, "no dtype"),
    (
      #"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"#
        + #""b":{"dtype":"U8","shape":[4],"data_offsets":[3,7]}}"#, 7, "'b' overlaps"
    ),
    (
      #"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"#
        + #""b":{"dtype":"U8","shape":[4],"data_offsets":[5,9]}}"#, 9, "'b' leaves a gap"
    ),
    (#"{"a":{},"a":{}}"#, 0, "appears twice"),
    (#"{"__metadata__":{"a":1}}"#, 0, "text to text"),
    (#"{"__metadata__":3}"#, 0, "text to text"),
    ("[]", 0, "not a JSON object"), (" {}", 0, "not a JSON object"),
  ])
  func `with a lying header are refused`(header: String, data: Int, part: String) {
    let problem = #expect(throws: FileProblem.self) {
      try Safetensors.parse(file(header, data: data), path: "a")
    }
    #expect(problem?.message.contains(part) == true, "\(String(describing: problem))")
  }

  @Test func `with an oversized header are refused before it is read`() {
    for length in [UInt64(100_000_001), .max, UInt64(1) << 63] {
      let problem = #expect(throws: FileProblem.self) {
        try Safetensors.parse(LittleEndian.bytes([length]) + Array("{}".utf8), path: "a")
      }
      #expect(problem?.code == .malformed)
    }
  }

  @Test func `sealed by a digest, a file with one bit changed is never read as another`() throws {
    var file = Safetensors(metadata: ["step": "12", "note.a": "b"])
    file.add("a.weight", shape: [2, 3], floats: [1, 2, 3, 4, 5, 6])
    file.add("b", shape: [2], doubles: [7, 8])
    let sealed = file.sealed
    let bytes = sealed.bytes
    #expect(try Safetensors.parse(bytes, path: "f") == Safetensors.parse(bytes, path: "f").sealed)
    for bit in 0..<bytes.count * 8 {
      var damaged = bytes
      damaged[bit / 8] ^= 1 << UInt8(bit % 8)
      guard let read = try? Safetensors.parse(damaged, path: "f") else { continue }
      // Only the digest's own name may change unnoticed, and its text is nowhere else.
      var metadata = read.metadata
      metadata = metadata.filter { $0.value != sealed.metadata[Safetensors.digestKey] }
      #expect(metadata == file.metadata, "bit \(bit)")
      for tensor in file.tensors { #expect(read[tensor.name] == tensor, "bit \(bit)") }
    }
  }

  @Test func `a digest does not depend on how the tensors lie in the file`() throws {
    var (one, other) = (Safetensors(metadata: ["k": "v"]), Safetensors(metadata: ["k": "v"]))
    one.add("a", shape: [1], floats: [1])
    one.add("b", shape: [1], floats: [2])
    other.add("b", shape: [1], floats: [2])
    other.add("a", shape: [1], floats: [1])
    #expect(one.sealed.metadata == other.sealed.metadata)
    other.add("c", shape: [0], floats: [])
    #expect(one.sealed.metadata != other.sealed.metadata)
  }

  @Test func `without tensors are files too`() throws {
    #expect(try Safetensors.parse(Safetensors().bytes, path: "a").tensors.isEmpty)
  }

  @Test func `cut short anywhere are refused`() throws {
    try expectTruncationRefused(Self.sample.bytes) { try Safetensors.parse($0, path: "a") }
  }

  @Test func `damaged anywhere are read or refused`() throws {
    try survivesMutations(Self.sample.bytes) { try Safetensors.parse($0, path: "a") }
  }

  @Test(.needs(.safetensors))
  func `open with the public Python library, and its files are read`() throws {
    let folder = TemporaryFolder()
    try Self.sample.write(to: folder.file("ours"))
    let program = """
      import sys, numpy as np
      from safetensors import safe_open
      from safetensors.numpy import load_file, save_file
      with safe_open(sys.argv[1], 'np') as f: print(sorted(f.metadata().items()))
      t = load_file(sys.argv[1])
      for k in sorted(t): print(k, t[k].dtype, t[k].shape, t[k].ravel().tolist())
      save_file(t, sys.argv[2], metadata={'step': '12', 'format': 'pt'})
      """
    let printed = try Python.run(program, [folder.file("ours"), folder.file("theirs")])
    #expect(
      printed == """
        [('format', 'pt'), ('step', '12')]
        bytes uint8 (3,) [1, 2, 3]
        empty float32 (0, 4) []
        moments float64 (2,) [0.1, 3.141592653589793]
        position int64 (2,) [-5, 7]
        stream uint64 () [18446744073709551615]
        weight float32 (2, 3) [1.0, -2.5, 0.375, inf, 0.0, -0.0]

        """)
    let theirs = try Safetensors.read(folder.file("theirs"))
    #expect(theirs.metadata == Self.sample.metadata)
    for tensor in Self.sample.tensors { #expect(theirs[tensor.name] == tensor) }
  }
}
