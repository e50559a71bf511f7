import ArgumentParser
import ExptComponents
import ExptData
import ExptFiles
import ExptTraining

/// `expt encode RUN`: the latents of images, as arrays.
struct EncodeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "encode",
    abstract: "Write the latents of images with their labels, as NPZ and CSV.",
    usage: "expt encode <run> [<options>]",
    discussion: """
      The NPZ file holds mean and log_variance [images, latent] (a plain autoencoder has no \
      log_variance, and its code is the mean; a model of codes has codes \
      [images, depth, height, width], their numbers, in place of both), labels [images] if the \
      data have them, factor_NAME [images] for each ground-truth factor, and index [images], the \
      position of each image in its file or folder, counted from 0. The CSV file has one row per \
      image: index, label, the factors, mean_0, … and log_variance_0, … (or code_0, …); of choices \
      probability_0_3, of switches probability_0, the probabilities; those of groups begin with the \
      group's name. Of a table with named columns, the user's columns that the model does not see (labels, \
      names, times) stand beside index as they are in the file. Both are in the order of index. \
      Prints the path of each file written.
      """)

  @OptionGroup var trained: TrainedOptions
  @OptionGroup var data: SplitOptions
  @OptionGroup var files: MadeFilesOptions

  @Option(
    name: .short("n", "limit"),
    help: ArgumentHelp("Only the first N images; default: all.", valueName: "number"))
  var limit: Int?

  func validate() throws { try Self.check("--limit", limit, in: 1...Int(Int32.max)) }

  func run() throws { try printing(make) }

  func make() throws -> [String] {
    let run = try trained.open()
    let part = try data.load(run, limit: limit, isWhole: false)
    let targets = try files.targets(
      "codes-\(part.split)-\(run.stage)", ["npz", "csv"], of: run.folder)
    let codes = CodesFile(run.encode(part), part)
    try part.images.checkRead()
    for target in targets {
      if target.ending == "npz" {
        try NPZ.write(codes.arrays, to: target.path)
      } else if let table = try TableCSV(part, of: run) {
        try codes.writeCSV(to: target.path, table)
      } else {
        try codes.writeCSV(to: target.path)
      }
    }
    return targets.map(\.path)
  }
}

/// Latents and what is known about the images, as files hold them.
struct CodesFile {
  var encodings: Encodings
  /// Where the images stand in the user's own file.
  var rows: [Int]
  var labels: [Int32]?
  var factors: [(name: String, values: [Float])]

  /// The encodings of a part's images, in the order of the user's own file.
  init(_ encodings: Encodings, _ part: TrainedData.Part) {
    let order = part.orderOfFile
    let images = order.map { part.range.lowerBound + $0 }
    self.encodings = encodings.selecting(order)
    rows = order.map(part.row)
    labels = part.images.labels.map { labels in images.map { labels[$0] } }
    factors = part.images.factors.map { factor in
      (factor.name, images.map { factor.values[$0] })
    }
  }

  var arrays: [(name: String, array: NPYArray)] {
    var arrays = [encodings.meanArray]
    arrays += encodings.parameterArrays
    if let labels {
      arrays.append(
        ("labels", NPYArray(shape: [encodings.count], int64s: labels.map { Int64($0) })))
    }
    for factor in factors {
      arrays.append(
        ("factor_\(factor.name)", NPYArray(shape: [encodings.count], floats: factor.values)))
    }
    arrays.append(("index", NPYArray(shape: [rows.count], int64s: rows.map { Int64($0) })))
    return arrays
  }

  func writeCSV(to path: String) throws(FileProblem) {
    let writer = try AtomicFileWriter(path)
    try writer.append(Array(CSV.line(header).utf8))
    for image in 0..<encodings.count { try writer.append(Array(CSV.line(row(image)).utf8)) }
    try writer.commit()
  }

  /// Beside the user's own cells.
  func writeCSV(to path: String, _ table: TableCSV) throws(FileProblem) {
    let places = Dictionary(uniqueKeysWithValues: zip(table.part.orderOfFile, 0...))
    try table.write(to: path, numberNames.map(table.own)) { numbers(places[$0] ?? 0) }
  }

  private var header: [String] {
    var header = ["index"]
    if labels != nil { header.append("label") }
    return header + factors.map(\.name) + numberNames
  }

  private var numberNames: [String] {
    var header = encodings.space.columnNames
    for (name, values) in encodings.parameters {
      header += (0..<values.count / max(1, encodings.count)).map { "\(name)_\($0)" }
    }
    return header
  }

  private func row(_ image: Int) -> [String] {
    var row = ["\(rows[image])"]
    if let labels { row.append("\(labels[image])") }
    return row + factors.map { CSV.field($0.values[image]) } + numbers(image)
  }

  private func numbers(_ image: Int) -> [String] {
    let values = image * encodings.latent..<(image + 1) * encodings.latent
    var row = encodings.mean[values].map {
      encodings.space.isNumbered ? "\(Int($0))" : CSV.field($0)
    }
    for (_, values) in encodings.parameters {
      let width = values.count / encodings.count
      row += values[image * width..<(image + 1) * width].map { CSV.field($0) }
    }
    return row
  }
}
