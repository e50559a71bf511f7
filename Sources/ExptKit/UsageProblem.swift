import ArgumentParser

/// What is wrong with a command line, in the words and the form of every other error.
struct UsageProblem {
  /// Without `error:` and without a full stop.
  var sentence: String
  /// Where to find help: `See 'expt run --help'.`
  var advice: String?

  /// - Parameter error: What the argument parser threw.
  init(_ error: any Error) {
    self.init(
      message: RootCommand.message(for: error), full: RootCommand.fullMessage(for: error))
  }

  /// - Parameters:
  ///   - message: The parser's sentence.
  ///   - full: The same with the usage below it, whose last line names the help.
  init(message: String, full: String) {
    var text = message.prefix(1).lowercased() + message.dropFirst()
    if let range = text.range(of: ". Please provide one of ") {
      text.replaceSubrange(range, with: ": write one of ")
    }
    if text.hasSuffix(".") { text.removeLast() }
    sentence = text + (Self.settingHint(in: text) ?? "")
    let quoted = full.split(separator: "\n").last?.split(separator: "'") ?? []
    if quoted.count > 1, quoted[0].hasSuffix("See ") { advice = "See '\(quoted[1])'." }
  }

  /// `--model.beta=4` was meant as a setting.
  private static func settingHint(in text: String) -> String? {
    guard text.hasPrefix("unknown option '--"),
      let name = text.split(separator: "'").dropFirst().first,
      name.contains(".")
    else { return nil }
    let key = name.drop { $0 == "-" }.prefix { $0 != "=" }
    return ": a setting is written without '--', as in \(key)=VALUE"
  }
}
