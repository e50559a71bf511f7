import ExptFiles

/// Two pieces of memory: one in use, and one that is being filled on another thread with what comes next.
///
/// What they hold depends on the numbers asked for and on `load` alone, never on how fast anything is.
final class ReadAhead {
  typealias Load = @Sendable (_ number: Int, _ target: UnsafeMutableRawBufferPointer) -> Void

  private final class Piece {
    let memory: UnsafeMutableRawBufferPointer
    var number: Int?
    init(_ bytes: Int) {
      memory = .allocate(byteCount: bytes, alignment: 64)
    }
    deinit { memory.deallocate() }
  }

  private let bytes: Int
  private let load: Load
  private var current: Piece?
  private var next: Piece?
  private var call: Threads.Call?

  /// - Parameter bytes: The size of a piece.
  init(bytes: Int, load: @escaping Load) {
    self.bytes = max(1, bytes)
    self.load = load
  }

  deinit { call?.wait() }

  /// What `load` writes for a number, valid until another is asked for.
  ///
  /// - Parameter next: What will be asked for after it; nil: nothing.
  func piece(_ number: Int, next following: Int?) -> UnsafeRawBufferPointer {
    if let current, current.number == number { return UnsafeRawBufferPointer(current.memory) }
    call?.wait()
    call = nil
    swap(&current, &next)
    let piece = current ?? Piece(bytes)
    if piece.number != number {
      piece.number = number
      load(number, piece.memory)
    }
    current = piece
    if let following { begin(following) }
    return UnsafeRawBufferPointer(piece.memory)
  }

  /// Forgets what has been read: `load` has come to mean something else.
  func forget() {
    call?.wait()
    call = nil
    current?.number = nil
    next?.number = nil
  }

  private func begin(_ number: Int) {
    let piece = next ?? Piece(bytes)
    next = piece
    guard piece.number != number else { return }
    piece.number = number
    // Nobody touches the piece before the call is waited for.
    nonisolated(unsafe) let memory = piece.memory
    call = Threads.begin { [load] in load(number, memory) }
  }
}
