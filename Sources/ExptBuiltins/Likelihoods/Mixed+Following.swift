import ExptComponents
import ExptDocument
import ExptTensor

extension Mixed {
  /// The likelihoods of a table's columns, where nobody wrote them.
  ///
  /// Numeric columns next to one another share a run, with a scale of their own each. A window whose
  /// likelihood cannot leave some of its values out has a run for each, where cells are missing.
  public func following(_ table: TableColumns?) -> any Likelihood {
    guard columns.isEmpty, let table else { return self }
    var own = self
    let names = table.columns.map(\.name)
    if let unknown = byName.first(where: { !names.contains($0.key) }) {
      own.problem = BuildProblem(
        "the data have no column '\(unknown.key)'",
        help: closestMatch(to: unknown.key, among: names).map { "did you mean '\($0)'?" }
          ?? "its columns: \(names.joined(separator: ", "))", at: ["by_name", unknown.key])
    }
    var (likelihoods, widths) = ([any Likelihood](), [Int]())
    var wasShared = false
    for column in table.columns {
      let named = byName.first { $0.key == column.name }?.value.likelihood
      let likelihood = named ?? Self.likelihood(of: column, window: table.window)
      let isShared = named == nil && column.kind == .numeric && table.window == 1
      if isShared, wasShared {
        widths[widths.count - 1] += 1
      } else if table.hasMissing, table.window > 1, !likelihood.takesMissing {
        likelihoods += Array(repeating: likelihood, count: table.window)
        widths += Array(repeating: 1, count: table.window)
      } else {
        likelihoods.append(likelihood)
        widths.append(table.window)
      }
      wasShared = isShared
    }
    (own.columns, own.widths, own.byName) = (likelihoods, widths, [])
    return own
  }

  /// What suits a kind of column. In a window its rows share a scale.
  private static func likelihood(of column: TableColumn, window: Int) -> any Likelihood {
    let scale: PixelScale = window == 1 ? .perFeature : .shared
    switch column.kind {
    case .numeric:
      var gaussian = Gaussian(scale)
      gaussian.settings.initialScale = 1
      return gaussian
    case .binary: return Bernoulli()
    case .categorical:
      var categorical = Categorical()
      (categorical.levelCount, categorical.values) = (max(2, column.levels.count), .names)
      return categorical
    case .count:
      var counts = NegativeBinomial()
      counts.dispersion.dispersion = scale
      return counts
    }
  }
}
