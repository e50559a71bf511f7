import ExptDocument

/// An experiment that comes with the program: a file of `experiments/`.
struct IncludedExample {
  /// `vae_mnist`.
  let name: String
  /// The file as it is.
  let text: String

  static func named(_ name: String) -> IncludedExample? { all.first { $0.name == name } }

  /// The first sentence of the comment on top.
  var summary: String {
    let comment = text.split(separator: "\n").prefix { $0.hasPrefix("#") }
      .map { $0.drop { "# ".contains($0) } }.joined(separator: " ")
    let words = comment.split(separator: " ")
    let end = words.firstIndex { $0.hasSuffix(".") && !$0.hasSuffix("al.") } ?? words.endIndex - 1
    let sentence = words.prefix(end + 1).joined(separator: " ")
    return sentence.hasSuffix(".") || sentence.hasSuffix(":")
      ? String(sentence.dropLast()) : sentence
  }

  /// The example that it extends, which must lie beside it; nil for most.
  var base: IncludedExample? {
    let lead = "extends: "
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(lead) }) else {
      return nil
    }
    return Self.named(String(line.dropFirst(lead.count).dropLast(".yaml".count)))
  }

  /// The file for an experiment of another name, which is a plain word or needs quotes.
  func text(named other: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line == "name: \(name)" ? StartingLine("name", text: other).yaml : String(line)
    }.joined(separator: "\n")
  }
}
