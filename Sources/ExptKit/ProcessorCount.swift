import Foundation

/// How many threads are worth starting.
enum ProcessorCount {
  /// The processors this process may use: its affinity, and where a container sets one its quota.
  static var usable: Int {
    let allowed = ProcessInfo.processInfo.activeProcessorCount
    return max(1, min(allowed, quota ?? allowed))
  }

  /// The processors' worth of time a control group allows, rounded up.
  private static var quota: Int? {
    guard let text = try? String(contentsOfFile: "/sys/fs/cgroup/cpu.max", encoding: .utf8) else {
      return nil
    }
    let parts = text.split(whereSeparator: \.isWhitespace)
    guard parts.count == 2, let allowance = Double(parts[0]), let period = Double(parts[1]),
      period > 0
    else { return nil }
    return Int((allowance / period).rounded(.up))
  }
}
