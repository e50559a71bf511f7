public import ExptFiles

extension Manifest {
  /// The manifest as JSON: what was read, with this value's fields on top. Keys this version does
  /// not know are kept.
  public var json: JSONValue {
    guard var fields = fields.object else { return fields }
    if let measure { fields["measure"] = .string(measure) }
    if let levels { fields["levels"] = JSONValue(levels) }
    return .object(unknown.source.merging(fields))
  }

  private var fields: JSONValue {
    [
      "status": .string(status.rawValue),
      "name": .string(name),
      "seed": JSONValue(seed),
      "versions": [
        "format": JSONValue(versions.format), "expt": .string(versions.expt),
        "swift": .string(versions.swift),
      ],
      "git": git.map { ["commit": .string($0.commit), "dirty": .bool($0.isDirty)] } ?? nil,
      "machine": [
        "host": .string(machine.host), "processor": .string(machine.processor),
        "cores": JSONValue(machine.cores), "memory": JSONValue(machine.memory),
        "system": .string(machine.system),
      ],
      "threads": JSONValue(threads),
      "instruction_set": .string(instructionSet),
      "precision": .string(precision),
      "dataset": datasetFields,
      "model": .string(model),
      "likelihood": .string(likelihood),
      "parameters": JSONValue(parameterCount),
      "created": .string(created.iso8601),
      "started": text(started?.iso8601),
      "finished": text(finished?.iso8601),
      "seconds_trained": JSONValue(secondsTrained),
      "last": lastMetrics?.json ?? nil,
      "best": bestMetrics?.json ?? nil,
      "process": process.map {
        ["id": JSONValue($0.id), "host": .string($0.host), "boot": .string($0.boot)]
      } ?? nil,
      "failure": text(failure),
      "diagnosis": .array(diagnosis.map { .string($0) }),
      "resumptions": .array(resumptions.map(\.json)),
    ]
  }

  private var datasetFields: JSONValue {
    let fields: JSONValue = [
      "name": .string(dataset.name), "fingerprint": .string(dataset.fingerprint),
      "fingerprint_with_labels": text(dataset.fingerprintWithLabels),
      "edition": JSONValue(dataset.edition),
      "training": JSONValue(dataset.training), "validation": JSONValue(dataset.validation),
      "test": dataset.test.map { JSONValue($0) } ?? .null,
      "shape": .array(dataset.shape.map { JSONValue($0) }),
      "substituted_for": text(dataset.substitutedFor),
      "substitution_reason": text(dataset.substitutionReason),
    ]
    guard var object = fields.object else { return fields }
    if let classes = dataset.classes { object["classes"] = JSONValue(classes) }
    if !dataset.factors.isEmpty {
      object["factors"] = .array(dataset.factors.map { .string($0) })
    }
    if let table = dataset.table { object["table"] = table }
    if let folder = dataset.workingFolder { object["working_folder"] = .string(folder) }
    if let folder = dataset.dataFolder { object["data_folder"] = .string(folder) }
    return .object(object)
  }

  private func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }

  /// - Throws: `malformed` when it is not a manifest: the status, the name or the format version is
  ///   missing. Other fields that are missing or of another type take a neutral value, so that old
  ///   and future runs can be looked at.
  public init(_ json: JSONValue, path: String) throws(FileProblem) {
    func problem(_ what: String) -> FileProblem {
      FileProblem(.malformed, "this is not a run's manifest: \(what).", path: path)
    }
    guard let source = json.object else { throw problem("it is not a JSON object") }
    guard let name = json["name"]?.string else { throw problem("it has no 'name'") }
    guard let format = json["versions"]?["format"]?.int else {
      throw problem("it has no 'versions.format'")
    }
    guard let word = json["status"]?.string else { throw problem("it has no 'status'") }
    guard let status = Status(rawValue: word) else {
      let known = Status.allCases.map(\.rawValue).joined(separator: ", ")
      throw problem("its status '\(word)' is not one of \(known)")
    }
    self.status = status
    self.name = name
    unknown.source = source
    versions = Versions(
      format: format, expt: json["versions"]?["expt"]?.string ?? "",
      swift: json["versions"]?["swift"]?.string ?? "")
    seed = json["seed"]?.uint64 ?? 0
    git = json["git"]?["commit"]?.string.map {
      GitState(commit: $0, isDirty: json["git"]?["dirty"]?.bool ?? false)
    }
    machine = Machine(json["machine"] ?? [:])
    threads = json["threads"]?.int ?? 0
    instructionSet = json["instruction_set"]?.string ?? ""
    precision = json["precision"]?.string ?? ""
    dataset = DatasetRecord(json["dataset"] ?? [:])
    model = json["model"]?.string ?? ""
    likelihood = json["likelihood"]?.string ?? ""
    measure = json["measure"]?.string
    levels = json["levels"]?.int
    parameterCount = json["parameters"]?.int ?? 0
    created = json["created"]?.timestamp ?? Timestamp(seconds: 0)
    started = json["started"]?.timestamp
    finished = json["finished"]?.timestamp
    secondsTrained = json["seconds_trained"]?.double ?? 0
    lastMetrics = json["last"].flatMap(MetricsRecord.init)
    bestMetrics = json["best"].flatMap(MetricsRecord.init)
    process = json["process"].flatMap(ProcessRecord.init)
    failure = json["failure"]?.string
    diagnosis = json["diagnosis"]?.array?.compactMap(\.string) ?? []
    resumptions = json["resumptions"]?.array?.compactMap(Resumption.init) ?? []
  }
}

extension JSONValue {
  fileprivate var timestamp: Timestamp? { string.flatMap(Timestamp.init(iso8601:)) }
}

extension Machine {
  fileprivate init(_ json: JSONValue) {
    self.init(
      host: json["host"]?.string ?? "", processor: json["processor"]?.string ?? "",
      cores: json["cores"]?.int ?? 0, memory: json["memory"]?.int ?? 0,
      system: json["system"]?.string ?? "")
  }
}

extension ProcessRecord {
  fileprivate init?(_ json: JSONValue) {
    guard let id = json["id"]?.int else { return nil }
    self.init(id: id, host: json["host"]?.string ?? "", boot: json["boot"]?.string ?? "")
  }
}

extension Manifest.DatasetRecord {
  fileprivate init(_ json: JSONValue) {
    self.init(
      name: json["name"]?.string ?? "", fingerprint: json["fingerprint"]?.string ?? "",
      training: json["training"]?.int ?? 0, validation: json["validation"]?.int ?? 0,
      test: json["test"]?.int, shape: json["shape"]?.array?.compactMap(\.int) ?? [],
      substitutedFor: json["substituted_for"]?.string,
      substitutionReason: json["substitution_reason"]?.string,
      workingFolder: json["working_folder"]?.string, dataFolder: json["data_folder"]?.string)
    classes = json["classes"]?.int
    factors = json["factors"]?.array?.compactMap(\.string) ?? []
    table = json["table"].flatMap { $0.object == nil ? nil : $0 }
    fingerprintWithLabels = json["fingerprint_with_labels"]?.string
    edition = json["edition"]?.int ?? 1
  }
}

extension Manifest.MetricsRecord {
  fileprivate var json: JSONValue {
    var metrics = JSONObject()
    for metric in values { metrics[metric.name] = JSONValue(metric.value) }
    return ["epoch": JSONValue(epoch), "step": JSONValue(step), "metrics": .object(metrics)]
  }

  fileprivate init?(_ json: JSONValue) {
    guard let epoch = json["epoch"]?.int else { return nil }
    let values = json["metrics"]?.object?.members.compactMap { member in
      member.value.double.map { Metric(member.key, $0) }
    }
    self.init(epoch: epoch, step: json["step"]?.int ?? 0, values: values ?? [])
  }
}

extension Manifest.Resumption {
  fileprivate var json: JSONValue {
    [
      "time": .string(time.iso8601), "epoch": JSONValue(epoch), "step": JSONValue(step),
      "after": .string(after.rawValue), "host": .string(host),
    ]
  }

  fileprivate init?(_ json: JSONValue) {
    guard let time = json["time"]?.timestamp,
      let after = json["after"]?.string.flatMap(Manifest.Status.init)
    else { return nil }
    self.init(
      time: time, epoch: json["epoch"]?.int ?? 0, step: json["step"]?.int ?? 0, after: after,
      host: json["host"]?.string ?? "")
  }
}
