internal import CKernels

extension ThreadPool {
  /// Runs `body` once for each number in `0 ..< tasks`, in any order, on the pool's threads, and
  /// returns when all are done. A nil pool runs them on the caller's thread.
  ///
  /// What a task computes must not depend on the thread that runs it. One call at a time.
  public static func run(
    _ tasks: Int, on pool: ThreadPool?, _ body: @Sendable (_ task: Int) -> Void
  ) {
    withoutActuallyEscaping(body) { body in
      var work = Work(body: body)
      withUnsafeMutablePointer(to: &work) { work in
        ck_parallel(
          pool?.handle, tasks,
          { context, task, _ in
            guard let context else { return }
            context.assumingMemoryBound(to: Work.self).pointee.body(task)
          }, work)
      }
    }
  }

  private struct Work {
    var body: @Sendable (Int) -> Void
  }
}
