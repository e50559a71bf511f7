public import ExptFiles

/// A page of what experiments came to beside what was expected of them.
public struct VerificationPage: Sendable {
  /// The page.
  public let html: String

  public init(_ verification: Verification) {
    let sections = verification.items.map { item -> Markup in
      let rows = item.outcomes.map { outcome -> [Markup] in
        [
          "\(outcome.name)", "\(outcome.quantity)", "\(outcome.sentence)",
          "<span class=\"wrapped\">\(outcome.source)</span>", "\(outcome.certainty)",
        ]
      }
      let runs = item.runs.map { "<code>\($0)</code> " as Markup }.joined()
      return Page.section(
        item.name,
        """
        <p>\(item.claim).</p>
        \(Page.table(["check", "quantity", "result", "source", "known"], rows))
        <p>\(item.tier), \(Words.duration(item.seconds)) of training: \(runs)</p>
        """)
    }
    html = Page.html(
      title: "expt verify",
      body: "<h1>expt verify</h1>\n<p>\(verification.summary).</p>\n\(sections)")
  }

  /// - Throws: `FileProblem` if it cannot be written.
  public func write(to path: String) throws(FileProblem) {
    try AtomicFile.write(html, to: path)
  }
}
