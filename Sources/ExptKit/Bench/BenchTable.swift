import ExptReport
import ExptTraining

/// Measurements as tables for people.
enum BenchTable {
  static func text(_ measurements: [Measurement]) -> String {
    var table = TerminalTable([
      "workload", .number("seconds"), .number("images/s"), .number("GFLOP/s"),
      .number("large product"), .number("share"), .number("memory"), .number("allocations"),
      .number("regions"), .number("parallel"),
    ])
    for one in measurements {
      table.add([
        one.workload, Format.fixed(one.medianSeconds, 3), Format.grouped(one.imagesPerSecond),
        Format.fixed(one.gflops, 0), Format.fixed(one.medianFloor, 0),
        Format.fixed(one.shareOfFloor, 2), Format.bytes(one.peakMemory),
        one.allocationsPerStep.map { Format.fixed($0, 2) } ?? "–",
        one.regionsPerStep.map { Format.fixed($0, 0) } ?? "–",
        one.parallelShare.map { Format.fixed($0, 3) } ?? "–",
      ])
    }
    return table.text
  }

  /// Where a workload's time goes, the largest parts first.
  static func split(_ measurement: Measurement, parts: Int = 12) -> String {
    let whole = max(measurement.split.reduce(0) { $0 + $1.seconds }, 1e-9)
    var table = TerminalTable([
      .init("\(measurement.workload): \(measurement.title)"), .number("seconds"), .number("share"),
    ])
    var rest = whole
    for part in measurement.split.prefix(parts) {
      rest -= part.seconds
      table.add([
        part.name, Format.fixed(part.seconds, 3),
        Format.fixed(100 * part.seconds / whole, 1) + " %",
      ])
    }
    if measurement.split.count > parts {
      table.add([
        "\(measurement.split.count - parts) smaller ones", Format.fixed(rest, 3),
        Format.fixed(100 * rest / whole, 1) + " %",
      ])
    }
    return table.text
  }

  /// What the columns mean.
  static let legend = """
    seconds: the median over the rounds, each one epoch of training or one pass over the test
    images, after one to warm up. GFLOP/s: two operations for each multiply-add of products and
    convolutions; training counts as three forward passes. large product: 2048×2048×2048 on the
    same threads, after each round; share: the speed relative to it. memory: the peak of the
    process, data included. allocations: malloc calls per step. regions: pieces of work per step
    that the threads share; parallel: the share of the time in them, which more threads could
    shorten. linear layers backward: includes the optimizer's step for their weights.
    """
}
