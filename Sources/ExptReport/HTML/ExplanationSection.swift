import ExptFiles
public import ExptRunFolder

/// What a model is, in a page: its formulas, the numbers in them, and the way from image to loss.
struct ExplanationSection: Sendable {
  var explanation: Explanation

  var markup: Markup {
    formulas + numbers + """
      <figure><h3>From image to loss</h3>\(ExplanationDiagram(parts: explanation.parts).markup)
      <figcaption>Shapes are those of one image; arrows lead to what is computed from it. \
      \(explanation.total).</figcaption></figure>
      """
  }

  private var formulas: Markup {
    explanation.formulas.map { formula -> Markup in
      let symbols = formula.lines.map { "<p class=\"formula\">\($0)</p>" as Markup }.joined()
      let numbers = formula.linesWithNumbers.map {
        "<p class=\"formula soft\">here: \($0)</p>" as Markup
      }.joined()
      return """
        <h3>\(formula.role.capitalizedFirst): \(formula.id)</h3>
        <p class="soft">\(formula.summary)</p>\(symbols)\(numbers)
        """
    }.joined()
  }

  private var numbers: Markup {
    guard !explanation.numbers.isEmpty else { return .nothing }
    let rows = explanation.numbers.map { number -> [Markup] in
      [
        "\(number.symbol)", "\(number.setting)", "\(number.value)",
        "<div class=\"prose\">\(number.help)</div>",
      ]
    }
    return "<h3>Numbers</h3>" + Page.table(["", "setting", "value", "what it does"], rows)
  }
}

extension String {
  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}

extension Explanation {
  /// `899,248 numbers are trained`.
  public var total: String {
    "\(Words.grouped(parameters)) numbers are trained"
      + (fitted > 0 ? ", \(Words.grouped(fitted)) are fitted to all images at once" : "")
  }
}

/// An explanation as a file of its own.
public struct ExplanationFile: Sendable {
  private let explanation: Explanation
  private let title: String

  /// - Parameter title: The experiment's name.
  public init(_ explanation: Explanation, title: String) {
    self.explanation = explanation
    self.title = title
  }

  /// The way from image to loss as a picture.
  public var svg: String { ExplanationDiagram(parts: explanation.parts).svg }

  /// A page with all of it.
  public var html: String {
    Page.html(
      title: "\(title) · expt",
      body: "<h1>\(title)</h1>\n\(ExplanationSection(explanation: explanation).markup)")
  }
}
