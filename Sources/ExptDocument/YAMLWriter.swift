/// Writes YAML that any YAML 1.1 or 1.2 reader takes for the same values, with comments.
///
///     YAMLWriter.write([
///       .init("model", .mapping([
///         .init("type", .text("vae"), comment: "experiments/vae.yaml:3:9"),
///         .init("hidden", .list([.int(400), .int(200)]), comment: "default"),
///       ]))
///     ])
///
///     model:
///       type: vae           # experiments/vae.yaml:3:9
///       hidden: [400, 200]  # default
///
/// Mappings are written as blocks, lists of scalars in brackets, lists that hold mappings as
/// blocks. Reading the text back gives the same values, bit for bit.
public struct YAMLWriter {
  public enum Value: Sendable, Hashable {
    case null
    case bool(Bool)
    case int(Int)
    case unsigned(UInt64)
    case float(Float)
    case double(Double)
    case text(String)
    case list([Value])
    case mapping([Entry])
  }

  public struct Entry: Sendable, Hashable {
    public var key: String
    public var value: Value
    /// Written behind the value after `# `, on the key's line.
    public var comment: String?

    public init(_ key: String, _ value: Value, comment: String? = nil) {
      self.key = key
      self.value = value
      self.comment = comment
    }
  }

  /// The entries as a YAML document, ending in a newline.
  ///
  /// - Parameter header: Written on top as comment lines.
  public static func write(_ entries: [Entry], header: String? = nil) -> String {
    var writer = YAMLWriter()
    if entries.isEmpty {
      writer.lines.append(Line(text: "{}"))
    } else {
      writer.mapping(entries, indent: 0)
    }
    let top = header?.split(separator: "\n", omittingEmptySubsequences: false)
      .map { Display.trimmed("# " + YAMLText.comment(String($0))) + "\n" }
    return (top ?? []).joined() + writer.aligned
  }

  private struct Line {
    var text: String
    var comment: String?
  }

  private var lines: [Line] = []

  private mutating func mapping(_ entries: [Entry], indent: Int) {
    for entry in entries {
      let key = YAMLText.text(entry.key)
      let margin = String(repeating: " ", count: indent)
      // A key that a reader must look back for may have 1024 characters (YAML 1.2, section 7.4.2).
      if key.unicodeScalars.count < 1000 {
        write(entry.value, after: "\(margin)\(key):", comment: entry.comment, indent: indent + 2)
      } else {
        lines.append(Line(text: "\(margin)? \(key)"))
        write(entry.value, after: "\(margin):", comment: entry.comment, indent: indent + 2)
      }
    }
  }

  /// A value behind `key:` or `-`, on the same line if it fits in one.
  private mutating func write(
    _ value: Value, after lead: String, comment: String?, indent: Int
  ) {
    if let text = value.inline {
      lines.append(Line(text: "\(lead) \(text)", comment: comment))
      return
    }
    lines.append(Line(text: lead, comment: comment))
    switch value {
    case .mapping(let entries): mapping(entries, indent: indent)
    case .list(let elements): list(elements, indent: indent)
    default: break
    }
  }

  private mutating func list(_ elements: [Value], indent: Int) {
    let margin = String(repeating: " ", count: indent)
    for element in elements {
      guard case .mapping(let entries) = element, !entries.isEmpty else {
        write(element, after: margin + "-", comment: nil, indent: indent + 2)
        continue
      }
      let first = lines.count
      mapping(entries, indent: indent + 2)
      lines[first].text = margin + "- " + lines[first].text.dropFirst(indent + 2)
    }
  }

  /// The lines with their comments in one column, but for lines over 60 columns.
  private var aligned: String {
    let widths = lines.filter { $0.comment != nil }.map { Display.width(of: $0.text) }
    let column = widths.filter { $0 <= 60 }.max() ?? 0
    var text = ""
    for line in lines {
      text += line.text
      if let comment = line.comment {
        let gap = max(0, column - Display.width(of: line.text)) + 2
        text += String(repeating: " ", count: gap) + "# " + YAMLText.comment(comment)
      }
      text += "\n"
    }
    return text
  }
}

extension YAMLWriter.Value {
  /// The value on one line; nil for what is written as a block.
  fileprivate var inline: String? {
    switch self {
    case .null: return "null"
    case .bool(let value): return value ? "true" : "false"
    case .int(let value): return String(value)
    case .unsigned(let value): return String(value)
    case .float(let value): return YAMLText.number(value)
    case .double(let value): return YAMLText.number(value)
    case .text(let value): return YAMLText.text(value)
    case .mapping(let entries): return entries.isEmpty ? "{}" : nil
    case .list(let elements):
      var texts: [String] = []
      for element in elements {
        guard let text = element.inline else { return nil }
        texts.append(text)
      }
      return "[\(texts.joined(separator: ", "))]"
    }
  }
}
