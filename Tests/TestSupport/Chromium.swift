public import Foundation
import Synchronization

/// A headless Chromium that a test drives as a person does: it clicks, types, drags and looks.
///
/// Speaks the DevTools protocol over two pipes, each message a JSON text with a NUL behind it.
///
/// Source: chromedevtools.github.io/devtools-protocol.
public final class Chromium: @unchecked Sendable {  // all state is behind `condition`
  /// What went wrong, in a sentence.
  public struct Failure: Error, CustomStringConvertible {
    public var description: String
  }

  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private let profile = TemporaryFolder()
  private let condition = NSCondition()
  private var answers: [Int: [String: Any]] = [:]
  private var lastNumber = 0
  private var session: String?
  private var said: [String] = []
  private var hasEnded = false
  /// The element under the mouse that is pressed.
  private var held = (x: 0.0, y: 0.0, width: 0.0, height: 0.0)

  /// - Parameters:
  ///   - width: Of the window, in CSS pixels.
  ///   - isDark: What the page is told that its reader prefers.
  public init(width: Int = 1280, height: Int = 900, isDark: Bool = false) throws {
    guard let path = Browser.path else { throw Failure(description: "there is no Chromium") }
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    // Chromium reads commands from descriptor 3 and writes to 4.
    process.arguments =
      ["-c", "exec \"$@\" 3<&0 4>&1 >/dev/null 2>&1", "sh", path] + [
        "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe",
        "--no-first-run", "--disable-background-networking", "--disable-component-update",
        "--disable-dev-shm-usage", "--user-data-dir=\(profile.path)", "about:blank",
      ]
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    let reader = output.fileHandleForReading
    Thread.detachNewThread { [self] in read(reader) }
    let target = try call("Target.createTarget", ["url": "about:blank"])
    let attached = try call(
      "Target.attachToTarget", ["targetId": target["targetId"] ?? "", "flatten": true])
    condition.withLock { session = attached["sessionId"] as? String }
    for domain in ["Page", "Runtime", "Log", "DOM"] { try call("\(domain).enable") }
    try resize(width: width, height: height)
    try call(
      "Emulation.setEmulatedMedia",
      ["features": [["name": "prefers-color-scheme", "value": isDark ? "dark" : "light"]]])
  }

  deinit { close() }

  public func close() {
    guard process.isRunning else { return }
    process.terminate()
    process.waitUntilExit()
  }

  // MARK: What a person does

  public func resize(width: Int, height: Int) throws {
    try call(
      "Emulation.setDeviceMetricsOverride",
      ["width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600])
  }

  /// Opens an address and waits until it is loaded.
  public func open(_ address: String) throws {
    try call("Page.navigate", ["url": address])
    let isThere = "(location.href === 'about:blank') === \(address == "about:blank")"
    try wait(for: "document.readyState === 'complete' && \(isThere)")
  }

  /// The value of an expression, which may be a promise, as JSON has it.
  @discardableResult
  public func evaluate(_ expression: String) throws -> Any? {
    let answer = try call(
      "Runtime.evaluate",
      ["expression": expression, "returnByValue": true, "awaitPromise": true, "userGesture": true])
    if let exception = answer["exceptionDetails"] as? [String: Any] {
      let thrown = (exception["exception"] as? [String: Any])?["description"]
      throw Failure(description: "\(expression): \(thrown ?? exception["text"] ?? "")")
    }
    return (answer["result"] as? [String: Any])?["value"]
  }

  public func text(_ expression: String) throws -> String {
    "\(try evaluate("String(\(expression))") ?? "")"
  }

  /// Waits until an expression is true; until then it may fail too.
  public func wait(for expression: String, seconds: Double = 60) throws {
    let end = Date().addingTimeInterval(seconds)
    var last = ""
    while Date() < end {
      do {
        if try evaluate("!!(\(expression))") as? Bool == true { return }
      } catch { last = ": \(error)" }
      Thread.sleep(forTimeInterval: 0.02)
    }
    throw Failure(description: "after \(seconds) s this is not so: \(expression)\(last)")
  }

  /// Presses the mouse in the middle of an element.
  public func click(_ selector: String) throws {
    let (x, y) = try middle(of: selector)
    try mouse("mousePressed", x, y)
    try mouse("mouseReleased", x, y)
  }

  /// Presses, moves in steps and lets go; places are shares of the element's width and height.
  public func drag(
    _ selector: String, from: (x: Double, y: Double), to: (x: Double, y: Double), steps: Int = 10
  ) throws {
    let box = try box(of: selector)
    func place(_ share: Double) -> (Double, Double) {
      (
        box.x + box.width * (from.x + share * (to.x - from.x)),
        box.y + box.height * (from.y + share * (to.y - from.y))
      )
    }
    try mouse("mousePressed", place(0).0, place(0).1)
    for step in 1...max(1, steps) {
      let (x, y) = place(Double(step) / Double(steps))
      try mouse("mouseMoved", x, y, pressed: true)
    }
    try mouse("mouseReleased", place(1).0, place(1).1)
  }

  /// Presses the mouse at a place of an element, and holds it.
  public func press(_ selector: String, at share: (x: Double, y: Double)) throws {
    let box = try box(of: selector)
    held = (box.x, box.y, box.width, box.height)
    try mouse("mousePressed", box.x + share.x * box.width, box.y + share.y * box.height)
  }

  /// Moves the mouse that is held to another place of that element.
  public func move(to share: (x: Double, y: Double)) throws {
    try mouse(
      "mouseMoved", held.x + share.x * held.width, held.y + share.y * held.height, pressed: true)
  }

  public func release() throws { try mouse("mouseReleased", held.x, held.y) }

  /// Puts fingers down, moves them in steps and lifts them; places are shares as in `drag`, one for each finger.
  public func touch(
    _ selector: String, from: [(x: Double, y: Double)], to: [(x: Double, y: Double)],
    steps: Int = 10
  ) throws {
    let box = try box(of: selector)
    func points(_ share: Double) -> [[String: Any]] {
      zip(from, to).enumerated().map { finger, ends in
        let (from, to) = ends
        return [
          "id": finger, "x": box.x + box.width * (from.x + share * (to.x - from.x)),
          "y": box.y + box.height * (from.y + share * (to.y - from.y)),
        ]
      }
    }
    func send(_ type: String, _ points: [[String: Any]]) throws {
      try call("Input.dispatchTouchEvent", ["type": type, "touchPoints": points])
    }
    try send("touchStart", points(0))
    for step in 1...max(1, steps) { try send("touchMove", points(Double(step) / Double(steps))) }
    try send("touchEnd", [])
  }

  /// Presses a key: `a`, `Enter`, `ArrowDown`.
  public func press(_ key: String) throws {
    var event: [String: Any] = ["type": "keyDown", "key": key, "code": key]
    if key.count == 1 { event["text"] = key }
    let codes = ["Enter": 13, "ArrowDown": 40, "ArrowUp": 38, "ArrowLeft": 37, "ArrowRight": 39]
    if let code = codes[key] { event["windowsVirtualKeyCode"] = code }
    try call("Input.dispatchKeyEvent", event)
    event["type"] = "keyUp"
    try call("Input.dispatchKeyEvent", event)
  }

  /// Types a text into what has the focus.
  public func type(_ text: String) throws { try call("Input.insertText", ["text": text]) }

  /// The window as PNG.
  public func screenshot() throws -> Data {
    let answer = try call("Page.captureScreenshot", ["format": "png"])
    return Data(base64Encoded: answer["data"] as? String ?? "") ?? Data()
  }

  /// Messages on the console and exceptions so far.
  public var complaints: [String] { condition.withLock { said } }

  // MARK: The protocol

  private func middle(of selector: String) throws -> (Double, Double) {
    let box = try box(of: selector)
    return (box.x + box.width / 2, box.y + box.height / 2)
  }

  /// Where an element is, once it has stayed there for three looks: what is still loading above it would
  /// move it away from under the mouse.
  private func box(
    of selector: String
  ) throws -> (x: Double, y: Double, width: Double, height: Double) {
    var numbers = try look(at: selector)
    var still = 1
    for _ in 0..<100 where still < 3 {
      Thread.sleep(forTimeInterval: 0.05)
      let now = try look(at: selector)
      still = now == numbers ? still + 1 : 1
      numbers = now
    }
    return (numbers[0], numbers[1], numbers[2], numbers[3])
  }

  private func look(at selector: String) throws -> [Double] {
    let found =
      try evaluate(
        """
        (() => { const one = document.querySelector(\(Self.quoted(selector)));
          if (!one) return null;
          one.scrollIntoView({ block: 'center', inline: 'nearest' });
          const box = one.getBoundingClientRect();
          return [box.x, box.y, box.width, box.height]; })()
        """) as? [Any]
    let numbers = found?.compactMap { ($0 as? NSNumber)?.doubleValue } ?? []
    guard numbers.count == 4 else { throw Failure(description: "there is no \(selector)") }
    return numbers
  }

  private func mouse(_ type: String, _ x: Double, _ y: Double, pressed: Bool = false) throws {
    let isMove = type == "mouseMoved"
    try call(
      "Input.dispatchMouseEvent",
      [
        "type": type, "x": x, "y": y, "button": isMove && !pressed ? "none" : "left",
        "buttons": type == "mouseReleased" ? 0 : 1, "clickCount": isMove ? 0 : 1,
      ])
  }

  /// A text as JavaScript has it.
  public static func quoted(_ text: String) -> String {
    let data = try? JSONSerialization.data(withJSONObject: [text])
    return String(
      (data.map { String(decoding: $0, as: UTF8.self) } ?? "[\"\"]").dropFirst().dropLast())
  }

  @discardableResult
  private func call(_ method: String, _ parameters: [String: Any] = [:]) throws -> [String: Any] {
    condition.lock()
    defer { condition.unlock() }
    lastNumber += 1
    let number = lastNumber
    var message: [String: Any] = ["id": number, "method": method, "params": parameters]
    if let session { message["sessionId"] = session }
    var data = try JSONSerialization.data(withJSONObject: message)
    data.append(0)
    try input.fileHandleForWriting.write(contentsOf: data)
    let end = Date().addingTimeInterval(60)
    while answers[number] == nil {
      if hasEnded { throw Failure(description: "Chromium ended at \(method)") }
      guard condition.wait(until: end) else {
        throw Failure(description: "Chromium did not answer \(method)")
      }
    }
    let answer = answers.removeValue(forKey: number) ?? [:]
    if let error = answer["error"] as? [String: Any] {
      throw Failure(description: "\(method): \(error["message"] ?? error)")
    }
    return answer["result"] as? [String: Any] ?? [:]
  }

  private func read(_ handle: FileHandle) {
    var rest = Data()
    while case let piece = handle.availableData, !piece.isEmpty {
      rest.append(piece)
      while let end = rest.firstIndex(of: 0) {
        take(rest[rest.startIndex..<end])
        rest = Data(rest[(end + 1)...])
      }
    }
    condition.withLock {
      hasEnded = true
      condition.broadcast()
    }
  }

  private func take(_ bytes: Data) {
    guard let message = try? JSONSerialization.jsonObject(with: bytes) as? [String: Any] else {
      return
    }
    condition.lock()
    defer { condition.unlock() }
    if let number = message["id"] as? Int {
      answers[number] = message
      condition.broadcast()
    } else if let complaint = Self.complaint(message) {
      said.append(complaint)
    }
  }

  private static func complaint(_ message: [String: Any]) -> String? {
    let parameters = message["params"] as? [String: Any] ?? [:]
    switch message["method"] as? String {
    case "Runtime.consoleAPICalled":
      let values = (parameters["args"] as? [[String: Any]] ?? []).map {
        "\($0["value"] ?? $0["description"] ?? "")"
      }
      return "console: " + values.joined(separator: " ")
    case "Runtime.exceptionThrown":
      let details = parameters["exceptionDetails"] as? [String: Any] ?? [:]
      let thrown = (details["exception"] as? [String: Any])?["description"]
      return "exception: \(thrown ?? details["text"] ?? "")"
    case "Log.entryAdded":
      let entry = parameters["entry"] as? [String: Any] ?? [:]
      return "log: \(entry["text"] ?? "") \(entry["url"] ?? "")"
    default: return nil
    }
  }
}
