/// A single value of a YAML text, kept as it was written.
///
/// The typed readings follow the YAML 1.2 core schema (https://yaml.org/spec/1.2.2/#103-core-schema)
/// and are nil for any other text. Quoted text is text, never a number, boolean or null.
///
/// | text | reading |
/// | --- | --- |
/// | `null`, `Null`, `NULL`, `~`, nothing | null |
/// | `true`, `True`, `TRUE`, `false`, `False`, `FALSE` | bool |
/// | `12`, `-3`, `+3`, `010` (ten), `0x10`, `0o17` | int, and double |
/// | `1.5`, `.5`, `5.`, `1e-3`, `1.0e-3`, `.inf`, `-.Inf`, `.nan` | double |
/// | `1_000`, `1,000`, `yes`, `no`, `on`, `off`, `inf`, `1:30`, `2024-01-01` | text |
public struct Scalar: Sendable, Hashable {
  public var text: String
  /// Whether the text stood in quotes or in a block (`|`, `>`), so that it can only be text.
  public var isQuoted: Bool

  public init(_ text: String, isQuoted: Bool = false) {
    self.text = text
    self.isQuoted = isQuoted
  }

  public var isNull: Bool { !isQuoted && CoreSchema.isNull(text) }

  public var bool: Bool? { isQuoted ? nil : CoreSchema.bool(text) }

  /// nil also for a number with a point or an exponent (`1.0`, `1e3`), and for one that does not
  /// fit into 64 bits.
  public var int: Int? { isQuoted ? nil : CoreSchema.int(text) }

  /// For settings such as a seed that take any unsigned 64-bit number; nil for negative ones.
  public var unsigned: UInt64? { isQuoted ? nil : CoreSchema.unsigned(text) }

  /// Integers read as numbers too. nil also for a number too large or too small for a `Double`.
  public var double: Double? { isQuoted ? nil : CoreSchema.double(text) }

  /// What the scalar is under the core schema.
  public enum Kind: Sendable, Hashable {
    case null, boolean, integer, number, text
  }

  public var kind: Kind {
    if isNull { return .null }
    if bool != nil { return .boolean }
    if int != nil { return .integer }
    return double == nil ? .text : .number
  }
}

extension Scalar {
  /// The scalar for messages: `'abc'`, `3`, `true`, `null`.
  public var summary: String {
    switch kind {
    case .null: "null"
    case .text: Diagnostic.quote(text)
    default: text
    }
  }

  /// What the user probably meant where a value of `kind` is wanted: `true` for `yes`, `1000` for
  /// `1_000` or `1e3`, `.inf` for `inf`, `0.5` for `'0.5'`; nil when nothing comes to mind.
  public func suggestion(for kind: Kind) -> String? {
    switch kind {
    case .boolean: suggestedBoolean
    case .integer: suggestedInteger
    case .number: suggestedNumber
    case .null, .text: nil
    }
  }

  /// Whether the text is how other languages or people write null: `None`, `nil`, `''`.
  public var looksNull: Bool {
    !isNull && ["", "none", "nil", "null", "undefined", "n/a"].contains(text.lowercased())
  }

  /// The same, or a refusal such as `false` or `off`, which may stand for null where no boolean can.
  public var suggestsNull: Bool {
    looksNull || bool == false
      || !isQuoted && ["no", "off", "never", "disabled"].contains(text.lowercased())
  }

  private var suggestedBoolean: String? {
    switch text.lowercased() {
    case "yes", "y", "on", "true", "1": "true"
    case "no", "n", "off", "false", "0": "false"
    default: nil
    }
  }

  private var suggestedInteger: String? {
    let text = withoutSeparators
    if let int = CoreSchema.int(text) { return String(int) }
    if let unsigned = CoreSchema.unsigned(text) { return String(unsigned) }
    return CoreSchema.double(text).flatMap(Int.init(exactly:)).map(String.init)
  }

  private var suggestedNumber: String? {
    let text = withoutSeparators
    if CoreSchema.double(text) != nil { return text }
    switch text.lowercased() {
    case "inf", "+inf", "infinity", "+infinity": return ".inf"
    case "-inf", "-infinity": return "-.inf"
    case "nan": return ".nan"
    default: return nil
    }
  }

  private var withoutSeparators: String {
    String(text.filter { $0 != "_" && $0 != "," && $0 != " " })
  }
}

extension Scalar {
  /// Whether it is written as Hydra and OmegaConf refer to other settings: `run_${seed}`.
  public var isInterpolation: Bool { text.contains("${") }
}

extension Node {
  /// What to do about a value that is meant to be put together from others; nil for any other.
  public var interpolationHelp: String? {
    guard scalar?.isInterpolation == true else { return nil }
    return "'${…}' refers to environment variables, in paths only; write the value itself, "
      + "or give it for one run with --set"
  }
}
