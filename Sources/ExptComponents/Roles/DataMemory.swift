import Synchronization

/// What datasets have found out about their files, so that building a model and loading its data need not
/// read a file again and again: small facts, no data.
public final class DataMemory: Sendable {
  private let facts = Mutex<[String: any Sendable]>([:])

  public init() {}

  /// What is remembered under a key, or else what `find` finds.
  public func recalled<Fact: Sendable>(
    _ key: String, _ find: () throws(DataProblem) -> Fact
  ) throws(DataProblem) -> Fact {
    if let known = facts.withLock({ $0[key] }) as? Fact { return known }
    let found = try find()
    facts.withLock { $0[key] = found }
    return found
  }
}
