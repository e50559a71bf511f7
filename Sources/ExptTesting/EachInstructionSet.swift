import ExptTensor
import Synchronization

/// Runs `body` once with each instruction set that this machine has, then goes back to the one in
/// use before. Callers on other threads wait their turn.
public func withEachInstructionSet(_ body: (InstructionSet) throws -> Void) rethrows {
  try lock.withLock { _ in
    let before = InstructionSet.current
    defer { before.select() }
    for instructionSet in InstructionSet.available where instructionSet.select() {
      try body(instructionSet)
    }
  }
}

private let lock = Mutex(())
