/// One thing to say about an experiment file: what is wrong, where, and what to write instead.
///
///     Diagnostic.error(
///       .unknownKey, "beta_vae has no setting 'bta'", at: entry.keySpan, help: "did you mean 'beta'?")
public struct Diagnostic: Error, Sendable, Hashable {
  public enum Severity: String, Sendable {
    case error, warning
  }

  /// The kind of mistake, stable for tools and tests. Other modules add their own with
  /// `extension Diagnostic.Code { static let … }`.
  public struct Code: RawRepresentable, Sendable, Hashable {
    public var rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    public init(_ rawValue: String) { self.rawValue = rawValue }
  }

  public var severity: Severity
  public var code: Code
  /// One sentence without a full stop, quoting the value as the user wrote it.
  public var message: String
  /// What to write instead.
  public var help: String?
  public var span: SourceSpan?

  public init(
    severity: Severity, code: Code, message: String, help: String? = nil, span: SourceSpan? = nil
  ) {
    self.severity = severity
    self.code = code
    self.message = message
    self.help = help
    self.span = span
  }

  public static func error(
    _ code: Code, _ message: String, at span: SourceSpan? = nil, help: String? = nil
  ) -> Self {
    Self(severity: .error, code: code, message: message, help: help, span: span)
  }

  public static func warning(
    _ code: Code, _ message: String, at span: SourceSpan? = nil, help: String? = nil
  ) -> Self {
    Self(severity: .warning, code: code, message: message, help: help, span: span)
  }
}

extension Diagnostic.Code {
  // The file.
  public static let fileNotFound = Self("file-not-found")
  public static let fileUnreadable = Self("file-unreadable")
  public static let fileTooLarge = Self("file-too-large")
  public static let encoding = Self("encoding")
  // The YAML.
  public static let syntax = Self("syntax")
  public static let emptyDocument = Self("empty-document")
  public static let severalDocuments = Self("several-documents")
  public static let notAMapping = Self("not-a-mapping")
  public static let duplicateKey = Self("duplicate-key")
  public static let keyNotText = Self("key-not-text")
  public static let tag = Self("tag")
  public static let alias = Self("alias")
  public static let mergeKey = Self("merge-key")
  public static let lookalike = Self("lookalike")
  public static let tooLarge = Self("too-large")
  public static let tooDeep = Self("too-deep")
  // Inheritance and overrides.
  public static let extends = Self("extends")
  public static let override = Self("override")
  // What the readers of a document report.
  public static let unknownKey = Self("unknown-key")
  public static let missingKey = Self("missing-key")
  public static let wrongType = Self("wrong-type")
  public static let outOfRange = Self("out-of-range")
  public static let unknownComponent = Self("unknown-component")
}
