/// The entries of one mapping as they are read: keys are unique, merge keys fill in.
///
/// `<<: *base` and `<<: [*first, *second]` add the keys that the mapping does not have itself;
/// of two bases the first wins (https://yaml.org/type/merge.html). The mapping's own keys may stand
/// before or after.
struct MappingCollector {
  private var entries: [Node.Entry] = []
  private var places: [String: Int] = [:]
  private var mergeSpan: SourceSpan?
  private var merged: [Node] = []

  /// Adds an entry, or says where its key is already set.
  mutating func add(_ entry: Node.Entry) -> Diagnostic? {
    guard let first = places[entry.key] else {
      places[entry.key] = entries.count
      entries.append(entry)
      return nil
    }
    return Self.duplicate(entry.key, at: entry.keySpan, first: entries[first].keySpan)
  }

  /// Adds the mapping or mappings behind a `<<`.
  mutating func merge(_ node: Node, keySpan: SourceSpan?) -> Diagnostic? {
    if let mergeSpan {
      var diagnostic = Self.duplicate("<<", at: keySpan, first: mergeSpan)
      diagnostic.help = "merge several mappings with '<<: [*one, *other]'"
      return diagnostic
    }
    mergeSpan = keySpan
    for base in node.elements ?? [node] {
      guard base.entries != nil else {
        return .error(
          .mergeKey, "'<<' merges mappings, and this is \(base.summary)", at: base.span,
          help: "write '<<: *name', with '&name' before a mapping")
      }
      merged.append(base)
    }
    return nil
  }

  var entriesWithMerged: [Node.Entry] {
    var all = self
    for base in merged {
      for entry in base.entries ?? [] where all.places[entry.key] == nil { _ = all.add(entry) }
    }
    return all.entries
  }

  private static func duplicate(
    _ key: String, at span: SourceSpan?, first: SourceSpan?
  ) -> Diagnostic {
    let place = first.map { ", first at \($0)" } ?? ""
    return .error(
      .duplicateKey, "the key \(Diagnostic.quote(key)) is set twice\(place)", at: span,
      help: "keep one of the two")
  }
}
