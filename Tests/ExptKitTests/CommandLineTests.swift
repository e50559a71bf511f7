import ExptFiles
import ExptTestSupport
import Foundation
import Testing

private let tiny = """
  dataset: { type: digits, train: 60, validation: 20, test: 10 }
  model: { type: vae, latent: 3, encoder: { type: mlp, hidden: [5] } }
  training: { epochs: 1, batch_size: 16 }
  outputs: { images_every: 0, summary: false }
  """

/// A command line as a shell takes it, in a folder of its own; `expt` is the program.
private final class Shell: Sendable {
  let folder = TemporaryFolder()

  init() throws { _ = try folder.write(tiny, to: "tiny.yaml") }

  func callAsFunction(
    _ line: String, environment: [String: String] = [:]
  ) throws -> Program.Result {
    let words = "expt() { \"$EXPT\" \"$@\"; }; cd \"$FOLDER\" && \(line)"
    let own = ["EXPT": try Program.path, "FOLDER": folder.path, "COLUMNS": "80"]
    return try Program.start(
      tool: ["bash", "-c", words], environment: own.merging(environment) { $1 }
    ).wait()
  }

  func settings(_ run: String) throws -> String {
    try FileBytes.readText(folder.file("\(run)/resolved.yaml"))
  }
}

@Suite("The command line")
struct CommandLineTests {
  @Test func `without a word it prints the help, with the exit codes, and exits with 0`() throws {
    let shell = try Shell()
    let bare = try shell("expt")
    #expect(bare.status == 0 && bare.messages.isEmpty)
    #expect(try bare.output == shell("expt --help").output)
    for part in ["0 success", "64 ", "65 ", "66 ", "70 ", "74 ", "130 ", "sweep", "'latest'"] {
      #expect(bare.output.replacing("\n", with: " ").contains(part), "\(part)")
    }
  }

  @Test(arguments: [
    "expt run --blah", "expt evaluate", "expt evaluate a b", "expt export a --format pdf",
    "expt runs --limit x", "expt bench --rounds 0", "expt diff a", "expt sweep", "expt -x",
    "expt sample a --count 0", "expt run", "expt run a.yaml --threads 0", "expt frobnicate",
    "expt eval a --json", "expt runs --json --csv", "expt tiny.yaml modelbeta",
    "expt tiny.yaml tiny.yaml", "expt model.beta=4 tiny.yaml", "expt tiny.yaml --model.beta=4",
    "expt tiny.yaml +model.beta=4", "expt compare", "expt help --nonsense",
  ])
  func `a mistake is one short sentence behind 'error:', and exits with 64`(_ line: String) throws {
    let result = try Shell()(line)
    #expect(result.status == 64 && result.output.isEmpty, "\(result)")
    #expect(result.messages.hasPrefix("error: "), "\(result.messages)")
    #expect(result.messages.utf8.count < 200 && !result.messages.contains("Usage:"))
    let sentence = result.messages.split(separator: "\n")[0].dropFirst(7)
    #expect(sentence.first?.isUppercase == false && !sentence.hasSuffix("."), "\(sentence)")
  }

  @Test func `a mistake says what to write instead`() throws {
    let shell = try Shell()
    let cases = [
      ("expt eval a --json", "did you mean 'expt evaluate'?"),
      ("expt train tiny.yaml", "did you mean 'expt run'?"),
      ("expt tiny.yaml modelbeta", "write key.path=value, such as model.beta=4"),
      ("expt tiny.yaml --model.beta 4", "written without '--', as in model.beta=VALUE"),
      ("expt tiny.yaml ++model.beta=4", "write model.beta=4:"),
      ("expt model.beta=4 tiny.yaml", "'expt FILE model.beta=4'"),
      ("expt tiny.yaml other.yaml", "two experiment files, tiny.yaml and other.yaml"),
      ("expt run --blah", "unknown option '--blah'\nSee 'expt run --help'."),
      ("expt check tiny.yaml model.bta=4", "did you mean 'beta'?"),
    ]
    for (line, advice) in cases {
      let result = try shell(line)
      #expect(result.messages.contains(advice), "\(line): \(result.messages)")
    }
  }

  @Test func `settings behind the file are the same as with --set, wherever they stand`() throws {
    let shell = try Shell()
    let lines = [
      "expt tiny.yaml --set model.beta=4 --set seed=7 --run-dir a -q",
      "expt tiny.yaml model.beta=4 seed=7 --run-dir b -q",
      "expt run tiny.yaml seed=7 --run-dir c -q model.beta=4",
      "expt tiny.yaml --run-dir d --set model.beta=4 -t1 seed=7 -q",
    ]
    for line in lines { #expect(try shell(line).status == 0, "\(line)") }
    for run in ["b", "c", "d"] { #expect(try shell.settings(run) == shell.settings("a")) }
    let check = try shell(
      "expt check model=1.yaml || expt check tiny.yaml 'model.encoder.hidden=[7, 8]'")
    #expect(check.output.contains("hidden: [7, 8]"))
    let resumed = try shell("expt --resume a training.epochs=2 -q")
    #expect(resumed.status == 0 && resumed.lastLine == "a", "\(resumed.messages)")
    #expect(try shell.settings("a").contains("epochs: 2"))
  }

  @Test func `a file with a = in its name is a file`() throws {
    let shell = try Shell()
    #expect(try shell("cp tiny.yaml a=1.yaml; expt a=1.yaml name=x -q").status == 0)
    #expect(try shell("cp tiny.yaml beta=1; expt check beta=1 name=x").status == 0)
  }

  @Test func `- is standard input, with overrides, names and places of mistakes`() throws {
    let shell = try Shell()
    let run = try shell("expt - --run-dir a -q model.latent=2 < tiny.yaml")
    #expect(run.status == 0 && run.lastLine == "a", "\(run.messages)")
    #expect(try FileBytes.readText(shell.folder.file("a/experiment.yaml")) == tiny)
    #expect(try shell.settings("a").contains("name: stdin"))
    #expect(try shell("cat tiny.yaml | expt check - name=piped").output.contains("name: piped"))
    let wrong = try shell("sed s/latent/latnet/ tiny.yaml | expt check -")
    #expect(wrong.status == 65)
    #expect(wrong.messages.hasPrefix("<stdin>:2:21: error:"), "\(wrong.messages)")
    #expect(try shell("expt check - < /dev/null").status == 65)
  }

  @Test func `check and describe are JSON, too`() throws {
    let shell = try Shell()
    func json(_ line: String) throws -> JSONValue {
      try JSONValue.parse(Array(shell(line).output.utf8), path: "stdout")
    }
    let check = try json("expt check tiny.yaml model.beta=4 --json")
    #expect(check["settings"]?["model"]?["latent"]?.int == 3)
    #expect(check["origins"]?["model.latent"]?.string?.hasPrefix("tiny.yaml:2") == true)
    #expect(check["origins"]?["model.beta.value"]?.string == "--set model.beta=4")
    #expect(check["image"]?.array?.compactMap(\.int) == [1, 28, 28])
    // 784·5 + 5 and twice 5·3 + 3 to encode, 3·5 + 5 and 5·784 + 784 to decode.
    #expect(check["parameters"]?.int == 3925 + 36 + 20 + 4704)
    let layers = check["layers"]?.array ?? []
    #expect(layers.compactMap { $0["parameters"]?.int }.reduce(0, +) == 8685)

    let vae = try json("expt describe vae --json").array ?? []
    #expect(vae.count == 1 && vae[0]["role"]?.string == "model")
    let latent = vae[0]["settings"]?.array?.first { $0["name"]?.string == "latent" }
    #expect(latent?["default"]?.int == 20 && latent?["required"]?.bool == false)
    let all = try json("expt describe --json").array ?? []
    let roles = Set(all.compactMap { $0["role"]?.string })
    #expect(roles.contains("experiment") && roles.contains("dataset"))
    let role = try json("expt describe optimizer --json").array ?? []
    #expect(role.count > 1 && role.allSatisfy { $0["role"]?.string == "optimizer" })
  }
}

@Suite("A run by its name")
struct RunNameTests {
  @Test func `every command takes a name, the beginning of a folder's name and latest`() throws {
    let shell = try Shell()
    let first = try shell("expt tiny.yaml name=one -q --runs r").lastLine
    let second = try shell("expt tiny.yaml name=two -q --runs r").lastLine
    try #require(first.hasPrefix("r/one/") && second.hasPrefix("r/two/"))
    let start = FilePath.name(of: second)
    let commands = [
      "evaluate two -s1 -n5", "reconstruct two -n4", "sample two -s4", "interpolate two --pairs 1",
      "traverse two --steps 2", "encode two -n4", "export two --format npz", "report two",
      "compare two", "diff one two", "runs two", "--resume two -q", "evaluate latest -s1",
      "evaluate two/\(start.prefix(8)) -s1", "compare one latest", "run --resume latest --dry-run",
    ]
    for command in commands {
      let result = try shell("expt \(command) --runs r")
      #expect(result.status == 0, "\(command): \(result.messages)")
    }
    #expect(try shell("expt runs --runs r --paths").output.split(separator: "\n").count == 2)
    #expect(try shell("expt runs one --runs r --paths").lastLine == first)
    #expect(try shell("mv r runs; expt sample latest").lastLine.hasPrefix("runs/two/"))
    let many = try shell("expt sample 2")
    #expect(many.status == 64 && many.messages.contains("\n  runs/one/"))
    let none = try shell("expt evaluate tow")
    #expect(none.status == 66 && none.messages.contains("did you mean 'two'?"))
  }
}

@Suite("Completions")
struct CompletionTests {
  /// What the shell is told for a line whose last word is being typed.
  private func words(_ shell: Shell, _ argument: String, _ line: String) throws -> [String] {
    let words = line.split(separator: " ", omittingEmptySubsequences: false).map { "'\($0)'" }
    let command = line.split(separator: " ")[1]
    let last = words[words.count - 1].count - 2
    let result = try shell(
      "expt ---completion \(command) -- \(argument) \(words.count - 1) \(last) "
        + words.joined(separator: " "))
    #expect(result.status == 0, "\(result.messages)")
    return result.output.split(separator: "\n").map(String.init)
  }

  @Test func `know settings, components, metrics, fields, runs and checkpoints`() throws {
    let shell = try Shell()
    let run = FilePath.name(of: try shell("expt tiny.yaml -q").lastLine)
    let settings = try words(shell, "--set", "expt run tiny.yaml --set mod")
    for key in [
      "model.latent=", "model.beta=", "model.encoder.hidden=", "optimizer.learning_rate=",
    ] {
      #expect(settings.contains(key), "\(key)")
    }
    #expect(try words(shell, "positional@1", "expt run tiny.yaml tr").contains("training.epochs="))
    #expect(try words(shell, "positional@1", "expt lr tiny.yaml tr").contains("training.epochs="))
    #expect(try words(shell, "--set", "expt run x --set ").contains("training.batch_size="))
    #expect(try words(shell, "--set", "expt run x --set model.type=").contains("model.type=vae"))
    #expect(try words(shell, "positional@0", "expt describe v").contains("vae"))
    #expect(try words(shell, "--metric", "expt compare --metric ").contains("validation_loss"))
    let fields = try words(shell, "--sort", "expt runs --sort ")
    #expect(["created", "best.train_loss", "model.latent"].allSatisfy(fields.contains))
    #expect(try words(shell, "--where", "expt runs --where ").contains("seed"))
    #expect(try words(shell, "positional@0", "expt evaluate ") == ["latest", "tiny", run])
    #expect(try words(shell, "positional@0", "expt sample runs/") == ["runs/tiny"])
    #expect(try words(shell, "--resume", "expt run --resume ").contains("tiny"))
    #expect(
      try words(shell, "--checkpoint", "expt sample tiny --checkpoint ").prefix(2)
        == ["best", "last"])
  }

  @Test func `bash offers them`() throws {
    let shell = try Shell()
    try #require(shell("expt tiny.yaml -q").status == 0)
    let result = try shell(
      """
      bin=$(mktemp -d); ln -s "$EXPT" "$bin/expt"; PATH="$bin:$PATH"; unset -f expt
      source <(expt --generate-completion-script bash)
      COMP_LINE='expt evaluate ti' COMP_POINT=16 COMP_WORDS=(expt evaluate ti) COMP_CWORD=2
      _expt expt ti evaluate; echo "${COMPREPLY[*]}"
      """)
    #expect(result.lastLine == "tiny", "\(result)")
  }
}
