// The one file of this module that talks to the operating system.

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

enum HostCalls {
  /// Seconds since 1970-01-01 00:00 UTC.
  static var secondsNow: Int { Int(time(nil)) }

  /// Year, month, day, hour, minute and second of a moment, in UTC.
  static func calendar(_ seconds: Int) -> [Int] {
    var moment = time_t(seconds)
    var fields = tm()
    gmtime_r(&moment, &fields)
    return [
      Int(fields.tm_year) + 1900, Int(fields.tm_mon) + 1, Int(fields.tm_mday), Int(fields.tm_hour),
      Int(fields.tm_min), Int(fields.tm_sec),
    ]
  }

  /// The moment of six such numbers, each from 0 to 9999; a day that the month does not have is
  /// counted on into the next.
  static func seconds(ofCalendar numbers: [Int]) -> Int {
    var fields = tm()
    fields.tm_year = Int32(numbers[0] - 1900)
    fields.tm_mon = Int32(numbers[1] - 1)
    fields.tm_mday = Int32(numbers[2])
    fields.tm_hour = Int32(numbers[3])
    fields.tm_min = Int32(numbers[4])
    fields.tm_sec = Int32(numbers[5])
    return Int(timegm(&fields))
  }

  static var processIdentifier: Int { Int(getpid()) }

  static func processExists(_ identifier: Int) -> Bool {
    guard let number = pid_t(exactly: identifier), number > 0 else { return false }
    return kill(number, 0) == 0 || errno == EPERM
  }

  /// The host's name.
  static var host: String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard gethostname(&buffer, buffer.count - 1) == 0 else { return "unknown" }
    return text(buffer)
  }

  /// The kernel's name, release and processor, for example `Linux 6.1.0 x86_64`.
  static var kernel: String {
    var names = utsname()
    guard uname(&names) == 0 else { return "unknown" }
    return [
      withUnsafeBytes(of: &names.sysname, text), withUnsafeBytes(of: &names.release, text),
      withUnsafeBytes(of: &names.machine, text),
    ].joined(separator: " ")
  }

  /// Processors that are switched on.
  static var cores: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

  /// Physical memory in bytes.
  static var memory: Int {
    #if canImport(Darwin)
      return Int(sysctlNumber("hw.memsize"))
    #else
      return Int(sysconf(Int32(_SC_PHYS_PAGES))) * Int(sysconf(Int32(_SC_PAGESIZE)))
    #endif
  }

  /// What a shell command prints; nil if it fails.
  static func output(ofShellCommand command: String) -> String? {
    guard let stream = popen(command, "r") else { return nil }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = fread(&chunk, 1, chunk.count, stream)
      if count == 0 { break }
      if bytes.count < 1 << 20 { bytes += chunk[..<count] }  // the rest is read and dropped
    }
    return pclose(stream) == 0 ? String(decoding: bytes, as: UTF8.self) : nil
  }

  #if canImport(Darwin)
    static func sysctlText(_ name: String) -> String? {
      var size = 0
      guard sysctlbyname(name, nil, &size, nil, 0) == 0, size > 0 else { return nil }
      var buffer = [CChar](repeating: 0, count: size + 1)
      guard sysctlbyname(name, &buffer, &size, nil, 0) == 0 else { return nil }
      return text(buffer)
    }

    private static func sysctlNumber(_ name: String) -> UInt64 {
      var value: UInt64 = 0
      var size = MemoryLayout<UInt64>.size
      return sysctlbyname(name, &value, &size, nil, 0) == 0 ? value : 0
    }
  #endif

  private static func text(_ buffer: [CChar]) -> String {
    buffer.withUnsafeBytes(text)
  }

  /// The bytes before the first NUL.
  private static func text(_ bytes: UnsafeRawBufferPointer) -> String {
    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }
}
