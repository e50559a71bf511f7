import ExptBuiltins
import ExptComponents
import ExptFiles
import ExptTraining

extension DataSection {
  /// The same as data, the value of `data` in `expt check --json`.
  var json: JSONValue {
    [
      "dataset": .string(type(of: survey.dataset).id),
      "absent": survey.absence.map {
        ["what": .string($0.what), "sources": .array($0.sources.map { .string($0) })]
      } ?? .null,
      "files": .array(
        files.map {
          ["path": .string($0.path), "files": JSONValue($0.count), "bytes": JSONValue($0.bytes)]
        }),
      "parts": .array(survey.parts.map(json)),
      "columns": .array(survey.columns.map(json)),
      "not_looked_at": survey.blindness.map { .string($0) } ?? .null,
      "likelihood": .array(survey.likelihood.map { .string($0) }),
      "notes": .array(survey.notes.map { .string($0) }),
    ]
  }

  private func json(_ part: DataSurvey.Part) -> JSONValue {
    [
      "part": .string(part.title), "images": part.count.map { JSONValue($0) } ?? .null,
      "looked_at": JSONValue(part.seen), "values": part.values.map(json) ?? .null,
      "classes": part.classes.map { classes in
        .array(
          classes.map {
            [
              "label": JSONValue($0.label), "name": $0.name.map { .string($0) } ?? .null,
              "images": JSONValue($0.count),
            ]
          })
      } ?? .null,
      "repeated": .array(
        part.repeats.map {
          [
            "in": .string($0.other), "images": JSONValue($0.count),
            "first": [.string($0.first.image), .string($0.first.earlier)],
          ]
        }),
    ]
  }

  private func json(_ column: ColumnSummary) -> JSONValue {
    [
      "column": .string(column.name), "kind": .string(column.kind.rawValue),
      "missing": JSONValue(column.missing), "values": column.values.map(json) ?? .null,
      "levels": .array(
        column.levels.map { ["level": .string($0.name), "examples": JSONValue($0.count)] }),
    ]
  }

  private func json(_ values: ValueSummary) -> JSONValue {
    [
      "least": JSONValue(values.least), "greatest": JSONValue(values.greatest),
      "mean": JSONValue(values.mean),
      "histogram": [
        "from": JSONValue(values.range.lowerBound), "to": JSONValue(values.range.upperBound),
        "counts": .array(values.bins.map { JSONValue($0) }),
      ],
    ]
  }
}
