import ExptComponents
import ExptData
import ExptTensor
import ExptTestSupport
import Foundation
import Testing

@testable import ExptBuiltins
@testable import ExptFiles

/// Files broken at random, read as the datasets read them. `EXPT_FUZZ=100000` breaks that many of each kind
/// instead of the short default, and prints what became of them.
@Suite("A broken file")
struct FuzzedFileTests {
  static let wanted = ProcessInfo.processInfo.environment["EXPT_FUZZ"].flatMap(Int.init)

  @Test(arguments: FuzzedKind.all)
  func `is read, or refused in a sentence`(_ kind: FuzzedKind) throws { try fuzz(kind) }

  @Test(.needs(.turboJPEG)) func `of JPEG is read, or refused in a sentence`() throws {
    try fuzz(.jpeg)
  }

  private func fuzz(_ kind: FuzzedKind) throws {
    let folder = TemporaryFolder()
    let clock = ContinuousClock()
    let (start, count) = (clock.now, Self.wanted ?? 300)
    var refused = 0
    var slowest = (time: Duration.zero, seed: UInt64(0))
    for seed in 0..<UInt64(count) {
      let began = clock.now
      do { try kind.read(kind.broken(seed), seed, folder) } catch {
        refused += 1
        Self.check("\(error)", error is DataProblem || error is FileProblem, "seed \(seed)")
      }
      let time = clock.now - began
      if time > slowest.time { slowest = (time, seed) }
    }
    // Some of either, or it is not the readers that are tested.
    #expect(refused > 0 && refused < count)
    if Self.wanted != nil {
      print(
        "\(kind): \(count) broken files, \(refused) refused, \(count - refused) read, in "
          + "\(clock.now - start); the slowest \(slowest.time), of seed \(slowest.seed)")
    }
  }

  private static func check(_ sentence: String, _ isOurs: Bool, _ place: String) {
    let unsafe = sentence.unicodeScalars.first { $0.isUnsafeToPrint && $0 != "\n" }
    #expect(isOurs && sentence.count > 10, "\(place): \(sentence)")
    #expect(unsafe == nil, "\(place): \(sentence.debugDescription)")
  }
}

/// A kind of file, whole ones of it, and how it is read.
struct FuzzedKind: Sendable, CustomTestStringConvertible, CustomStringConvertible {
  let description: String
  var testDescription: String { description }
  private let mutation: Mutation
  /// What is to be done to what was broken: wrong checksums would hide all else.
  private let finish: @Sendable ([UInt8]) throws -> [UInt8]
  /// The seed says with which settings.
  let read: @Sendable ([UInt8], UInt64, TemporaryFolder) throws -> Void

  private init(
    _ description: String, _ seeds: [[UInt8]], chunks: [[UInt8]],
    finish: @escaping @Sendable ([UInt8]) throws -> [UInt8] = { $0 },
    read: @escaping @Sendable ([UInt8], UInt64, TemporaryFolder) throws -> Void
  ) {
    self.description = description
    mutation = Mutation(of: seeds, chunks: chunks)
    (self.finish, self.read) = (finish, read)
  }

  func broken(_ seed: UInt64) throws -> [UInt8] {
    let bytes = mutation.broken(seed)
    return seed % 4 == 0 ? bytes : try finish(bytes)
  }

  /// Those that need no library.
  static let all = [csv, npy, npz, png, pnm, idx, safetensors, pickle, list]

  static let jpeg = FuzzedKind(
    "JPEG", (JPEGFixture.all + [.printing]).map(\.bytes),
    chunks: [0xc0, 0xc2, 0xc4, 0xda, 0xdb, 0xdd, 0xe0, 0xe1, 0xee, 0xd9].map { [0xff, $0] },
    read: { try readPicture($0, "a.jpg", $1, $2) })

  static let png = FuzzedKind(
    "PNG",
    [
      PNG.bytes(of: picture(1)), PNG.bytes(of: picture(3)),
      PNG.bytes(of: picture(3), compressed: false),
    ],
    chunks: ["IHDR", "IDAT", "IEND"].map { Array($0.utf8) }, finish: withPNGChecksums,
    read: { try readPicture($0, "a.png", $1, $2) })

  static let pnm = FuzzedKind(
    "PGM and PPM",
    [
      Array("P5 # grey\n5 4\n255\n".utf8) + Array(0..<20), Array("P2\n2 2\n9\n0 3\n6 9\n".utf8),
      Array("P6\n2 2\n255\n".utf8) + Array(0..<12), Array("P5\n2 2\n999\n".utf8) + Array(0..<8),
      Array("P3\n1 2\n255\n0 1 2\n3 4 255\n".utf8),
    ], chunks: [Array("\n".utf8), Array(" ".utf8)], read: { try readPicture($0, "a.pgm", $1, $2) })

  private static func picture(_ channels: Int) -> Image8 {
    Image8(
      width: 7, height: 6, channels: channels,
      samples: (0..<42 * channels).map { UInt8($0 * 37 % 256) })
  }

  private static func readPicture(
    _ bytes: [UInt8], _ name: String, _ seed: UInt64, _ folder: TemporaryFolder
  ) throws {
    try folder.write(bytes, to: "pictures/\(name)")
    var images = Images()
    (images.path, images.cache) = ("pictures", .none)
    images.channels = [.asFirst, .grey, .rgb][Int(seed % 3)]
    images.size = seed % 2 == 0 ? 6 : nil
    try use(images, folder)
  }

  static let csv = FuzzedKind(
    "CSV",
    [
      """
      id,kind,len,depth,site,n,ok
      a1,x,39.1,18,Dream,0,yes
      a2,y,39.5,,Torgersen,3,no
      a3,x,NA,18.25,Biscoe,7,yes
      a4,z,-40.25,19.5,"Dream, west",1,yes
      a5,y,3.675e1,20,Dream,12,NA
      a6,x,39.0,17,Biscoe,0,no

      """,
      "time;len;\"a \"\"b\"\"\"\r\n2026-01-31 12:00;1,5;2\r\n2026-02-01;2,5;3\r\n2026-02-02;3;1\r\n",
      "1\t2\t3\n4\t5\t6.5\n\n7\t8\t9.25\n0\t1\t2\n", "\u{feff}len|é漢\n1|x\n2|y\n3|x\n",
    ].map { Array($0.utf8) },
    chunks: ["\n", ",", ";", "\t", "|", "\""].map { Array($0.utf8) },
    read: { bytes, seed, folder in
      let name = seed % 16 == 0 ? "t.csv.gz" : "t.csv"
      try folder.write(seed % 16 == 0 ? Gzip.deflate(bytes) : bytes, to: name)
      var table = CSVDataset()
      table.path = WrittenPath(name)
      switch seed % 5 {
      case 1: (table.labels, table.factors, table.ignore) = ("kind", ["n"], ["id"])
      case 2: table.window = 2
      case 3: (table.time, table.decimal) = ("time", .comma)
      case 4: (table.numeric, table.heldOut.test) = (["len"], 1)
      default: break
      }
      try use(table, folder)
      _ = try table.cells(of: table.load(.offline(folder)).train, .offline(folder)).cell(0, 0)
    })

  /// Read in blocks while it is used, and, each fourth one, whole.
  static let npy = FuzzedKind(
    "npy", arrays.map(\.fileBytes),
    chunks: ["{", "'descr'", "'fortran_order'", "'shape'", ",", "(", "}", "\n"]
      .map { Array($0.utf8) },
    read: { bytes, seed, folder in
      try folder.write(bytes, to: "x.npy")
      var dataset = NPYDataset()
      dataset.images = "x.npy"
      if seed % 4 != 1 { dataset.streaming.memory = .bytes(64) }
      if seed % 3 == 0 { dataset.streaming.block = 2 }
      dataset.reading.standardize = seed % 5 == 0
      try use(dataset, folder)
    })

  static let npz = FuzzedKind(
    "npz",
    [false, true].compactMap {
      try? NPZ.bytes(
        of: [("images", arrays[0]), ("labels", NPYArray(shape: [8], int64s: Array(0..<8)))],
        path: "x.npz", compressed: $0)
    } + arrays.map(\.fileBytes),
    chunks: [Array("PK".utf8), Array("'".utf8)],
    // A broken array in a whole archive.
    finish: { bytes in
      guard bytes.starts(with: [0x93]) else { return bytes }
      var zip = ZipWriter(path: "x.npz")
      try zip.add("images.npy", bytes)
      return zip.finish()
    },
    read: { bytes, seed, folder in
      try folder.write(bytes, to: "x.npz")
      var dataset = NPZDataset()
      dataset.path = "x.npz"
      try use(dataset, folder)
    })

  private static let arrays = [
    NPYArray(shape: [8, 2, 3], uint8s: (0..<48).map { UInt8($0 * 5) }),
    NPYArray(shape: [8, 4], floats: (0..<32).map { Float($0) }),
    NPYArray(shape: [6, 3, 2, 2], doubles: (0..<72).map { Double($0) / 100 }),
    NPYArray(shape: [4, 2, 2, 3], int64s: (0..<48).map { Int64($0) }),
    NPYArray(type: .bool, shape: [5, 2, 2], bytes: (0..<20).map { $0 % 2 }),
    NPYArray(type: .f16, shape: [5, 4], bytes: (0..<40).map { UInt8($0) }),
  ]

  static let idx = FuzzedKind(
    "IDX",
    [
      IDX(shape: [6, 2, 3], values: Array(0..<36)).bytes,
      IDX(shape: [6, 3], type: .f32, values: [UInt8](repeating: 0x3c, count: 72)).bytes,
    ], chunks: [[0, 0]],
    finish: { $0.count % 2 == 0 ? Gzip.deflate($0) : $0 },
    read: { bytes, seed, folder in
      try folder.write(bytes, to: "x.idx")
      var dataset = IDXDataset()
      dataset.images = "x.idx"
      try use(dataset, folder)
    })

  static let safetensors = FuzzedKind(
    "safetensors",
    [
      {
        var file = Safetensors()
        file.add("a.weight", shape: [2, 3], floats: [1, 2, 3, 4, 5, 6])
        file.add("b", shape: [2], floats: [7, 8])
        return file.sealed.bytes
      }()
    ], chunks: ["{", "}", ",", "\"", "["].map { Array($0.utf8) },
    read: { bytes, _, _ in _ = try Safetensors.parse(bytes, path: "a.safetensors") })

  static let pickle = FuzzedKind(
    "pickle", [pickled], chunks: [[0x8c], [0x94], [0x28], [0x71], [0x68]],
    read: { bytes, _, _ in _ = try CIFAR10Batches.parsePython(bytes, path: "data_batch_1") })

  /// A batch of one image of CIFAR-10 as Python 2 pickled it.
  private static let pickled: [UInt8] = {
    func text(_ text: String) -> [UInt8] { [0x55, UInt8(text.utf8.count)] + Array(text.utf8) }
    var bytes: [UInt8] = [0x80, 2] + Array("}q\u{1}(".utf8) + text("data")
    bytes += Array("cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0".utf8) + [0x85]
    bytes += text("b") + [0x87] + Array("Rq\u{8}(K\u{1}K\u{1}M".utf8) + [0, 12, 0x86]
    bytes += Array("cnumpy\ndtype\n".utf8) + text("u1") + Array("K\0K\u{1}".utf8) + [0x87]
    bytes += Array("R(K\u{3}".utf8) + text("|") + Array("NNNJ".utf8) + [255, 255, 255, 255]
    bytes += Array("J".utf8) + [255, 255, 255, 255] + Array("K\0tb".utf8) + [0x89]
    bytes += Array("T".utf8) + [0, 12, 0, 0] + [UInt8](repeating: 7, count: 3072)
    return bytes + Array("tb".utf8) + text("labels") + Array("]q\u{9}(K\u{3}eu.".utf8)
  }()

  /// A table of labels beside pictures.
  static let list = FuzzedKind(
    "table of labels",
    ["file,label,split,age\na.pgm,cat,train,3\nb.pgm,dog,test,4.5\n"]
      .map { Array($0.utf8) }, chunks: ["\n", ","].map { Array($0.utf8) },
    read: { bytes, seed, folder in
      for name in ["a", "b"] {
        try folder.write(Array("P5\n1 1\n255\n".utf8) + [9], to: "few/\(name).pgm")
      }
      try folder.write(bytes, to: "labels.csv")
      var images = Images()
      (images.path, images.labels, images.cache) = ("few", "labels.csv", .none)
      if seed % 2 == 0 { images.partsFile = "labels.csv" }
      if seed % 3 == 0 { images.onError = .skip }
      try use(images, folder)
    })

  /// What a run does with a dataset before it trains: shape, counts, parts, and all values.
  private static func use(_ dataset: any Dataset, _ folder: TemporaryFolder) throws {
    let environment = DataEnvironment.offline(folder)
    _ = try dataset.imageShape(environment)
    _ = try dataset.counts(environment)
    _ = try dataset.annotationFacts(environment)
    let data = try dataset.load(environment)
    let splits = try DataSplits(data, dataset.split, standardizes: dataset.standardizes)
    _ = splits.images.values + splits.test.values
    try splits.images.checkRead()
  }

  /// The chunks' checksums made right.
  private static func withPNGChecksums(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    var place = 8
    while place + 12 <= bytes.count {
      let size = bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
      let end = place + 8 + size
      guard end + 4 <= bytes.count else { break }
      let checksum = Zlib.crc32(bytes[place + 4..<end])
      for byte in 0..<4 {
        bytes[end + byte] = UInt8(truncatingIfNeeded: checksum >> UInt32(24 - 8 * byte))
      }
      place = end + 4
    }
    return bytes
  }
}
