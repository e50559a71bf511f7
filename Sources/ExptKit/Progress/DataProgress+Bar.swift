import ExptComponents

extension DataProgress {
  /// A bar, drawn over on a terminal and erased at the end; nothing elsewhere.
  func draw() {
    guard Console.errorIsTerminal else { return }
    guard done < total else { return Console.draw("\r\u{1B}[K") }
    let width = 20
    let filled = done * width / max(total, 1)
    let bar = String(repeating: "━", count: filled) + String(repeating: "─", count: width - filled)
    let text = "\(bar) \(done) of \(total) \(what)"
    Console.draw("\r\u{1B}[K" + String(text.prefix(Console.width - 1)))
  }
}
