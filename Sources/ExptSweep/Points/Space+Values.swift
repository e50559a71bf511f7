import ExptComponents
import ExptDocument

extension Space {
  /// What a setting may be by this space.
  enum Values {
    case listed([Node])
    /// Numbers from one to another.
    case range(ClosedRange<Double>)
  }

  /// What each part that varies a setting makes of it.
  func values(of key: String) -> [Values] {
    switch self {
    case .grid(let axes), .zip(let axes):
      return axes.filter { $0.key == key }.map { .listed($0.values) }
    case .random(let draws):
      return draws.settings.filter { $0.key == key }.map { setting in
        switch setting.distribution {
        case .choice(let values): .listed(values)
        case .uniform(let low, let high), .logUniform(let low, let high): .range(low...high)
        case .integer(let low, let high), .logInteger(let low, let high):
          .range(Double(low)...Double(high))
        }
      }
    case .chain(let spaces), .product(let spaces): return spaces.flatMap { $0.values(of: key) }
    case .when(_, let space): return space.values(of: key)
    }
  }
}

extension Space.Values {
  /// Whether a value that satisfies the condition is among them.
  func canSatisfy(_ condition: Space.Condition) -> Bool {
    switch self {
    case .listed(let values): values.contains { condition.holds(for: CoreValue($0)) }
    case .range(let range):
      ([condition.value] + (condition.value.elements ?? [])).contains { value in
        CoreValue(value).double.map(range.contains) ?? false
      }
    }
  }

  /// The listed values in short, for messages.
  var texts: [String] {
    switch self {
    case .listed(let values): values.map(\.shortFlowText)
    case .range(let range): ["\(range.lowerBound) to \(range.upperBound)"]
    }
  }
}
