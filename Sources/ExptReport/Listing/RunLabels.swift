import ExptFiles

/// Short names for runs: their paths without the folder that all of them share.
public struct RunLabels: Sendable {
  /// What all paths begin with, for example `runs/vae_mnist`; `.` where that is nothing.
  public var folder: String
  /// A label a run, in their order.
  public var labels: [String]

  public init(_ runs: [RunRecord]) {
    let parts = runs.map { run in
      run.path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    }
    var shared = parts.first.map { Array($0.dropLast()) } ?? []
    for path in parts {
      let common = zip(shared, path.dropLast()).prefix { $0 == $1 }.count
      shared.removeSubrange(common...)
    }
    let isRoot = shared == [""]
    folder = isRoot ? "/" : shared.isEmpty ? "." : shared.joined(separator: "/")
    labels = parts.map { $0.dropFirst(shared.count).joined(separator: "/") }
  }
}
