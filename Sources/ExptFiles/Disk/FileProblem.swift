/// What went wrong with one file: a sentence that says what, where, and what to do.
///
/// `description` is `path: message`, ready to print after `error: `.
public struct FileProblem: Error, Sendable, Hashable, CustomStringConvertible {
  /// A stable name for the kind of problem, for tools and tests.
  public struct Code: Sendable, Hashable, CustomStringConvertible {
    public let name: String
    private init(_ name: String) { self.name = name }
    public var description: String { name }

    /// There is no such file or folder.
    public static let missing = Code("missing")
    /// The system refused to read it, or it is not a plain file.
    public static let unreadable = Code("unreadable")
    /// The system refused to write it (full disk, no permission, …).
    public static let unwritable = Code("unwritable")
    /// Something is already there, or another process holds it.
    public static let taken = Code("taken")
    /// It ends before its own header says that it should.
    public static let truncated = Code("truncated")
    /// It breaks the rules of its format.
    public static let malformed = Code("malformed")
    /// It is well formed, but of a kind that is not read here.
    public static let unsupported = Code("unsupported")
    /// It is larger than the caller allows.
    public static let tooLarge = Code("too_large")
    /// A checksum inside or beside the file disagrees with its bytes.
    public static let checksum = Code("checksum")
  }

  public var code: Code
  /// One sentence: what is wrong, and what to do about it if that is known. What of the file could steer a
  /// terminal is written out, such as `\u{1B}`.
  public var message: String
  public var path: String
  /// The byte at which the mistake was seen, counted from 0, where there is such a place.
  public var offset: Int?

  public init(_ code: Code, _ message: String, path: String, offset: Int? = nil) {
    self.code = code
    self.message = message.printable
    self.path = path
    self.offset = offset
  }

  /// Whether the file was read and is not as it was written.
  public var isDamage: Bool {
    [.truncated, .malformed, .unsupported, .checksum].contains(code)
  }

  public var description: String {
    let place = offset.map { " (at byte \($0))" } ?? ""
    return "\(path): \(message)\(place)"
  }
}
