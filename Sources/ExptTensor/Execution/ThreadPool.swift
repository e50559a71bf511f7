internal import CKernels

/// The one pool of threads that every kernel uses. Idle threads sleep.
///
/// `@unchecked Sendable`: the handle is created and freed once; the C side runs one parallel call
/// at a time, and only the task that owns the pool starts one.
public final class ThreadPool: @unchecked Sendable {
  let handle: OpaquePointer?
  public let threads: Int

  /// Starts `threads` threads, the caller's included.
  public init(threads: Int) {
    let wanted = Int32(clamping: max(1, threads))
    handle = ck_pool_create(wanted)
    self.threads = handle == nil ? 1 : Int(wanted)
  }

  /// How many threads are worth starting: the processors this process may use, by its affinity and,
  /// where a container sets one, its quota.
  public static var usableProcessors: Int { Int(ck_processors()) }

  deinit {
    if let handle { ck_pool_destroy(handle) }
  }
}
