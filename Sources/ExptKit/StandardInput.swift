import Foundation

/// What is piped into the program.
enum StandardInput {
  /// Everything up to its end, or the first `limit` bytes and one more.
  static func read(limit: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count <= limit {
      let count = buffer.withUnsafeMutableBytes { unistdRead($0.baseAddress, $0.count) }
      if count > 0 {
        bytes += buffer[..<count]
      } else if count == 0 || errno != EINTR {
        break
      }
    }
    return bytes
  }
}

private func unistdRead(_ base: UnsafeMutableRawPointer?, _ count: Int) -> Int {
  read(STDIN_FILENO, base, count)
}
