/// How much an experiment file may ask of us before it is refused with a sentence.
///
/// A real experiment file has tens of lines; the bounds leave room for generated ones and keep
/// hostile ones (alias bombs, depth bombs, huge files) cheap.
enum Limits {
  /// Bytes of one file or one `--set` argument: 1 MiB.
  static let bytes = 1 << 20
  /// Values in one file after aliases and merge keys are expanded.
  static let nodes = 100_000
  /// Mappings and lists inside one another.
  static let depth = 100
  /// Lines that begin with `%`: libyaml's time grows with the square of their number.
  static let directives = 16
  /// Anchors among which a misspelt alias is looked for.
  static let suggestions = 200
  /// Files read through `extends`, each counted as often as it is named.
  static let files = 64
  /// Errors after which reading a file stops.
  static let errors = 500
  /// Diagnostics printed before "… and N more".
  static let printed = 100
}
