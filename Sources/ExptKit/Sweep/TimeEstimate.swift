/// How long a sweep may take, from a few short probes of one of its points.
///
/// Other work on the machine makes probes longer, never shorter, so the shortest one counts. The
/// first epoch of a process also pays for warming up, so a probe trains several and the shortest of
/// the later ones counts.
struct TimeEstimate {
  /// A probe: seconds from start to end, and those of each of its epochs.
  struct Probe {
    var whole: Double
    var epochs: [Double]
  }

  /// Seconds of one epoch.
  var epoch: Double
  /// Seconds of a run outside its epochs: starting, reading data, warming up, ending.
  var around: Double

  init?(_ probes: [Probe]) {
    let later = probes.flatMap { $0.epochs.count > 1 ? Array($0.epochs.dropFirst()) : $0.epochs }
    guard let epoch = later.min() else { return nil }
    let around = probes.map { $0.whole - epoch * Double($0.epochs.count) }.min() ?? 0
    self.epoch = epoch
    self.around = max(0, around)
  }

  /// Seconds of runs of this many epochs each, this many at once: each begins when a place is free.
  func seconds(_ epochs: [Int], jobs: Int) -> Double {
    var ends = [Double](repeating: 0, count: max(1, jobs))
    for count in epochs {
      let first = ends.indices.min { ends[$0] < ends[$1] } ?? 0
      ends[first] += around + epoch * Double(count)
    }
    return ends.max() ?? 0
  }
}
