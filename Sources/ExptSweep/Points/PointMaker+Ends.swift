import ExptComponents
import ExptDocument

extension PointMaker {
  /// Tries the ends of every range and each of the choices: what is drawn lies between them.
  ///
  /// A value that is valid with anything at all is taken: two values that do not fit together are no
  /// mistake in the file.
  ///
  /// - Parameter contexts: Points to try each of them in, besides the base experiment.
  mutating func checkEnds(
    of settings: [Draws.Setting], beside contexts: [[Assignment]]
  ) throws(Diagnostics) {
    var problems = Diagnostics()
    for setting in settings {
      for value in setting.distribution.extremes(span: setting.span) {
        let end = Assignment(key: setting.key, keySpan: setting.keySpan, value: value)
        if let found = problem(of: end, setting, beside: [[]] + contexts) {
          problems.append(contentsOf: found)
        }
      }
    }
    try problems.throwErrors()
  }

  /// What is wrong with a value wherever it stands; nil for one that is valid somewhere.
  private mutating func problem(
    of end: Assignment, _ setting: Draws.Setting, beside contexts: [[Assignment]]
  ) -> Diagnostics? {
    var best: Diagnostics?
    for context in contexts {
      do {
        _ = try point(1, context.setting([end]))
        return nil
      } catch {
        // The one that says least of anything else.
        let own = error.all.filter { $0.span == end.value.span || $0.span == end.keySpan }
        if best == nil || (own.count == error.all.count && best?.all.count ?? 0 > own.count) {
          best = error
        }
        if let advised = advice(error, end, setting, context) { return advised }
      }
    }
    return best
  }

  /// Where whole numbers are wanted and would do: what to write to draw them.
  private mutating func advice(
    _ error: Diagnostics, _ end: Assignment, _ setting: Draws.Setting, _ context: [Assignment]
  ) -> Diagnostics? {
    let (name, low, high): (String, Double, Double)
    switch setting.distribution {
    case .uniform(let a, let b): (name, low, high) = ("integer", a, b)
    case .logUniform(let a, let b): (name, low, high) = ("log_integer", a, b)
    default: return nil
    }
    guard let first = Int(exactly: low.rounded(.up)), let last = Int(exactly: high.rounded(.down)),
      first < last, name == "integer" || first > 0
    else { return nil }
    var whole = end
    whole.value.value = .scalar(Scalar(String(end.value.scalar?.double == low ? first : last)))
    guard (try? point(1, context.setting([whole]))) != nil else { return nil }
    return Diagnostics(
      error.all.map { problem in
        var advised = problem
        if problem.span == end.value.span {
          advised.help = "to draw whole numbers, write \(name): [\(first), \(last)]"
        }
        return advised
      })
  }
}
