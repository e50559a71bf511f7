#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif
import Synchronization

/// Work on all processors, where nothing is computed whose order could matter.
///
/// Not Dispatch: that tries forever to start a thread if the system grants none.
package enum Threads {
  /// Calls `body` once with each number in `0 ..< count`, in any order, and returns when all calls
  /// have. The caller's thread works too, and alone where no other can be started.
  package static func perform(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let work = Work(count, body)
    let processors = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    var threads: [pthread_t] = []
    for _ in 1..<max(1, min(count, processors)) {
      guard let thread = start(work) else { break }
      threads.append(thread)
    }
    work.claim()
    for thread in threads { pthread_join(thread, nil) }
  }

  private final class Work: Sendable {
    private let count: Int
    private let body: @Sendable (Int) -> Void
    private let next = Atomic(0)

    init(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
      self.count = count
      self.body = body
    }

    func claim() {
      while true {
        let number = next.add(1, ordering: .relaxed).oldValue
        if number >= count { return }
        body(number)
      }
    }
  }

  private static func start(_ work: Work) -> pthread_t? {
    let context = Unmanaged.passRetained(work).toOpaque()
    if let thread = create(context) { return thread }
    Unmanaged<Work>.fromOpaque(context).release()
    return nil
  }

  #if canImport(Darwin)
    private static func create(_ context: UnsafeMutableRawPointer) -> pthread_t? {
      var thread: pthread_t?
      return pthread_create(&thread, nil, { Threads.run($0) }, context) == 0 ? thread : nil
    }
  #else
    private static func create(_ context: UnsafeMutableRawPointer) -> pthread_t? {
      var thread = pthread_t()
      return pthread_create(&thread, nil, { Threads.run($0) }, context) == 0 ? thread : nil
    }
  #endif

  private static func run(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let context { Unmanaged<Work>.fromOpaque(context).takeRetainedValue().claim() }
    return nil
  }
}

extension Threads {
  /// A call on a thread of its own, waited for before it is forgotten.
  package final class Call {
    private var thread: pthread_t?

    fileprivate init(_ thread: pthread_t?) { self.thread = thread }
    deinit { wait() }

    /// Returns when the call has.
    package func wait() {
      if let thread { pthread_join(thread, nil) }
      thread = nil
    }
  }

  /// Calls `body` on another thread; at once where no other can be started.
  package static func begin(_ body: @escaping @Sendable () -> Void) -> Call {
    let work =
      if let plan = FaultPlan.current {
        Work(1) { _ in FaultPlan.$current.withValue(plan, operation: body) }
      } else {
        Work(1) { _ in body() }
      }
    let thread = start(work)
    if thread == nil { work.claim() }
    return Call(thread)
  }
}
