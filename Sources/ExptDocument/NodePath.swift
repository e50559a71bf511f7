/// The way from the root of an experiment to one of its values.
///
/// Written `model.encoder.hidden[1]`; the root is the empty path.
public struct NodePath: Sendable, Hashable {
  public enum Part: Sendable, Hashable {
    case key(String)
    /// An element of a list, from 0.
    case index(Int)
  }

  public var parts: [Part]

  public init(_ parts: [Part] = []) { self.parts = parts }

  public func appending(_ key: String) -> NodePath { NodePath(parts + [.key(key)]) }
  public func appending(_ index: Int) -> NodePath { NodePath(parts + [.index(index)]) }
}

extension NodePath: CustomStringConvertible {
  public var description: String {
    var text = ""
    for part in parts {
      switch part {
      case .index(let index): text += "[\(index)]"
      case .key(let key): text += text.isEmpty ? key : ".\(key)"
      }
    }
    return text
  }
}

extension Node {
  /// The node at a path, or nil if the path leads nowhere.
  public subscript(path: NodePath) -> Node? {
    var node: Node? = self
    for part in path.parts {
      switch part {
      case .key(let key): node = node?[key]
      case .index(let index):
        guard let elements = node?.elements, elements.indices.contains(index) else { return nil }
        node = elements[index]
      }
    }
    return node
  }
}
