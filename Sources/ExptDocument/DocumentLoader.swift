/// Reads a file and those it extends, and lays each over its bases.
struct DocumentLoader {
  private var root: Node?
  private var sources: [Document.SourceFile] = []
  private var diagnostics = Diagnostics()
  /// The files being read, each extended by the one before.
  private var chain: [(path: String, identity: FileReader.Identity?)] = []

  mutating func read(_ bytes: [UInt8], path: String, identity: FileReader.Identity?) {
    root = node(bytes, path: path, identity: identity)
  }

  /// The document, once `read` has been called.
  consuming func document(
    _ bytes: [UInt8], file: String, overrides: [Override]
  ) throws(Diagnostics) -> Document {
    if var root {
      for override in overrides {
        do { try override.apply(to: &root) } catch { diagnostics.append(error) }
      }
      self.root = root
    }
    guard let root, !diagnostics.hasErrors else { throw diagnostics }
    return Document(root: root, text: bytes, file: file, sources: sources)
  }

  /// The mapping a file describes, laid over its bases; nil if it could not be read.
  private mutating func node(
    _ bytes: [UInt8], path: String, identity: FileReader.Identity?
  ) -> Node? {
    sources.append(Document.SourceFile(path: path, bytes: bytes))
    guard let node = mapping(bytes, path: path) else { return nil }
    return inheriting(node, path: path, identity: identity)
  }

  /// Takes a mapping that stands in `path` for the whole experiment.
  mutating func take(_ mapping: Node, path: String) {
    root = inheriting(mapping, path: path, identity: nil)
  }

  /// A mapping of `path` laid over what it extends.
  private mutating func inheriting(
    _ node: Node, path: String, identity: FileReader.Identity?
  ) -> Node? {
    var node = node
    guard let extends = node["extends"] else { return node }
    node["extends"] = nil
    chain.append((path, identity))
    defer { chain.removeLast() }
    var base: Node?
    for name in extends.elements ?? [extends] {
      guard let next = self.base(named: name) else { continue }
      base = base.map { next.over($0) } ?? next
    }
    return base.map { node.over($0) } ?? node
  }

  private mutating func mapping(_ bytes: [UInt8], path: String) -> Node? {
    do {
      let source = try SourceText(file: path, bytes: bytes)
      guard let node = try NodeBuilder.node(in: source)?.node else {
        diagnostics.append(
          .error(
            .emptyDocument, "\(Diagnostic.quote(path: path)) holds no experiment: it is empty",
            help: "an experiment begins with settings such as 'model: { type: vae }'"))
        return nil
      }
      guard node.entries != nil else {
        diagnostics.append(
          .error(
            .notAMapping, "an experiment is a mapping of settings, and this is \(node.summary)",
            at: node.span, help: "write 'key: value' lines"))
        return nil
      }
      return node
    } catch {
      diagnostics.append(contentsOf: error)
      return nil
    }
  }

  /// The file an `extends` names.
  private mutating func base(named node: Node) -> Node? {
    guard let scalar = node.scalar, scalar.isQuoted || scalar.kind == .text else {
      report("'extends' takes a file name or a list of them, not \(node.summary)", at: node)
      return nil
    }
    guard sources.count < Limits.files else {
      report("more than \(Limits.files) files are read through 'extends'", at: node)
      return nil
    }
    let path: String
    do {
      let name = try PathExpansion.ofProcess.expand(scalar.text)
      path = Self.path(name, relativeTo: chain.last?.path ?? "")
    } catch {
      diagnostics.append(
        .error(
          .extends, "'extends' is \(node.summary): \(error.message)", at: node.span,
          help: error.help))
      return nil
    }
    do {
      let (bytes, identity) = try FileReader.contents(ofFile: path, at: node.span)
      let isSame = { (file: (path: String, identity: FileReader.Identity?)) in
        file.identity == identity || file.path == path
      }
      if let first = chain.firstIndex(where: isSame) {
        let circle = chain[first...].map(\.path) + [path]
        report("'extends' goes in a circle: \(circle.joined(separator: " -> "))", at: node)
        return nil
      }
      return self.node(bytes, path: path, identity: identity)
    } catch {
      diagnostics.append(error)
      return nil
    }
  }

  private mutating func report(_ message: String, at node: Node) {
    diagnostics.append(.error(.extends, message, at: node.span))
  }

  /// A path as the extending file means it.
  private static func path(_ name: String, relativeTo file: String) -> String {
    guard !name.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return name }
    var name = Substring(name)
    while name.hasPrefix("./") { name = name.dropFirst(2) }
    return String(file[...slash] + name)
  }
}
