/// Where a value came from, for messages and for the comments of `resolved.yaml`.
public enum Origin: Sendable, Hashable {
  case file(SourceSpan)
  /// The whole override: `--set model.beta=4`.
  case override(String)
  /// The whole option: `--seed 3`.
  case option(String)
  case defaultValue
}

extension Origin: CustomStringConvertible {
  /// `experiments/digits.yaml:14:3`, `--set model.beta=4`, `--seed 3` or `default`.
  public var description: String {
    switch self {
    case .file(let span): span.description
    case .override(let text), .option(let text): text
    case .defaultValue: "default"
    }
  }

  /// The place to show. An option's is the argument after its first space; a default has none.
  public var span: SourceSpan? {
    switch self {
    case .file(let span): return span
    case .defaultValue: return nil
    case .override(let text), .option(let text):
      let parts = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
      return SourceSpan(
        argument: parts.count > 1 ? String(parts[1]) : text, of: String(parts[0]))
    }
  }
}
