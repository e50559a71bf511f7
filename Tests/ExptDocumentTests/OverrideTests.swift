import ExptDocument
import Testing

@Suite("An override")
struct OverrideTests {
  let text = """
    seed: 1
    model:
      type: vae
      encoder: { type: mlp, hidden: [400, 200] }
    optimizer: adam
    schedule:
    layers:
      - { type: linear, units: 10 }
    """

  func value(_ overrides: String...) throws -> Node { try read(text, overrides: overrides) }

  @Test func `replaces a value, with its provenance`() throws {
    let root = try value("model.encoder.hidden=[300, 100]")
    let hidden = try #require(root["model"]?["encoder"]?["hidden"])
    #expect(short(hidden) == "[300, 100]")
    #expect(hidden.origin == .override("--set model.encoder.hidden=[300, 100]"))
    #expect(hidden.elements?.last?.span?.description == "--set:1:28")
  }

  @Test func `reads values as YAML`() throws {
    #expect(try value("a=4")["a"]?.scalar?.int == 4)
    #expect(try value("a='4'")["a"]?.scalar?.kind == .text)
    #expect(try value("a=x=y")["a"]?.scalar?.text == "x=y")
    #expect(try value("a=null")["a"]?.isNull == true)
    #expect(try value("a=\"\"")["a"]?.scalar?.text == "")
    #expect(short(try value("a={b: [1, {c: d}]}")["a"]) == "{b: [1, {c: d}]}")
    #expect(try value(" a = 4 ")["a"]?.scalar?.int == 4)
  }

  @Test func `makes what is missing`() throws {
    let root = try value("training.early.patience=3")
    #expect(short(root["training"]) == "{early: {patience: 3}}")
    let entry = try #require(root["training"]?["early"]?.entries?.first)
    #expect(entry.keySpan?.start == SourceLocation(line: 1, column: 16))
    #expect(short(try value("schedule.type=cosine")["schedule"]) == "{type: cosine}")
  }

  @Test func `below a bare component name makes it a mapping`() throws {
    let root = try value("optimizer.learning_rate=1")
    #expect(short(root["optimizer"]) == "{type: adam, learning_rate: 1}")
    #expect(root["optimizer"]?["type"]?.span?.description == "f.yaml:5:12")
  }

  @Test func `of the type keeps the other settings`() throws {
    #expect(
      short(try value("model.encoder.type=conv")["model"]?["encoder"])
        == "{type: conv, hidden: [400, 200]}")
    #expect(short(try value("model.encoder=conv")["model"]?["encoder"]) == "conv")
  }

  @Test func `reaches into lists`() throws {
    #expect(short(try value("layers.0.units=20")["layers"]) == "[{type: linear, units: 20}]")
    #expect(short(try value("layers[0].units=20")["layers"]) == "[{type: linear, units: 20}]")
    #expect(
      short(try value("model.encoder.hidden[1]=7")["model"]?["encoder"]?["hidden"]) == "[400, 7]")
  }

  @Test func `later ones win`() throws {
    #expect(try value("seed=2", "seed=3")["seed"]?.scalar?.int == 3)
  }

  @Test(arguments: [
    ("seed", "--set:1:5: error: 'seed' has no '='\n  1 | seed\n    |     ^ write KEY.PATH=VALUE"),
    ("", "--set:1:1: error: '' has no '='\n  1 |\n    | ^ write KEY.PATH=VALUE"),
    (
      "=3",
      "--set:1:1: error: a part of the key path is empty\n  1 | =3\n    | ^ write KEY.PATH=VALUE"
    ),
    (
      "a..b=3",
      "--set:1:3: error: a part of the key path is empty\n  1 | a..b=3\n    |   ^ write KEY.PATH=VALUE"
    ),
    (
      "a.=3",
      "--set:1:3: error: a part of the key path is empty\n  1 | a.=3\n    |   ^ write KEY.PATH=VALUE"
    ),
    (
      "a=",
      "--set:1:3: error: no value after '='\n  1 | a=\n    |   ^ write null to unset, or '\"\"' for an empty text"
    ),
    (
      "a=[1, 2",
      "--set:1:8: error: the list needs ',' or ']' here\n  1 | a=[1, 2\n    |        ^ close it with ']'"
    ),
    (
      "a=b: c",
      "--set:1:3: error: a value on the command line must be on one line\n  1 | a=b: c\n    |   ^ write a mapping as {key: value}; put text that holds ': ' in quotes"
    ),
    (
      "a=run #3",
      "--set:1:7: error: the value ends before this\n  1 | a=run #3\n    |       ^~ put the whole text in quotes"
    ),
    (
      "a[x]=3",
      "--set:1:2: error: this is not the number of a list's element\n  1 | a[x]=3\n    |  ^~~ write a number, as in 'hidden[0]'"
    ),
    (
      "a[0]b=3",
      "--set:1:5: error: '.' is missing here\n  1 | a[0]b=3\n    |     ^ write an element of a list as 'list[0].key' or 'list.0.key'"
    ),
    (
      "seed.x=3",
      "--set:1:6: error: 'seed' is the number 1 and has no settings\n  1 | seed.x=3\n    |      ^"
    ),
    ("model[0]=3", "--set:1:6: error: 'model' is not a list\n  1 | model[0]=3\n    |      ^~~"),
    (
      "model.0=3",
      "--set:1:7: error: 'model' is not a list\n  1 | model.0=3\n    |       ^ set the whole list: list=[1, 2]"
    ),
    (
      "layers.1.units=3",
      "--set:1:8: error: 'layers' has no element 1\n  1 | layers.1.units=3\n    |        ^ they are 0 to 0"
    ),
    (
      "layers.units=3",
      "--set:1:8: error: 'layers' is a list and has no settings\n  1 | layers.units=3\n    |        ^~~~~ name an element, from 0, as in 'layers[0]'"
    ),
    (
      "extends=x.yaml",
      "--set:1:1: error: 'extends' is only allowed in a file\n  1 | extends=x.yaml\n    | ^~~~~~~ write it in the file"
    ),
  ])
  func `that is wrong is explained`(_ argument: String, _ message: String) {
    #expect(report(text, overrides: [argument]) == message + "\n1 error")
  }

  @Test(arguments: [
    ("a=[x] y", 7, "the value ends before this"), ("a='x' y", 7, "the value ends before this"),
    ("a={b: c}}", 9, "the value ends before this"), ("a=[4] [5]", 7, "the value ends before this"),
    ("a=&x y", 3, "'&x' means nothing on the command line"),
    ("a=[&x 1]", 4, "'&x' means nothing on the command line"),
    ("a=%x", 3, "a value cannot start with '%'"), ("a=@x", 3, "a value cannot start with '@'"),
    ("a=--- x", 3, "'---' means nothing on the command line"),
    ("a=---", 3, "'---' means nothing on the command line"),
    ("a=...", 3, "'...' means nothing on the command line"),
    ("a=| x", 5, "a value on the command line must be on one line"),
    ("a=> x", 5, "a value on the command line must be on one line"),
    ("a=: x", 3, "a value on the command line must be on one line"),
    ("a=x: y: z", 3, "a value on the command line must be on one line"),
    ("a='x", 3, "this quoted text is never closed"), ("a={b", 5, "the mapping needs ',' or '}'"),
    ("a=,", 3, "a value is missing here"), ("a=*x", 3, "the alias '*x' has no anchor"),
  ])
  func `that is malformed is one sentence with its place`(
    _ argument: String, _ column: Int, _ sentence: String
  ) {
    let message = report(text, overrides: [argument])
    #expect(message.hasPrefix("--set:1:\(column): error: \(sentence)"), "\(message)")
    #expect(message.hasSuffix("\n1 error"), "\(message)")
  }

  @Test func `may hold what only looks like YAML`() throws {
    for text in ["it's.npy", "100%.npy", "a,b.npy", "x#1.npy", "epoch=10.npy", "---x", "...x"] {
      #expect(try value("a=\(text)")["a"]?.scalar?.text == text)
    }
  }

  @Test func `all wrong ones are reported together`() {
    let message = report(text, overrides: ["seed.x=1", "layers.9=1"])
    #expect(message.hasSuffix("2 errors"))
  }
}
