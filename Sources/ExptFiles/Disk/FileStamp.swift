/// How a file looks from outside: two looks that differ mean that it was written in between.
public struct FileStamp: Sendable, Hashable {
  /// In bytes.
  public var size: Int
  /// Of the last change, since 1970.
  public var seconds: Int
  public var nanoseconds: Int

  /// Nil where there is no such file.
  public static func of(_ path: String) -> FileStamp? { SystemCalls.stamp(of: path) }
}
