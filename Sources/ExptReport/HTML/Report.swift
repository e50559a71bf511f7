public import ExptFiles

/// One page about one run or several: settings, curves, latents, pictures. Everything is inside the
/// file; it needs no network.
public struct Report: Sendable {
  /// The page.
  public let html: String

  /// - Parameters:
  ///   - comparison: Of one run, a page about it; of several, a page that compares them.
  public init(_ comparison: Comparison) {
    let members = comparison.groups.flatMap(\.runs)
    if members.count == 1, let run = members.first {
      html = Page.html(title: "\(run.run.name) · expt", body: RunSections(run).body)
    } else {
      let sections = ComparisonSections(comparison: comparison)
      html = Page.html(title: "\(sections.title) · expt", body: sections.body)
    }
  }

  /// - Throws: `FileProblem` if it cannot be written.
  public func write(to path: String) throws(FileProblem) {
    try AtomicFile.write(html, to: path)
  }
}
