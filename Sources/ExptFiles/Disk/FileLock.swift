/// An exclusive lock on a file, held as long as the object lives, and let go by the system when the
/// process dies in whatever way.
///
/// The lock is advisory (`flock`): it keeps apart those who ask. Over NFS it works between machines
/// on Linux 2.6.12 and later only, and some network file systems have no locks at all: there
/// `isEnforced` is false and nobody is kept out.
public final class FileLock: Sendable {
  public let path: String
  /// False if the file system has no locks.
  public let isEnforced: Bool
  private let file: Descriptor

  /// Takes the lock, making the file if there is none. A reader that is just looking
  /// (`isHeld`) is waited for, up to a quarter of a second.
  ///
  /// - Throws: `taken` when another process, or another object in this one, holds it.
  public init(_ path: String) throws(FileProblem) {
    self.path = path
    file = try SystemCalls.openForAppending(path)
    for attempt in 0..<25 {
      if attempt > 0 { SystemCalls.sleep(milliseconds: 10) }
      let taken = SystemCalls.lock(file, shared: false)
      if taken == false { continue }
      isEnforced = taken == true
      return
    }
    throw FileProblem(.taken, "another process holds this lock.", path: path)
  }

  /// Whether somebody holds the lock; nil if that cannot be known. A file that is not there is
  /// not locked.
  public static func isHeld(_ path: String) -> Bool? {
    do {
      let taken = SystemCalls.lock(try SystemCalls.openForReading(path), shared: true)
      return taken.map { !$0 }
    } catch {
      return error.code == .missing ? false : nil
    }
  }
}
