import ExptFiles

/// What kept pictures were made of: `<base>.files.npy`, i8 [files, 6] of stamps and digests, and
/// `<base>.json`, which is written last.
struct ImageCacheRecord: Sendable {
  /// The path without an ending.
  let base: String
  /// When the stamps were taken, in nanoseconds since 1970.
  var moment: Int64
  var stamps: [FileStamp]
  /// XXH64 of each file.
  let digests: [UInt64]
  /// XXH64 of the pixels.
  let pixels: UInt64
  let findings: ImageFindings

  init(
    base: String, moment: Int64, stamps: [FileStamp], digests: [UInt64], pixels: UInt64,
    findings: ImageFindings
  ) {
    (self.base, self.moment, self.stamps) = (base, moment, stamps)
    (self.digests, self.pixels, self.findings) = (digests, pixels, findings)
  }

  static func key(of digests: [UInt64]) -> String {
    var digest = SHA256()
    digest.update(Array(digests.map { "\($0)" }.joined(separator: "\n").utf8))
    return String(digest.hex.prefix(32))
  }

  /// Whether the files are surely those that the pictures were made of.
  func isCurrent(_ stamps: [FileStamp]) -> Bool {
    stamps == self.stamps && stamps.allSatisfy { $0.isSettled(at: moment) }
  }

  func write() throws(FileProblem) {
    var values: [Int64] = []
    values.reserveCapacity(stamps.count * 6)
    for (stamp, digest) in zip(stamps, digests) {
      values += [
        stamp.size, stamp.modified, stamp.changed, stamp.inode, stamp.device,
        Int64(bitPattern: digest),
      ]
    }
    let table = NPYArray(shape: [stamps.count, 6], int64s: values)
    try table.write(to: base + ".files.npy")
    let odd = findings.odd.map { odd in
      JSONValue.array([JSONValue(odd.index), .string(odd.oddity)])
    }
    let unreadable = findings.unreadable.map { file in
      JSONValue.array([
        JSONValue(file.index), .string(file.problem.message),
        file.problem.offset.map { JSONValue($0) } ?? .null,
      ])
    }
    let json: JSONValue = [
      "moment": JSONValue(moment), "pixels": JSONValue(pixels),
      "files": JSONValue(XXH64.number(of: table.bytes)),
      "transparent": JSONValue(findings.transparent), "odd": .array(odd),
      "unreadable": .array(unreadable),
    ]
    try AtomicFile.write(json.pretty, to: base + ".json")
  }

  /// - Throws: What is wrong with the record, or that it is of other files.
  init(_ base: String, _ pictures: ImageFolder) throws(FileProblem) {
    let path = base + ".json"
    let json = try JSONValue.parse(FileBytes.read(path), path: path)
    let table = try NPYArray.read(base + ".files.npy")
    let count = pictures.files.count
    guard let moment = json["moment"]?.int, let pixels = json["pixels"]?.uint64,
      let transparent = json["transparent"]?.int, let odd = json["odd"]?.array,
      let unreadable = json["unreadable"]?.array, table.type == .i64, table.shape == [count, 6],
      json["files"]?.uint64 == XXH64.number(of: table.bytes), let values = table.integers
    else { throw FileProblem(.malformed, "this is not a record of decoded pictures.", path: path) }
    (self.base, self.moment, self.pixels) = (base, Int64(moment), pixels)
    let rows = (0..<count).map { values[$0 * 6..<($0 + 1) * 6].map { Int64($0) } }
    stamps = rows.map {
      FileStamp(size: $0[0], modified: $0[1], changed: $0[2], inode: $0[3], device: $0[4])
    }
    digests = rows.map { UInt64(bitPattern: $0[5]) }
    var findings = ImageFindings()
    findings.transparent = transparent
    for entry in odd {
      guard let parts = entry.array, parts.count == 2, let index = parts[0].int,
        (0..<count).contains(index), let oddity = parts[1].string
      else { throw FileProblem(.malformed, "an oddity in it makes no sense.", path: path) }
      findings.odd.append(ImageFindings.Odd(index: index, oddity: oddity))
    }
    for entry in unreadable {
      guard let parts = entry.array, parts.count == 3, let index = parts[0].int,
        (0..<count).contains(index), let message = parts[1].string
      else { throw FileProblem(.malformed, "a file in it makes no sense.", path: path) }
      let file = pictures.files[index]
      findings.add(
        FileProblem(.malformed, message, path: file.path, offset: parts[2].int), at: index)
    }
    self.findings = findings
  }
}
