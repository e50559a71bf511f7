/// The frame of a page: everything it needs is inside it.
enum Page {
  static func html(title: String, body: Markup) -> String {
    let page: Markup = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <link rel="icon" href="data:,">
      <title>\(title)</title>
      <style>\(PageStyle.css)</style>
      </head>
      <body>
      \(body)
      <script>\(PageScript.hover)</script>
      </body>
      </html>

      """
    return page.html
  }

  /// A part of the page under a heading; nothing if there is nothing in it.
  static func section(_ title: String, _ body: Markup?) -> Markup {
    guard let body else { return .nothing }
    return "<section><h2>\(title)</h2>\(body)</section>\n"
  }

  /// What the reader must not miss.
  static func warnings(_ sentences: [String]) -> Markup {
    sentences.map { "<p class=\"warning\">\($0)</p>\n" as Markup }.joined()
  }

  /// A table; columns of numbers are aligned to the right.
  static func table(
    _ titles: [Markup], _ rows: [[Markup]], numeric: Set<Int> = []
  ) -> Markup {
    func cell(_ tag: Markup, _ column: Int, _ content: Markup) -> Markup {
      numeric.contains(column)
        ? "<\(tag) class=\"n\">\(content)</\(tag)>" : "<\(tag)>\(content)</\(tag)>"
    }
    let head = titles.enumerated().map { cell("th", $0, $1) }.joined()
    let body = rows.map { row in
      "<tr>\(row.enumerated().map { cell("td", $0, $1) }.joined())</tr>\n" as Markup
    }.joined()
    return """
      <div class="scroll"><table><thead><tr>\(head)</tr></thead>
      <tbody>\(body)</tbody></table></div>
      """
  }
}
