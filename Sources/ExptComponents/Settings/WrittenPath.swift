public import ExptDocument

/// A path that somebody wrote into an experiment file: the type of every setting that is one.
///
///     @Setting("The folder of the images.") public var path: WrittenPath
///     let folder = try path.expanded()
///
/// It is kept, written to `resolved.yaml` and hashed as it was written; `expanded` is for opening
/// files. A variable that is not set is an error in the file, before anything is loaded.
public struct WrittenPath: SettingValue, Hashable, ExpressibleByStringLiteral,
  CustomStringConvertible
{
  public var written: String

  public init(_ written: String) { self.written = written }
  public init(stringLiteral written: String) { self.written = written }

  public var description: String { written }

  /// The path with `~` and variables replaced, see `PathExpansion`.
  public func expanded(
    by expansion: PathExpansion = .ofProcess
  ) throws(PathExpansion.Problem) -> String {
    try expansion.expand(written)
  }

  public static var expectation: String { "a path" }
  public static var takesAnyText: Bool { true }

  public static func read(_ node: Node) -> WrittenPath? {
    guard let scalar = node.scalar, scalar.isQuoted || !scalar.isNull else { return nil }
    return WrittenPath(scalar.text)
  }

  /// `~` alone is YAML's null.
  public static func mistake(in node: Node) -> ValueMistake {
    let isHome = node.scalar?.text == "~"
    return ValueMistake(
      node: node, expectation: expectation,
      help: isHome ? "a bare '~' is null in YAML; write '~/' for the home folder" : nil)
  }

  public func mistake(at node: Node, _ expansion: PathExpansion) -> ValueMistake? {
    do {
      _ = try expanded(by: expansion)
      return nil
    } catch {
      return ValueMistake(
        node: node, expectation: Self.expectation, help: error.help, reason: error.message)
    }
  }

  public var plain: PlainValue { .string(written) }
  public static func schema(limits: Limits) -> PlainValue { String.schema(limits: limits) }
}
