import ExptFiles
import ExptReport
import ExptTraining

/// What `expt check --json` prints.
enum CheckJSON {
  static func of(_ file: ExperimentFile, _ blueprint: Blueprint, _ data: DataSection) -> JSONValue {
    var settings = JSONObject()
    var origins = JSONObject()
    for entry in file.experiment.plainEntries { settings[entry.key] = JSONValue(entry.value) }
    for setting in file.recordedSettings {
      origins[setting.path] = setting.origin.map { .string($0) }
    }
    return [
      "name": .string(file.experiment.name),
      "hash": .string(file.hash),
      "settings": .object(settings),
      "origins": .object(origins),
      "image": .array(blueprint.image.dimensions.map { JSONValue($0) }),
      "layers": .array(
        blueprint.layers.map { layer in
          [
            "path": .string(layer.path), "kind": .string(layer.kind),
            "output": .array(layer.output.dimensions.map { JSONValue($0) }),
            "parameters": JSONValue(layer.parameterCount),
          ]
        }),
      "parameters": JSONValue(blueprint.parameterCount),
      "memory": [
        "parameters": JSONValue(blueprint.parameterBytes), "step": JSONValue(blueprint.stepBytes),
      ],
      "data": data.json,
      "warnings": .array(file.warnings.map { .string($0.message) }),
    ]
  }
}
