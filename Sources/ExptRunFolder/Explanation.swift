public import ExptFiles

/// What a model is, to learn from: its formulas with the numbers of an experiment, and the way from image to
/// loss. `expt explain` prints it, and a report draws it.
public struct Explanation: Sendable, Hashable {
  /// A formula of the model or one of its parts.
  public struct Formula: Sendable, Hashable {
    /// `loss`, `posterior`, `posterior of style`, `prior`, `likelihood`, `condition`, `missing`.
    public var role: String
    /// The component: `vae`.
    public var id: String
    public var summary: String
    /// With symbols, `… + β·KL(…)`, and what they mean on further lines; nil for a component that has no
    /// formula.
    public var symbols: String?
    /// With the experiment's numbers, `… + 4·KL(…)`.
    public var numbers: String?

    public init(role: String, id: String, summary: String, symbols: String?, numbers: String?) {
      self.role = role
      self.id = id
      self.summary = summary
      self.symbols = symbols
      self.numbers = numbers
    }

    /// Of `symbols`.
    public var lines: [String] { Self.lines(symbols) }

    /// The lines of `numbers` that say something else than their symbols.
    public var linesWithNumbers: [String] {
      let lines = Self.lines(numbers)
      return lines.filter { !self.lines.contains($0) }
    }

    private static func lines(_ text: String?) -> [String] {
      (text ?? "").split(separator: "\n").map(String.init)
    }
  }

  /// A number in the formulas.
  public struct Number: Sendable, Hashable {
    /// `β`.
    public var symbol: String
    /// `model.beta`.
    public var setting: String
    /// `4`, `linear (from 0, to 4, epochs 10)`.
    public var value: String
    /// What it does.
    public var help: String

    public init(symbol: String, setting: String, value: String, help: String) {
      self.symbol = symbol
      self.setting = setting
      self.value = value
      self.help = help
    }
  }

  /// A part of the way from image to loss.
  public struct Part: Sendable, Hashable {
    /// `encoder`; of the first `image`, of the last `loss`.
    public var name: String
    /// Its layers: `linear 784 → 400, relu`.
    public var layers: [String]
    /// The shape of what it gives for one image: `400`.
    public var output: String
    /// Trainable numbers.
    public var parameters: Int
    /// The parts that it is computed from.
    public var inputs: [String]

    public init(
      name: String, layers: [String] = [], output: String = "", parameters: Int = 0,
      inputs: [String] = []
    ) {
      self.name = name
      self.layers = layers
      self.output = output
      self.parameters = parameters
      self.inputs = inputs
    }
  }

  public var formulas: [Formula]
  public var numbers: [Number]
  /// In the order of computation.
  public var parts: [Part]
  /// Trainable numbers of the model, which are those of its parts.
  public var parameters: Int
  /// Numbers that are fitted to all images at once, before the first epoch, in place of being trained.
  public var fitted: Int

  public init(
    formulas: [Formula], numbers: [Number], parts: [Part], parameters: Int, fitted: Int = 0
  ) {
    self.formulas = formulas
    self.numbers = numbers
    self.parts = parts
    self.parameters = parameters
    self.fitted = fitted
  }
}

// MARK: - In a file

extension Explanation {
  public var json: JSONValue {
    func text(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
    return [
      "formulas": .array(
        formulas.map {
          [
            "role": .string($0.role), "id": .string($0.id), "summary": .string($0.summary),
            "symbols": text($0.symbols), "numbers": text($0.numbers),
          ]
        }),
      "numbers": .array(
        numbers.map {
          [
            "symbol": .string($0.symbol), "setting": .string($0.setting),
            "value": .string($0.value), "help": .string($0.help),
          ]
        }),
      "parts": .array(
        parts.map {
          [
            "name": .string($0.name), "layers": .array($0.layers.map { .string($0) }),
            "output": .string($0.output), "parameters": JSONValue($0.parameters),
            "inputs": .array($0.inputs.map { .string($0) }),
          ]
        }),
      "parameters": JSONValue(parameters), "fitted": JSONValue(fitted),
    ]
  }

  /// Nil for anything that is not one.
  public init?(_ json: JSONValue) {
    guard let formulas = json["formulas"]?.array, let numbers = json["numbers"]?.array,
      let parts = json["parts"]?.array
    else { return nil }
    func text(_ value: JSONValue, _ key: String) -> String { value[key]?.string ?? "" }
    func texts(_ value: JSONValue?) -> [String] { (value?.array ?? []).compactMap(\.string) }
    self.formulas = formulas.map {
      Formula(
        role: text($0, "role"), id: text($0, "id"), summary: text($0, "summary"),
        symbols: $0["symbols"]?.string, numbers: $0["numbers"]?.string)
    }
    self.numbers = numbers.map {
      Number(
        symbol: text($0, "symbol"), setting: text($0, "setting"), value: text($0, "value"),
        help: text($0, "help"))
    }
    self.parts = parts.map {
      Part(
        name: text($0, "name"), layers: texts($0["layers"]), output: text($0, "output"),
        parameters: $0["parameters"]?.int ?? 0, inputs: texts($0["inputs"]))
    }
    let ofParts = self.parts.reduce(0) { $0 + $1.parameters }
    parameters = json["parameters"]?.int ?? ofParts
    fitted = json["fitted"]?.int ?? 0
  }
}

extension RunFolder {
  /// What the model is: see `Explanation`.
  public var explanationFile: String { FilePath.join(summaryFolder, "explanation.json") }

  /// Nil in a folder without one that can be read.
  public var explanation: Explanation? {
    (try? JSONValue.read(explanationFile, limit: 4 << 20)).flatMap { Explanation($0) }
  }
}
