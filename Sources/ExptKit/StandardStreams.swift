import Foundation

/// The three descriptors that every program starts with.
enum StandardStreams {
  /// To be called before anything opens a file.
  static func prepare() {
    // The next file to be opened would take the number of one that is closed, and what is printed
    // would go into that file. So a folder takes it, which can be neither written nor read.
    for number in STDIN_FILENO...STDERR_FILENO where fcntl(number, F_GETFD) < 0 {
      _ = open("/", O_RDONLY)
    }
    // A closed pipe and a file that reached its limit are errors of a write, not the program's end.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
  }

  /// Writes all of a text, also to a pipe that does not block and is full.
  ///
  /// - Returns: The error's number; nil if all of it is written.
  static func write(_ text: String, to descriptor: Int32) -> Int32? {
    var text = text
    return text.withUTF8 { bytes -> Int32? in
      guard let base = bytes.baseAddress else { return nil }
      var done = 0
      while done < bytes.count {
        let count = systemWrite(descriptor, base + done, bytes.count - done)
        if count >= 0 {
          done += count
        } else if errno == EAGAIN || errno == EWOULDBLOCK {
          var place = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          _ = poll(&place, 1, -1)
        } else if errno != EINTR {
          return errno
        }
      }
      return nil
    }
  }
}

private func systemWrite(_ descriptor: Int32, _ base: UnsafeRawPointer, _ count: Int) -> Int {
  write(descriptor, base, count)
}
