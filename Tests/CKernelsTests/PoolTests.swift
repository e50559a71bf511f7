import CKernels
import Foundation
import Synchronization
import Testing

/// Counts how often each task ran and which workers took part.
private final class Tally: Sendable {
  let counts: [Counter]
  let badWorkers = Atomic(0)
  let threads: Int
  init(tasks: Int, threads: Int) {
    counts = (0..<tasks).map { _ in Counter() }
    self.threads = threads
  }
  final class Counter: Sendable { let value = Atomic(0) }

  func run(on pool: OpaquePointer?) {
    ck_parallel(
      pool, counts.count,
      { context, task, worker in
        guard let context else { return }
        let tally = Unmanaged<Tally>.fromOpaque(context).takeUnretainedValue()
        tally.counts[task].value.add(1, ordering: .relaxed)
        if worker < 0 || worker >= tally.threads { tally.badWorkers.add(1, ordering: .relaxed) }
      }, Unmanaged.passUnretained(self).toOpaque())
  }
}

@Suite("The thread pool", .serialized)
struct PoolTests {
  @Test("runs every task once", arguments: [1, 2, 5, 16])
  func everyTaskOnce(threads: Int) {
    let pool = ck_pool_create(Int32(threads))
    defer { ck_pool_destroy(pool) }
    #expect(ck_pool_threads(pool) == threads)
    for tasks in [0, 1, 2, 3, 17, 1000] {
      let tally = Tally(tasks: tasks, threads: threads)
      tally.run(on: pool)
      #expect(tally.counts.allSatisfy { $0.value.load(ordering: .relaxed) == 1 })
      #expect(tally.badWorkers.load(ordering: .relaxed) == 0)
    }
  }

  @Test("runs every task on the caller without a pool")
  func noPool() {
    let tally = Tally(tasks: 9, threads: 1)
    tally.run(on: nil)
    #expect(tally.counts.allSatisfy { $0.value.load(ordering: .relaxed) == 1 })
    #expect(ck_pool_threads(nil) == 1)
  }

  @Test("counts what threads share, while it is told to", arguments: [1, 3])
  func counts(threads: Int) {
    let pool = ck_pool_create(Int32(threads))
    defer { ck_pool_destroy(pool) }
    let (one, five) = (Tally(tasks: 1, threads: threads), Tally(tasks: 5, threads: threads))
    five.run(on: pool)
    #expect(ck_pool_region_counts(pool).regions == 0)
    ck_pool_count_regions(pool, 1)
    for _ in 0..<3 { five.run(on: pool) }
    one.run(on: pool)
    five.run(on: nil)
    ck_pool_count_regions(pool, 0)
    five.run(on: pool)
    let counted = ck_pool_region_counts(pool)
    #expect(counted.regions == 3 && counted.seconds > 0 && counted.seconds < 60)
    ck_pool_count_regions(pool, 1)
    #expect(ck_pool_region_counts(pool).regions == 0)
  }

  @Test("survives many tiny regions", arguments: [2, 5])
  func manyRegions(threads: Int) {
    let pool = ck_pool_create(Int32(threads))
    defer { ck_pool_destroy(pool) }
    let tally = Tally(tasks: 3, threads: threads)
    for _ in 0..<20_000 { tally.run(on: pool) }
    #expect(tally.counts.map { $0.value.load(ordering: .relaxed) } == [20_000, 20_000, 20_000])
  }

  @Test("is made and ended many times, used or not")
  func manyPools() {
    for round in 0..<100 {
      let pool = ck_pool_create(4)
      let tally = Tally(tasks: 8, threads: 4)
      if round % 2 == 0 { tally.run(on: pool) }
      ck_pool_destroy(pool)
      let expected = round % 2 == 0 ? 1 : 0
      #expect(tally.counts.allSatisfy { $0.value.load(ordering: .relaxed) == expected })
    }
  }
}

#if compiler(>=6.2)
  extension PoolTests {
    @Test("uses no processor time while idle")
    func idle() async {
      // In a process of its own, where nothing else computes.
      await #expect(processExitsWith: .success) {
        let pool = ck_pool_create(8)
        Tally(tasks: 100, threads: 8).run(on: pool)
        usleep(50_000)
        let before = clock()
        usleep(400_000)
        let seconds = Double(clock() - before) / Double(CLOCKS_PER_SEC)
        ck_pool_destroy(pool)
        precondition(seconds < 0.02, "an idle pool used \(seconds) s of 0.4 s")
      }
    }
  }
#endif
