internal import CKernels

/// The one pool of threads that every kernel uses. Idle threads sleep.
///
/// `@unchecked Sendable`: the handle is created and freed once; the C side runs one parallel call
/// at a time, and only the task that owns the pool starts one.
public final class ThreadPool: @unchecked Sendable {
  let handle: OpaquePointer?
  /// As many as asked for, or as many as the system grants.
  public let threads: Int
  /// A warning for the user if the system granted fewer.
  public let shortage: String?
  /// The precision of the products of all kernels that use this pool.
  public let precision: Precision

  /// Starts `threads` threads, the caller's included, or as many as the system grants.
  ///
  /// - Parameter precision: float32 if nothing else is supported.
  public init(threads: Int, precision: Precision = .float32) {
    let wanted = Int32(clamping: max(1, threads))
    handle = ck_pool_create(wanted)
    self.threads = Int(ck_pool_threads(handle))
    shortage =
      self.threads == Int(wanted)
      ? nil
      : "the system grants only \(self.threads) of \(wanted) threads: the results are the same, but "
        + "take longer"
    let isSet = handle.map { ck_pool_set_precision($0, precision.code) == 0 } ?? false
    self.precision = isSet ? precision : .float32
  }

  /// How many threads are worth starting: the processors this process may use, by its affinity and,
  /// where a container sets one, its quota.
  public static var usableProcessors: Int { Int(ck_processors()) }

  /// Calls that threads share, and the seconds in them, from `countRegions` on.
  public struct RegionCounts: Sendable {
    public var regions: Int
    public var seconds: Double
  }

  /// Begins to count from 0.
  public func countRegions() {
    if let handle { ck_pool_count_regions(handle, 1) }
  }

  /// Ends counting.
  public func countedRegions() -> RegionCounts {
    guard let handle else { return RegionCounts(regions: 0, seconds: 0) }
    let counts = ck_pool_region_counts(handle)
    ck_pool_count_regions(handle, 0)
    return RegionCounts(regions: counts.regions, seconds: counts.seconds)
  }

  deinit {
    if let handle { ck_pool_destroy(handle) }
  }
}
