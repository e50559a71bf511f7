/// An experiment file, read and put together: what it `extends` below it, overrides on top.
public struct Document: Sendable {
  /// The experiment: always a mapping, without the key `extends`.
  public var root: Node
  /// The main file, byte for byte.
  public var text: [UInt8]
  /// The main file's path as given.
  public var file: String
  /// Every file read, the main one first, then those it extends in the order of reading.
  public var sources: [SourceFile]

  /// A file that took part in an experiment.
  public struct SourceFile: Sendable, Hashable {
    public var path: String
    public var bytes: [UInt8]

    public init(path: String, bytes: [UInt8]) {
      self.path = path
      self.bytes = bytes
    }
  }

  /// Reads an experiment file.
  ///
  /// `extends: base.yaml`, or a list of such paths, names files whose settings this one inherits;
  /// paths are relative to the file that says so. Of several bases the later wins, and the
  /// extending file wins over all of them. Mappings are merged key by key; a scalar or list
  /// replaces; a mapping whose `type` differs from the base's replaces the whole component.
  ///
  /// - Parameter overrides: Applied in order, so that later ones win.
  /// - Throws: All mistakes found in all the files, and in the overrides.
  public static func load(
    path: String, overrides: [Override] = []
  ) throws(Diagnostics) -> Document {
    let contents: (bytes: [UInt8], identity: FileReader.Identity)
    do { contents = try FileReader.contents(ofFile: path) } catch { throw Diagnostics(error) }
    var loader = DocumentLoader()
    loader.read(contents.bytes, path: path, identity: contents.identity)
    return try loader.document(contents.bytes, file: path, overrides: overrides)
  }

  /// Reads an experiment from bytes, as if they were the content of `file`.
  public static func parse(
    bytes: [UInt8], file: String = "experiment.yaml", overrides: [Override] = []
  ) throws(Diagnostics) -> Document {
    guard bytes.count <= Limits.bytes else {
      throw Diagnostics(
        .error(
          .fileTooLarge,
          "\(Diagnostic.quote(path: file)) has \(bytes.count) bytes; an experiment file may have \(Limits.bytes) (1 MiB)"
        ))
    }
    var loader = DocumentLoader()
    loader.read(bytes, path: file, identity: nil)
    return try loader.document(bytes, file: file, overrides: overrides)
  }

  /// Reads an experiment from text, as if it were the content of `file`.
  public static func parse(
    _ text: String, file: String = "experiment.yaml", overrides: [Override] = []
  ) throws(Diagnostics) -> Document {
    try parse(bytes: Array(text.utf8), file: file, overrides: overrides)
  }

  /// An experiment that stands as a mapping inside another file, such as a sweep; what it extends
  /// is relative to that file.
  public static func inside(
    _ mapping: Node, file: String, overrides: [Override] = []
  ) throws(Diagnostics) -> Document {
    var loader = DocumentLoader()
    loader.take(mapping, path: file)
    return try loader.document([], file: file, overrides: overrides)
  }

  /// The same experiment with more overrides on top.
  ///
  /// - Throws: Every override whose path leads nowhere.
  public func applying(_ overrides: [Override]) throws(Diagnostics) -> Document {
    var changed = self
    var problems = Diagnostics()
    for override in overrides {
      do { try override.apply(to: &changed.root) } catch { problems.append(error) }
    }
    try problems.throwErrors()
    return changed
  }
}
