public import ExptDocument

/// Rows and columns of zeros around an image: a number, or `same` for as many as keep its size.
public enum Padding: SettingValue, Hashable {
  case size(Int)
  /// (kernel − 1)/2: the size stays, or is divided by the stride and rounded up.
  case same

  /// The rows and columns on each side; nil for `same` with an even kernel, which would need more on one
  /// side than on the other.
  public func size(kernel: Int) -> Int? {
    switch self {
    case .size(let size): size
    case .same: kernel % 2 == 1 ? kernel / 2 : nil
    }
  }

  /// What is wrong with it beside a kernel, and what to do; nil if nothing is.
  public func problem(kernel: Int) -> (message: String, help: String)? {
    guard size(kernel: kernel) == nil else { return nil }
    return (
      "'padding: same' needs an odd kernel: \(kernel) would need \(kernel - 1) rows in all, one side "
        + "more than the other", "use kernel \(kernel - 1) or \(kernel + 1), or a number of rows"
    )
  }

  public static var expectation: String { "a whole number, or same" }

  public static func read(_ node: Node) -> Padding? {
    if let size = Int.read(node) { return .size(size) }
    return node.scalar?.text == "same" ? .same : nil
  }

  public static func mistake(in node: Node) -> ValueMistake {
    let meant = node.scalar.flatMap { closestMatch(to: $0.text, among: ["same"]) }
    return ValueMistake(
      node: node, expectation: expectation, help: meant.map { "did you mean '\($0)'?" })
  }

  public var plain: PlainValue {
    switch self {
    case .size(let size): .int(Int64(size))
    case .same: .string("same")
    }
  }

  public var numbers: [Double] {
    switch self {
    case .size(let size): [Double(size)]
    case .same: []
    }
  }

  public static func schema(limits: Limits) -> PlainValue {
    .mapping([
      PlainEntry(
        "anyOf",
        .list([
          Int.schema(limits: limits), .mapping([PlainEntry("enum", .list([.string("same")]))]),
        ]))
    ])
  }
}

extension Padding: ExpressibleByIntegerLiteral {
  public init(integerLiteral size: Int) { self = .size(size) }
}
