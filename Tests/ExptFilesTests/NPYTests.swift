import ExptTestSupport
import Testing

@testable import ExptFiles

@Suite("NumPy arrays")
struct NPYTests {
  static let samples: [NPYArray] = [
    NPYArray(shape: [2, 3], floats: [1, -2, 0.5, .infinity, 0, 3]),
    NPYArray(shape: [2], doubles: [0.1, -1e300]),
    NPYArray(shape: [3], int64s: [-1, 2, .max]),
    NPYArray(shape: [1, 2, 2], uint8s: [0, 1, 2, 255]),
    NPYArray(shape: [], floats: [7]),
    NPYArray(shape: [0, 5], floats: []),
    NPYArray(type: .bool, shape: [2], bytes: [1, 0]),
  ]

  private func file(_ header: String, version: UInt8 = 1, data: [UInt8]) -> [UInt8] {
    let size = UInt32(header.utf8.count)
    let length = version == 1 ? LittleEndian.bytes([UInt16(size)]) : LittleEndian.bytes([size])
    return [0x93] + Array("NUMPY".utf8) + [version, 0] + length + Array(header.utf8) + data
  }

  @Test(arguments: samples)
  func `read back as they were written`(array: NPYArray) throws {
    #expect(try NPYArray.parse(array.fileBytes, path: "a") == array)
    #expect(array.fileBytes.count == 128 + array.bytes.count)
  }

  @Test func `in Fortran order and big-endian are turned around`() throws {
    let header = "{'descr': '>i2', 'fortran_order': True, 'shape': (2, 3)}\n"
    // The matrix [[1, 2, 3], [4, 5, 6]] column by column.
    let data: [UInt8] = [0, 1, 0, 4, 0, 2, 0, 5, 0, 3, 0, 6]
    for version: UInt8 in 1...3 {
      let array = try NPYArray.parse(file(header, version: version, data: data), path: "a")
      #expect(array.integers == [1, 2, 3, 4, 5, 6])
      #expect(array.shape == [2, 3])
    }
  }

  @Test func `convert to Float, Double and Int as their types allow`() {
    let bytes = NPYArray(shape: [2], uint8s: [3, 255])
    #expect(bytes.floats == [3, 255] && bytes.doubles == [3, 255] && bytes.integers == [3, 255])
    let huge = NPYArray(type: .u64, shape: [1], bytes: [UInt8](repeating: 255, count: 8))
    #expect(huge.integers == nil && huge.doubles == [0x1p64])
    #expect(NPYArray(shape: [1], doubles: [0.1]).floats == [0.1])
    #expect(NPYArray(shape: [1], doubles: [0.1]).integers == nil)
  }

  @Test func `of half precision hold the numbers that their bits mean`() {
    let halves: [(bits: UInt16, value: Float)] = [
      (0x0000, 0), (0x3c00, 1), (0xc000, -2), (0x3555, 0.333251953125), (0x7bff, 65_504),
      (0x0001, 0x1p-24), (0x03ff, 0x1.ff8p-15), (0x0400, 0x1p-14), (0x7c00, .infinity),
      (0xfc00, -.infinity),
    ]
    let array = NPYArray(
      type: .f16, shape: [halves.count], bytes: LittleEndian.bytes(halves.map(\.bits)))
    #expect(array.floats == halves.map(\.value))
    #expect(array.doubles == halves.map { Double($0.value) })
    #expect(array.integers == nil)
    let nan = NPYArray(type: .f16, shape: [1], bytes: [1, 0x7c])
    #expect(nan.floats[0].isNaN)
  }

  @Test func `of an archive are unpacked one by one, whatever lies beside them`() throws {
    let folder = TemporaryFolder()
    var zip = ZipWriter(path: "a.npz")
    let kinds = [
      ("objects", "|O", "Python objects (pickled)"), ("names", "<U5", "text"),
      ("days", "<M8[D]", "dates"), ("waves", "<c16", "complex numbers"),
    ]
    for (name, type, _) in kinds {
      let header = "{'descr': '\(type)', 'fortran_order': False, 'shape': (1,)}\n"
      try zip.add(name + ".npy", file(header, data: [1, 2, 3]), deflated: true)
    }
    let records =
      "{'descr': [('a', '<f4'), ('b', '[]', (2,))], 'fortran_order': False, 'shape': (1,)}\n"
    try zip.add("records.npy", file(records, data: []), deflated: false)
    try zip.add("bad.npy", [1, 2, 3], deflated: false)
    try zip.add("images.npy", Self.samples[3].fileBytes, deflated: true)
    try AtomicFile.write(zip.finish(), to: folder.file("a.npz"))
    let archive = try NPZArchive(folder.file("a.npz"))
    #expect(try archive.array("images") == Self.samples[3])
    #expect(try archive.shape("images") == [1, 2, 2])
    #expect(try archive.array("absent") == nil)
    for (name, _, kind) in kinds + [("records", "", "records")] {
      let problem = #expect(throws: FileProblem.self) { try archive.array(name) }
      #expect(problem?.code == .unsupported)
      #expect(problem?.message.contains(kind) == true)
      #expect(archive.content.contains("\(name) (\(kind))"))
    }
    #expect(archive.content.hasSuffix("bad (damaged), images [1, 2, 2]"))
  }

  @Test(arguments: [
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}", "and only 8 bytes follow"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", "more bytes follow"),
    (
      "{'descr': '<f4', 'fortran_order': False, 'shape': (9999999999, 9999999999)}",
      "and only 8 bytes"
    ),
    ("{'descr': '<c8', 'fortran_order': False, 'shape': (1,)}", "complex numbers"),
    ("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", "holds records"),
    ("{'descr': '<f4', 'fortran_order': False}", "has not all of"),
    ("{'descr': '<f4', 'fortran_order': 0, 'shape': (2,)}", "has no True or False"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}", "no valid shape"),
    ("{'descr': '<f4', 'x': False, 'shape': (2,)}", "unknown key 'x'"),
    ("{'descr': '<f4", "ends inside a quoted text"), ("", "has no '{'"),
  ])
  func `with a lying header are refused`(header: String, part: String) {
    let problem = #expect(throws: FileProblem.self) {
      try NPYArray.parse(file(header, data: [UInt8](repeating: 0, count: 8)), path: "a")
    }
    #expect(problem?.message.contains(part) == true, "\(String(describing: problem))")
  }

  /// As in NumPy, which refuses a shape whose other sizes alone are too many.
  @Test func `empty in one dimension may be large in the others, and not beyond Int`() throws {
    func array(_ shape: String) throws -> NPYArray {
      let header = "{'descr': '>f4', 'fortran_order': True, 'shape': \(shape)}"
      return try NPYArray.parse(file(header, data: []), path: "a")
    }
    #expect(try array("(9999999999, 0)").floats.isEmpty)
    #expect(throws: FileProblem.self) { try array("(9999999999, 9999999999, 0)") }
    #expect(throws: FileProblem.self) { try array("(0, 99999999999999999999)") }
  }

  @Test func `cut short or damaged are read or refused`() throws {
    let bytes = Self.samples[0].fileBytes
    try expectTruncationRefused(bytes) { try NPYArray.parse($0, path: "a") }
    try survivesMutations(bytes, rounds: 10_000) { try NPYArray.parse($0, path: "a") }
    let fortran = file(
      "{'descr': '>i2', 'fortran_order': True, 'shape': (2, 3)}",
      data: [UInt8](repeating: 1, count: 12))
    try survivesMutations(fortran, rounds: 10_000) { try NPYArray.parse($0, path: "a") }
  }

  @Test func `in an archive read back as they were written, in order`() throws {
    let arrays = Self.samples.enumerated().map { (name: "a\($0.offset)", array: $0.element) }
    for compressed in [false, true] {
      let bytes = try NPZ.bytes(of: arrays, path: "a.npz", compressed: compressed)
      let read = try NPZ.parse(bytes, path: "a.npz")
      #expect(read.map(\.name) == arrays.map(\.name))
      #expect(read.map(\.array) == arrays.map(\.array))
    }
  }

  @Test func `of an archive are counted together against the limit`() throws {
    let one = NPYArray(shape: [1000], floats: [Float](repeating: 0, count: 1000))
    let bytes = try NPZ.bytes(of: [("a", one), ("b", one)], path: "a.npz", compressed: true)
    #expect(try NPZ.parse(bytes, path: "a.npz", limit: 9000).count == 2)
    #expect(throws: FileProblem.self) { try NPZ.parse(bytes, path: "a.npz", limit: 8000) }
  }

  @Test(.needs(.numPy))
  func `open with numpy.load, and its files are read`() throws {
    let folder = TemporaryFolder()
    let arrays = Self.samples.enumerated().map { (name: "a\($0.offset)", array: $0.element) }
    try NPZ.write(arrays, to: folder.file("ours.npz"), compressed: true)
    try Self.samples[0].write(to: folder.file("ours.npy"))
    let program = """
      import sys, numpy as np
      print(np.load(sys.argv[1] + '/ours.npy').tolist())
      z = np.load(sys.argv[1] + '/ours.npz', allow_pickle=False)
      for k in z.files: print(k, z[k].dtype, z[k].shape, z[k].tolist())
      x = np.arange(24).reshape(2, 3, 4)
      kinds = {t: x.astype(t) for t in ['<f2', '>f2', 'u1', '<u2', '>u4', '<u8', 'i1', '>i2', '<i4', '>i8', '<f4', '>f8']}
      kinds.update({'F' + t: np.asfortranarray(kinds[t]) for t in ['u1', '>i8', '<f4']})
      np.savez(sys.argv[1] + '/theirs.npz', **kinds)
      np.savez_compressed(sys.argv[1] + '/packed.npz', **kinds)
      """
    let printed = try Python.run(program, [folder.path])
    #expect(
      printed == """
        [[1.0, -2.0, 0.5], [inf, 0.0, 3.0]]
        a0 float32 (2, 3) [[1.0, -2.0, 0.5], [inf, 0.0, 3.0]]
        a1 float64 (2,) [0.1, -1e+300]
        a2 int64 (3,) [-1, 2, 9223372036854775807]
        a3 uint8 (1, 2, 2) [[[0, 1], [2, 255]]]
        a4 float32 () 7.0
        a5 float32 (0, 5) []
        a6 bool (2,) [True, False]

        """)
    for name in ["theirs.npz", "packed.npz"] {
      let read = try NPZ.read(folder.file(name))
      #expect(read.count == 15)
      for (name, array) in read {
        #expect(array.shape == [2, 3, 4], "\(name)")
        #expect(array.doubles == (0..<24).map { Double($0) }, "\(name)")
      }
    }
  }
}
