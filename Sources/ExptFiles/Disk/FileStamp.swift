/// What the system says about a file without reading it: enough to see that it is still the same.
///
/// Writing to a file changes `changed`, which no program can set back, unlike `modified`. It counts in
/// steps of the system's clock tick: a file that was changed right when the stamp was taken may change
/// again within the same tick, which `isSettled` tells.
public struct FileStamp: Sendable, Hashable {
  /// Bytes.
  public var size: Int64
  /// Nanoseconds since 1970.
  public var modified: Int64
  public var changed: Int64
  public var inode: Int64
  public var device: Int64

  public init(size: Int64, modified: Int64, changed: Int64, inode: Int64, device: Int64) {
    (self.size, self.modified, self.changed) = (size, modified, changed)
    (self.inode, self.device) = (inode, device)
  }

  /// Of a plain file, or of what a link leads to; nil where there is none.
  public init?(_ path: String) {
    guard let stamp = SystemCalls.stamp(path) else { return nil }
    self = stamp
  }

  /// Whether a change after the time `moment` would show in the stamp: the last one lies at least two seconds,
  /// the coarsest step of any file system, before it.
  public func isSettled(at moment: Int64) -> Bool {
    max(changed, modified) < moment - 2_000_000_000
  }

  /// Nanoseconds since 1970.
  public static var now: Int64 { SystemCalls.wallClock }
}
