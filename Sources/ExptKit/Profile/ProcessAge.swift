import ExptFiles
import Foundation

/// How long this process has been running.
enum ProcessAge {
  /// Seconds since the process started, which Linux knows to a hundredth; 0 elsewhere.
  static var seconds: Double {
    #if os(Linux)
      guard let bytes = try? FileBytes.readStart("/proc/self/stat") else { return 0 }
      // The second field is the program's name in parentheses, and may hold spaces.
      let fields = String(decoding: bytes, as: UTF8.self).split(separator: ")").last?
        .split(separator: " ")
      guard let fields, fields.count > 19, let ticks = Double(fields[19]) else { return 0 }
      var now = timespec()
      clock_gettime(CLOCK_BOOTTIME, &now)
      let started = ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
      return max(0, Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9 - started)
    #else
      return 0
    #endif
  }
}
