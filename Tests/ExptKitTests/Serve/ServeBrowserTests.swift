import ExptTestSupport
import Foundation
import Testing

/// Drives the page as a person does.
@Suite("The live page in a browser", .serialized)
struct ServeBrowserTests {
  private let folder = TemporaryFolder()

  private func row(_ name: String) -> String {
    "[...document.querySelectorAll('tbody tr[data-id]')].find((r) => r.textContent.includes('\(name)'))"
  }

  private func option(_ label: String, _ value: String) -> String {
    """
    (() => { const one = [...document.querySelectorAll('label')].find((l) => l.firstChild.textContent === '\(label)')
      .querySelector('select'); one.value = '\(value)'; one.dispatchEvent(new Event('change')); })()
    """
  }

  @Test(.needs(.browser))
  func `filters, selects, and sees a run that trains gain epochs`() throws {
    let runs = try ServedRuns.make(in: folder)
    let served = try Served([runs])
    let browser = try Chromium()
    try browser.open(served.address)
    try browser.wait(for: "document.querySelectorAll('tbody tr[data-id]').length === 3")
    // The token is gone from the address, and the page still works.
    #expect(try browser.text("location.search") == "")
    try browser.click("input.condition")
    try browser.type("bta > 1")
    try browser.wait(for: "document.querySelector('pre.problem').textContent.includes('^~~')")
    try browser.evaluate(
      "(() => { const c = document.querySelector('input.condition'); c.value = ''; c.focus(); })()")
    try browser.type("beta > 1")
    try browser.wait(for: "document.querySelectorAll('tbody tr[data-id]').length === 1")
    try browser.click("tbody tr[data-id] input")
    try browser.wait(for: "document.querySelectorAll('#chosen .chip').length === 1")
    // The keyboard too: down to the row, space selects.
    try browser.evaluate("document.querySelector('.rows-window').focus()")
    try browser.press("ArrowDown")
    #expect(try browser.text("document.activeElement.type") == "checkbox")
    // A link shows the same view.
    let link = try browser.text("location.href")
    try browser.open("about:blank")
    try browser.open(link)
    try browser.wait(
      for: "document.querySelectorAll('tbody tr[data-id]').length === 1 "
        + "&& document.querySelector('tbody input').checked")
    try browser.evaluate("location.hash = '#'")
    try browser.wait(for: "document.querySelectorAll('tbody tr[data-id]').length === 3")
    let training = try Program.start([
      "run", try folder.write(ServedRuns.experiment, to: "long.yaml"), "--run-dir", "\(runs)/live",
      "--quiet", "--threads", "1", "--set", "training.epochs=5000", "--set", "dataset.train=1500",
    ])
    try browser.wait(for: row("live"), seconds: 30)
    func epochs() -> String { "parseInt(\(row("live")).children[3].textContent)" }
    try browser.wait(for: "\(epochs()) >= 2", seconds: 60)
    let before = try browser.text(epochs())
    try browser.wait(for: "\(epochs()) > \(before)", seconds: 60)
    training.process.terminate()
    _ = try training.wait()
    try browser.wait(for: "\(row("live")).textContent.includes('interrupted')", seconds: 30)
    #expect(browser.complaints == [])
  }

  @Test(.needs(.browser))
  func `drags in latent space and sees the picture change, from one latent in two models`() throws {
    let served = try Served([ServedRuns.make(in: folder)])
    let (a, b) = (try served.id("a"), try served.id("b"))
    let browser = try Chromium()
    try browser.open(served.address + "#view=explorer&sel=\(a),\(b)&beside=\(b)")
    let picture = "document.querySelector('#decoded').toDataURL()"
    try browser.wait(for: "document.querySelector('svg.plane')", seconds: 60)
    try browser.wait(for: "document.querySelector('#decoded').dataset.turn >= 1")
    let first = try browser.text(picture)
    try browser.drag("svg.plane", from: (0.3, 0.3), to: (0.8, 0.7))
    try browser.wait(for: "\(picture) !== \(Chromium.quoted(first))")
    try browser.wait(for: "location.hash.includes('z=')")
    // The same z, decoded by the other model: asked for by hand and compared.
    Thread.sleep(forTimeInterval: 0.8)
    let latents = try browser.text("new URLSearchParams(location.hash.slice(1)).get('z')")
    let numbers = latents.split(separator: ",").compactMap { Double($0) }
    let other = try served.post("/api/model/decode", ["run": b, "latents": numbers])
    let same = try browser.evaluate(
      """
      (async () => {
        const bytes = Uint8Array.from(atob('\(other.json["png"] as? String ?? "")'), (c) => c.charCodeAt(0));
        const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
        const canvas = document.createElement('canvas');
        canvas.width = bitmap.width; canvas.height = bitmap.height;
        canvas.getContext('2d').drawImage(bitmap, 0, 0);
        return canvas.toDataURL() === document.querySelector('#beside').toDataURL();
      })()
      """)
    #expect(same as? Bool == true)
    try browser.evaluate(option("Plane", "pca"))
    try browser.wait(for: "document.querySelector('svg.plane').textContent.includes('PC 1')")
    try browser.evaluate(option("Plane", "tsne"))
    try browser.wait(for: "document.querySelector('svg.plane').textContent.includes('t-SNE')")
    #expect(try browser.text("document.querySelectorAll('svg.plane g circle').length") == "60")
    #expect(browser.complaints == [])
  }

  @Test(.needs(.browser))
  func `takes an image that is dropped, and a digit that is drawn`() throws {
    let served = try Served([ServedRuns.make(in: folder)])
    let browser = try Chromium()
    try browser.open(served.address + "#view=explorer&sel=\(try served.id("a"))")
    // The plane stands above, and is drawn later.
    try browser.wait(
      for: "document.querySelector('#pad') && document.querySelector('svg.plane g circle')")
    try browser.drag("#pad", from: (0.5, 0.15), to: (0.5, 0.85))
    try browser.wait(for: "document.querySelector('#own-result').dataset.done >= 1")
    try browser.wait(
      for: "document.querySelector('#own-numbers').textContent.includes('reconstruction')")
    try browser.evaluate("document.querySelector('.own input[type=checkbox]').click()")
    try browser.wait(for: "document.querySelector('#own-numbers').textContent.includes('iw_nll')")
    #expect(try browser.text("document.querySelectorAll('.neighbours img').length") == "8")
    let drawn = try browser.text("document.querySelector('#own-result').toDataURL()")
    // A PNG of 40 × 40 with a bar across, as a file that is dropped.
    try browser.evaluate(
      """
      (async () => {
        const canvas = document.createElement('canvas');
        canvas.width = canvas.height = 40;
        const pen = canvas.getContext('2d');
        pen.fillStyle = '#fff'; pen.fillRect(4, 16, 32, 8);
        const blob = await new Promise((done) => canvas.toBlob(done));
        const transfer = new DataTransfer();
        transfer.items.add(new File([blob], 'bar.png', { type: 'image/png' }));
        document.querySelector('.own').dispatchEvent(
          new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
      })()
      """)
    try browser.wait(
      for: "document.querySelector('#own-result').toDataURL() !== \(Chromium.quoted(drawn))")
    #expect(browser.complaints == [])
  }

  @Test(.needs(.browser))
  func `keeps the ranges drawn on axes in its address`() throws {
    let served = try Served([ServedRuns.make(in: folder)])
    let browser = try Chromium()
    try browser.open(served.address + "#view=sweep")
    let axis = "g[data-key=\"model.beta\"] rect.hand"
    try browser.wait(for: "document.querySelector('\(axis)')")
    let faint = "document.querySelectorAll('polyline.faint').length"
    #expect(try browser.text(faint) == "0")
    try browser.drag(axis, from: (0.5, 0.02), to: (0.5, 0.4))
    try browser.wait(for: "\(faint) > 0 && location.hash.includes('brush=model.beta')")
    let (link, shown) = (try browser.text("location.href"), try browser.text(faint))
    try browser.open("about:blank")
    try browser.open(link)
    try browser.wait(for: "\(faint) === \(shown)")
    try browser.evaluate(
      "[...document.querySelectorAll('button')].find((b) => b.textContent === 'All').click()")
    try browser.wait(for: "\(faint) === 0 && !location.hash.includes('brush')")
    #expect(browser.complaints == [])
  }

  @Test(.needs(.browser))
  func `is used with fingers`() throws {
    let served = try Served([ServedRuns.make(in: folder)])
    let a = try served.id("a")
    let browser = try Chromium(width: 390, height: 844)
    try browser.open(served.address + "#view=curves&sel=\(a)")
    let chart = "svg[data-chart]"
    let facts = "JSON.parse(document.querySelector('\(chart)').dataset.chart)"
    func end(_ name: String) throws -> Double {
      Double(try browser.text("\(facts).\(name)")) ?? .nan
    }
    try browser.wait(for: "document.querySelector('\(chart)')")
    let whole = (try end("low"), try end("high"))
    // Two fingers that part show less, and what was below them.
    try browser.touch(chart, from: [(0.4, 0.5), (0.6, 0.5)], to: [(0.2, 0.5), (0.8, 0.5)])
    try browser.wait(for: "location.hash.includes('from=')")
    try browser.wait(for: "\(facts).low > \(whole.0)")
    let part = (try end("low"), try end("high"))
    #expect(whole.0 < part.0 && part.1 < whole.1, "\(whole), \(part)")
    #expect(abs((part.1 - part.0) / (whole.1 - whole.0) - 1.0 / 3) < 0.05, "\(whole), \(part)")
    // One finger draws a box.
    try browser.touch(chart, from: [(0.4, 0.5)], to: [(0.7, 0.5)])
    try browser.wait(for: "\(facts).low > \(part.0)")
    #expect(try end("high") < part.1)

    try browser.open("about:blank")
    try browser.open(served.address + "#view=explorer&sel=\(a)")
    try browser.wait(for: "document.querySelector('svg.plane')")
    try browser.wait(for: "document.querySelector('#decoded').dataset.turn >= 1")
    let picture = "document.querySelector('#decoded').toDataURL()"
    let first = try browser.text(picture)
    try browser.touch("svg.plane", from: [(0.3, 0.3)], to: [(0.8, 0.75)])
    try browser.wait(for: "\(picture) !== \(Chromium.quoted(first))")
    // On the screen: the mark lies in a drawing of its own above the plane's.
    let mark = "document.querySelector('.plane-box .here').getBoundingClientRect()"
    let plane = "document.querySelector('svg.plane').getBoundingClientRect()"
    for (from, length, end) in [("x", "width", 0.8), ("y", "height", 0.75)] {
      let middle = "(\(mark).\(from) + \(mark).\(length) / 2 - \(plane).\(from))"
      let share = try browser.text("\(middle) / \(plane).\(length)")
      #expect(
        abs((Double(share) ?? 0) - end) < 0.02, "the finger ended at \(end), the mark at \(share)")
    }
    #expect(browser.complaints == [])
  }

  @Test(.needs(.browser), arguments: [(1280, false), (1280, true), (390, false), (390, true)])
  func `fits every view, without a message`(_ width: Int, _ isDark: Bool) throws {
    let runs = try ServedRuns.make(in: folder)
    try Program.run(["note", "\(runs)/a", "<img src=x onerror=alert(1)>"])
    let served = try Served([runs])
    let (a, b) = (try served.id("a"), try served.id("b"))
    let browser = try Chromium(width: width, height: 844, isDark: isDark)
    for (view, isThere) in [
      ("runs", "document.querySelector('tbody tr[data-id]')"),
      ("curves", "document.querySelector('svg[data-chart]')"),
      ("sweep", "document.querySelector('svg.parallel')"),
      ("pictures", "document.querySelector('figure img.pixels')?.naturalWidth > 0"),
      ("explorer", "document.querySelector('svg.plane')"),
      ("run", "document.querySelector('textarea')"),
    ] {
      try browser.open("about:blank")
      try browser.open(served.address + "#view=\(view)&sel=\(a),\(b)")
      try browser.wait(for: isThere, seconds: 60)
      let overflow = try browser.text("document.documentElement.scrollWidth - innerWidth")
      #expect(Int(overflow).map { $0 <= 0 } == true, "\(view) at \(width): \(overflow) too wide")
      // Every control says what it is.
      let nameless = try browser.text(
        """
        [...document.querySelectorAll('input, select, textarea, button')].filter((one) =>
          !one.getAttribute('aria-label') && !one.closest('label') && !one.textContent.trim()).length
        """)
      #expect(nameless == "0", "\(view): \(nameless) controls without a name")
      #expect(try browser.text("document.querySelectorAll('main img[src=x]').length") == "0")
      if let place = ProcessInfo.processInfo.environment["EXPT_SCREENSHOTS"] {
        Thread.sleep(forTimeInterval: 0.5)
        try browser.screenshot().write(
          to: URL(fileURLWithPath: "\(place)/\(view)-\(width)-\(isDark ? "dark" : "light").png"))
      }
    }
    #expect(browser.complaints == [])
  }
}
