extension Query {
  /// Comparisons that no run here can answer, because its values are of another kind: a sentence
  /// each, with what to write.
  ///
  ///     'name' is text in these runs, and > compares numbers
  public func hints(_ runs: [RunRecord]) -> [String] {
    guard let names = try? QueryNames(self, runs) else { return [] }
    var hints: [String] = []
    func visit(_ condition: Condition) {
      switch condition {
      case .all(let parts), .any(let parts): parts.forEach(visit)
      case .not(let part): visit(part)
      case .truth(let operand):
        if let (name, kinds) = kinds(of: operand), kinds != [.bool] {
          hints.append("'\(name)' is \(said(kinds)) in these runs: compare it, as in \(name) == …")
        }
      case .membership(let operand, let list):
        for element in list { look(operand, .equal, element) }
      case .comparison(let left, let comparison, let right):
        if case .value = left.kind {
          look(right, comparison, left)
        } else {
          look(left, comparison, right)
        }
      }
    }
    func kinds(of operand: Operand) -> (String, Set<RunValue.Kind>)? {
      guard case .name(let name) = operand.kind, !names.texts.contains(name) else { return nil }
      let whole = names.full[name] ?? name
      let kinds = Set(runs.compactMap { RunFields.value(of: whole, in: $0)?.kind })
      return kinds.isEmpty ? nil : (whole, kinds)
    }
    func look(_ operand: Operand, _ comparison: Comparison, _ literal: Operand) {
      guard let (name, kinds) = kinds(of: operand), let kind = kind(of: literal, names),
        comparison != .contains, !["nan", "inf", "-inf"].contains(literal.written)
      else { return }
      if comparison.isOrder {
        if !kinds.isDisjoint(with: [kind]), kind == .number || kind == .text { return }
        hints.append(
          "'\(name)' is \(said(kinds)) in these runs, and \(comparison.rawValue) compares "
            + "numbers with numbers\(kind == .number ? "" : "; '\(literal.written)' is \(said([kind]))")"
        )
      } else if !kinds.contains(.text), !kinds.contains(kind) {
        let isQuotedNumber = kind == .text && RunValue.number(literal.written) != nil
        hints.append(
          "'\(name)' is \(said(kinds)) in these runs, and '\(literal.written)' is \(said([kind]))"
            + (isQuotedNumber && kinds.contains(.number) ? ": write it without quotes" : "")
            + (kinds == [.list] ? ": '\(name) ~ \(literal.written)' searches it" : ""))
      }
    }
    visit(condition)
    return hints
  }

  private func kind(of operand: Operand, _ names: QueryNames) -> RunValue.Kind? {
    switch operand.kind {
    case .value(let value): value.kind
    case .name(let name): names.texts.contains(name) ? .text : nil
    }
  }

  private func said(_ kinds: Set<RunValue.Kind>) -> String {
    kinds.map(\.rawValue).sorted().joined(separator: " or ")
  }
}

extension RunValue {
  enum Kind: String {
    case bool = "true or false"
    case number = "a number"
    case text
    case list = "a list"
  }

  /// Nil for null, which every setting can be.
  var kind: Kind? {
    switch self {
    case .null: nil
    case .bool: .bool
    case .number: .number
    case .text: .text
    case .list: .list
    }
  }
}
