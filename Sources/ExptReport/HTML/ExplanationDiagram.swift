import ExptRunFolder

/// The way from image to loss as boxes, one below the other in the order of computation, with arrows from what
/// each is computed from.
struct ExplanationDiagram: Sendable {
  var parts: [Explanation.Part]

  private let width = 560.0
  private let left = 12.0
  private let boxWidth = 400.0
  private let lineHeight = 17.0
  private let gap = 30.0
  private let layerLimit = 12
  /// Letters of a line, at 12 pixels wide enough for any but the widest.
  private let lineLength = 56

  private struct Box {
    var part: Explanation.Part
    var lines: [String]
    var top: Double
    var height: Double
    var middle: Double { top + height / 2 }
    var bottom: Double { top + height }
  }

  private var boxes: [Box] {
    var top = 4.0
    return parts.map { part in
      let lines = shown(part.layers)
      let height = 30 + Double(lines.count) * lineHeight + (lines.isEmpty ? 0 : 6)
      defer { top += height + gap }
      return Box(part: part, lines: lines, top: top, height: height)
    }
  }

  private var height: Double { (boxes.last?.bottom ?? 0) + 6 }

  /// The lines of a box: the first layers and the last, wrapped to its width.
  private func shown(_ layers: [String]) -> [String] {
    guard layers.count > layerLimit else { return layers.flatMap(wrapped) }
    let (first, last) = (layerLimit / 2 - 1, layerLimit / 2)
    return layers.prefix(first).flatMap(wrapped) + ["… \(layers.count - first - last) more …"]
      + layers.suffix(last).flatMap(wrapped)
  }

  /// A text in lines that fit into a box; what does not fit on one goes on, set in.
  private func wrapped(_ text: String) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty, line.count + 1 + word.count > lineLength {
        lines.append(line)
        line = "\u{2003}\(word)"
      } else {
        line += (line.isEmpty ? "" : " ") + word
      }
    }
    return lines + [line]
  }

  /// A picture of its own.
  var svg: String {
    let style: Markup = """
      <style>svg { background: #ffffff; } text { font: 13px system-ui, sans-serif; fill: #1b1f24; }
      .name { font-weight: 600; } .soft { fill: #5b6470; font-size: 12px; }
      .box { fill: #f6f8fa; stroke: #8b949e; } .end { fill: #e7f1fb; stroke: #0072b2; }
      .arrow { fill: none; stroke: #0072b2; stroke-width: 1.4; } .tip { fill: #0072b2; }</style>
      """
    return drawing(
      style,
      attributes: "xmlns=\"http://www.w3.org/2000/svg\" width=\"\(width)\" height=\"\(height)\""
    )
    .html
      + "\n"
  }

  /// As part of a page.
  var markup: Markup {
    "<div class=\"diagram\">\(drawing(.nothing, attributes: .nothing))</div>"
  }

  private func drawing(_ style: Markup, attributes: Markup) -> Markup {
    let boxes = boxes
    return """
      <svg \(attributes) viewBox="0 0 \(width) \(height)" role="img" \
      aria-label="From image to loss">\(style)
      \(arrows(boxes))\(boxes.map(drawn))</svg>
      """
  }

  private func drawn(_ box: Box) -> Markup {
    let isEnd = ["image", "labels", "loss"].contains(box.part.name)
    let count =
      box.part.parameters > 0 ? "\(Words.grouped(box.part.parameters)) parameters" : ""
    let facts = [box.part.output, count].filter { !$0.isEmpty }.joined(separator: " · ")
    let lines = box.lines.enumerated().map { index, line -> Markup in
      """
      <text class="soft" x="\(left + 14)" y="\(box.top + 38 + Double(index) * lineHeight)">\(line)</text>
      """
    }
    return """
      <rect class="\(isEnd ? "end" : "box")" x="\(left)" y="\(box.top)" width="\(boxWidth)" \
      height="\(box.height)" rx="6"/>\
      <text class="name" x="\(left + 12)" y="\(box.top + 20)">\(box.part.name)</text>\
      <text class="soft" x="\(left + boxWidth - 12)" y="\(box.top + 20)" text-anchor="end">\(facts)</text>\
      \(lines)
      """
  }

  /// From one box to the next straight down, to others around the boxes between them.
  private func arrows(_ boxes: [Box]) -> Markup {
    var lanes: [Int] = []
    var drawn: Markup = .nothing
    for (index, box) in boxes.enumerated() {
      for input in box.part.inputs {
        guard let from = boxes.firstIndex(where: { $0.part.name == input }) else { continue }
        if from == index - 1 {
          drawn += straight(boxes[from], box)
          continue
        }
        // The first lane whose last arrow ends above this one's start.
        let start = min(from, index)
        let lane = lanes.firstIndex { $0 <= start } ?? lanes.count
        if lane == lanes.count { lanes.append(0) }
        lanes[lane] = max(from, index)
        drawn += around(boxes[from], box, lane: lane)
      }
    }
    return drawn
  }

  private func straight(_ from: Box, _ to: Box) -> Markup {
    let x = left + boxWidth / 2
    return """
      <path class="arrow" d="M\(x) \(from.bottom)V\(to.top - 7)"/>\(tip(x, to.top, "down"))
      """
  }

  private func around(_ from: Box, _ to: Box, lane: Int) -> Markup {
    let edge = left + boxWidth
    let x = edge + 24 + 16 * Double(lane)
    let (start, end) = (from.middle + 6, to.middle - 6)
    let bend = end > start ? 8.0 : -8.0
    return """
      <path class="arrow" d="M\(edge) \(start)H\(x - 8)Q\(x) \(start) \(x) \(start + bend)\
      V\(end - bend)Q\(x) \(end) \(x - 8) \(end)H\(edge + 7)"/>\(tip(edge, end, "left"))
      """
  }

  private func tip(_ x: Double, _ y: Double, _ way: String) -> Markup {
    way == "down"
      ? "<path class=\"tip\" d=\"M\(x - 4.5) \(y - 8)L\(x + 4.5) \(y - 8)L\(x) \(y)Z\"/>"
      : "<path class=\"tip\" d=\"M\(x + 8) \(y - 4.5)L\(x + 8) \(y + 4.5)L\(x) \(y)Z\"/>"
  }
}
