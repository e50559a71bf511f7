import ArgumentParser
import ExptFiles
import ExptRunFolder

/// `expt tag RUN TAG…`: words to find a run by.
struct TagCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tag",
    abstract: "Give a run tags, or take them away.",
    usage: "expt tag <run> [<tag> ...] [<options>]",
    discussion: """
      Tags are kept in the run's notes.json and found with 'expt runs --where "tags ~ good"'. \
      Without tags, prints those there are. Prints the run's tags, one per line.
      """)

  @Argument(help: ArgumentHelp("The run.", valueName: "run"), completion: Completions.run)
  var word: String

  @Argument(help: ArgumentHelp("Tags to add.", valueName: "tag"))
  var tags: [String] = []

  @OptionGroup var place: RunsFolderOption

  @Option(
    name: .shortAndLong, parsing: .singleValue,
    help: ArgumentHelp("A tag to take away; repeatable.", valueName: "tag"))
  var remove: [String] = []

  func validate() throws {
    for tag in tags {
      if let problem = RunNotes.problem(withTag: tag) {
        throw ValidationError("the tag '\(tag)' \(problem)")
      }
    }
  }

  func run() throws {
    try printing {
      let folder = try place.find(word)
      var notes = try folder.readNotes()
      let before = notes
      notes.tags.removeAll { remove.contains($0) }
      for tag in tags where !notes.tags.contains(tag) { notes.tags.append(tag) }
      guard notes.tags.count <= RunNotes.mostTags else {
        throw CommandFailure(.usage, "a run has at most \(RunNotes.mostTags) tags")
      }
      if notes != before { try folder.write(notes) }
      return notes.tags
    }
  }
}

/// `expt note RUN TEXT`: what a person says about a run.
struct NoteCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "note",
    abstract: "Write a note about a run, or read it.",
    usage: "expt note <run> [<text>] [<options>]",
    discussion: """
      The note is kept in the run's notes.json; a new one takes the place of the old one, and an empty \
      one ('') removes it. Without text, prints the note.
      """)

  @Argument(help: ArgumentHelp("The run.", valueName: "run"), completion: Completions.run)
  var word: String

  @Argument(help: "The note.")
  var text: String?

  @OptionGroup var place: RunsFolderOption

  func validate() throws {
    guard (text ?? "").utf8.count <= RunNotes.longestNote else {
      throw ValidationError("a note has at most \(RunNotes.longestNote) bytes")
    }
  }

  func run() throws {
    try printing {
      let folder = try place.find(word)
      var notes = try folder.readNotes()
      if let text {
        notes.note = text
        try folder.write(notes)
      }
      return notes.note.isEmpty ? [] : [notes.note]
    }
  }
}

/// `expt archive RUN…`: leaves runs out of lists.
struct ArchiveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "archive",
    abstract: "Leave runs out of lists, without removing them.",
    usage: "expt archive <run> ... [<options>]",
    discussion: """
      'expt runs --archived' and the live page's switch show archived runs too. Prints the path of each \
      run that was changed.
      """)

  @OptionGroup var marked: MarkedRuns

  @Flag(help: "Bring archived runs back.")
  var undo = false

  func run() throws { try printing { try marked.set(\.isArchived, to: !undo) } }
}

/// `expt pin RUN…`: keeps runs at the top.
struct PinCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pin",
    abstract: "Keep runs at the top of the live page's table, whatever it is sorted by.",
    usage: "expt pin <run> ... [<options>]",
    discussion: """
      The page has the same switch. 'expt runs --where pinned' lists pinned runs. Prints the path of each \
      run that was changed.
      """)

  @OptionGroup var marked: MarkedRuns

  @Flag(help: "Take the pins away.")
  var undo = false

  func run() throws { try printing { try marked.set(\.isPinned, to: !undo) } }
}

/// Runs that a mark in notes.json is given to.
struct MarkedRuns: ParsableArguments {
  @Argument(help: ArgumentHelp("Runs.", valueName: "run"), completion: Completions.run)
  var runs: [String]

  @OptionGroup var place: RunsFolderOption

  /// - Returns: The paths of those that did not have it so before.
  func set(_ mark: WritableKeyPath<RunNotes, Bool>, to value: Bool) throws -> [String] {
    try runs.map(place.find).compactMap { folder in
      var notes = try folder.readNotes()
      guard notes[keyPath: mark] != value else { return nil }
      notes[keyPath: mark] = value
      try folder.write(notes)
      return folder.path
    }
  }
}
