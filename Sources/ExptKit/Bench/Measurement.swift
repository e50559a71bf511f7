import ExptFiles
import ExptTraining

/// What was measured of a workload.
struct Measurement {
  var workload: String
  var title: String
  var dataset: String
  /// The dataset that was wanted, where another took its place.
  var substitutedFor: String?
  var images: Int
  var threads: Int
  var instructionSet: String
  /// Of each round.
  var seconds: [Double]
  /// GFLOP a round: two for each multiply-add forward, times three where gradients are computed.
  var gflop: Double
  /// GFLOP/s of a large product, measured after each round.
  var floor: [Double]
  var peakMemory: Int
  var allocationsPerStep: Double?
  /// Calls a step that threads share, and the share of the time in them, of the round that `split` is of.
  var regionsPerStep: Double?
  var parallelShare: Double?
  var split: [Part] = []

  /// A share of the time of one more round, measured operation by operation.
  struct Part {
    var name: String
    var seconds: Double

    var json: JSONValue { ["name": .string(name), "seconds": JSONValue(seconds)] }
  }

  var medianSeconds: Double { Self.median(seconds) }
  var imagesPerSecond: Double { Double(images) / medianSeconds }
  var gflops: Double { gflop / medianSeconds }
  var medianFloor: Double { Self.median(floor) }
  /// 1 would be the speed of the large product throughout.
  var shareOfFloor: Double { gflops / medianFloor }

  static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return .nan }
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }
}

// MARK: - JSON

extension Measurement {
  var json: JSONValue {
    var object = JSONObject()
    object["workload"] = .string(workload)
    object["title"] = .string(title)
    object["dataset"] = .string(dataset)
    if let substitutedFor { object["substituted_for"] = .string(substitutedFor) }
    object["images"] = JSONValue(images)
    object["threads"] = JSONValue(threads)
    object["instruction_set"] = .string(instructionSet)
    object["seconds"] = Self.list(seconds)
    object["median_seconds"] = JSONValue(medianSeconds)
    object["images_per_second"] = JSONValue(imagesPerSecond)
    object["gflop"] = JSONValue(gflop)
    object["gflops"] = JSONValue(gflops)
    object["floor_gflops"] = Self.list(floor)
    object["share_of_floor"] = JSONValue(shareOfFloor)
    object["peak_memory_bytes"] = JSONValue(peakMemory)
    object["allocations_per_step"] = allocationsPerStep.map { JSONValue($0) } ?? .null
    object["regions_per_step"] = regionsPerStep.map { JSONValue($0) } ?? .null
    object["parallel_share"] = parallelShare.map { JSONValue($0) } ?? .null
    object["time_split"] = .array(split.map(\.json))
    return .object(object)
  }

  private static func list(_ values: [Double]) -> JSONValue { .array(values.map { JSONValue($0) }) }

  /// From what `json` gives; nil if something is missing.
  init?(_ json: JSONValue) {
    guard let workload = json["workload"]?.string, let title = json["title"]?.string,
      let dataset = json["dataset"]?.string, let images = json["images"]?.int,
      let threads = json["threads"]?.int, let set = json["instruction_set"]?.string,
      let seconds = json["seconds"]?.array, let floor = json["floor_gflops"]?.array,
      let gflop = json["gflop"]?.double, let memory = json["peak_memory_bytes"]?.int
    else { return nil }
    self.init(
      workload: workload, title: title, dataset: dataset,
      substitutedFor: json["substituted_for"]?.string, images: images, threads: threads,
      instructionSet: set, seconds: seconds.compactMap(\.double), gflop: gflop,
      floor: floor.compactMap(\.double), peakMemory: memory,
      allocationsPerStep: json["allocations_per_step"]?.double,
      regionsPerStep: json["regions_per_step"]?.double,
      parallelShare: json["parallel_share"]?.double)
    split = (json["time_split"]?.array ?? []).compactMap { part in
      guard let name = part["name"]?.string, let seconds = part["seconds"]?.double else {
        return nil
      }
      return Part(name: name, seconds: seconds)
    }
  }
}
