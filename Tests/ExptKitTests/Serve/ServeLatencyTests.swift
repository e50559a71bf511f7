import ExptTestSupport
import Foundation
import Testing

/// From the pointer to the picture, in the browser; to measure, with more moves than a test needs:
///
///     EXPT_MOVES=200 swift test --filter ServeLatencyTests
@Suite("A drag in latent space")
struct ServeLatencyTests {
  private let folder = TemporaryFolder()

  /// Networks of the size of `experiments/vae_mnist.yaml` and `experiments/conv_vae_mnist.yaml`.
  @Test(
    .needs(.browser),
    arguments: [
      ("vae", "{ type: mlp, hidden: [400] }", 30.0),
      (
        "conv_vae",
        "{ type: conv, channels: [32, 64], kernel: 4, stride: 2, padding: 1, hidden: [256] }", 80
      ),
    ])
  func `shows the picture of each place soon`(
    _ name: String, _ encoder: String, _ goal: Double
  ) throws {
    let file = try folder.write(
      """
      dataset: { type: digits, train: 1500, validation: 1000, test: 0 }
      model: { type: vae, latent: 20, encoder: \(encoder) }
      training: { epochs: 1, batch_size: 100 }
      """, to: "\(name).yaml")
    let result = try Program.run(["run", file, "--run-dir", folder.file("runs/\(name)"), "--quiet"])
    try #require(result.status == 0, "\(result.messages)")
    let served = try Served([folder.file("runs")])
    let browser = try Chromium()
    try browser.open(served.address + "#view=explorer&sel=\(try served.id(name))")
    try browser.wait(for: "document.querySelector('svg.plane')")
    try browser.wait(for: "document.querySelector('#decoded').dataset.turn >= 1")
    let moves = ProcessInfo.processInfo.environment["EXPT_MOVES"].flatMap(Int.init) ?? 20
    let found = try measure(browser, moves: moves)
    let times = found.whole
    let load = try String(contentsOfFile: "/proc/loadavg", encoding: .utf8).prefix(4)
    print(
      "\(name): \(times.count) moves, to the picture \(Self.text(times)) (goal p95 \(Int(goal)) ms); "
        + "of these until the page knew of the move \(Self.text(found.event)), the server's answer "
        + "\(Self.text(found.answer)); load \(load)")
    #expect(times.count == moves)
    // The first may come while it is being opened.
    #expect(found.answer.count > moves / 2, "by the WebSocket")
  }

  private static func quantile(_ sorted: [Double], _ share: Double) -> Double {
    sorted.isEmpty ? .nan : sorted[Int(share * Double(sorted.count - 1))]
  }

  private static func text(_ sorted: [Double]) -> String {
    String(format: "p50 %.1f ms, p95 %.1f ms", quantile(sorted, 0.5), quantile(sorted, 0.95))
  }

  /// Milliseconds, sorted: from each move of the pointer to the picture of its place on the canvas; of
  /// these, to the page's event, and from the request to the end of its answer.
  private func measure(
    _ browser: Chromium, moves: Int
  ) throws -> (whole: [Double], event: [Double], answer: [Double]) {
    try browser.evaluate(
      """
      (() => {
        const [svg, canvas] = [document.querySelector('svg.plane'), document.querySelector('#decoded')];
        Object.assign(window, { moved: null, whole: [], events: [], answers: [] });
        const send = WebSocket.prototype.send;
        WebSocket.prototype.send = function (message) {
          const start = performance.now();
          this.addEventListener(
            'message', () => answers.push(performance.now() - start), { once: true });
          return send.call(this, message);
        };
        for (const name of ['pointerrawupdate', 'pointermove']) {
          svg.addEventListener(name, (event) => {
            if (moved === event.timeStamp || events.length > whole.length) return;
            moved = event.timeStamp;
            events.push(performance.now() - moved);
          }, true);
        }
        new MutationObserver(() => {
          if (events.length > whole.length) whole.push(performance.now() - moved);
        }).observe(canvas, { attributes: true, attributeFilter: ['data-turn'] });
      })()
      """)
    try browser.press("svg.plane", at: (0.2, 0.5))
    for move in 1...moves {
      let turn = Double(move) / 12
      try browser.move(to: (0.5 + 0.3 * cos(turn), 0.5 + 0.3 * sin(turn)))
      try browser.wait(for: "whole.length >= \(move)", seconds: 10)
    }
    try browser.release()
    func numbers(_ expression: String) throws -> [Double] {
      (try browser.evaluate(expression) as? [Any] ?? [])
        .compactMap { ($0 as? NSNumber)?.doubleValue }.sorted()
    }
    return (try numbers("whole"), try numbers("events"), try numbers("answers"))
  }
}
