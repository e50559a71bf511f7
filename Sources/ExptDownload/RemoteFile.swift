/// A file to be had from several places, and how to know that it is the right one.
public struct RemoteFile: Sendable {
  /// Its name under each mirror: `train-images-idx3-ubyte.gz`.
  public var name: String
  /// The MD5 sum of the file.
  public var md5: String
  /// The MD5 sum of what it holds when gunzipped: right content in another wrapping is accepted too.
  public var unpackedMD5: String?
  /// The most bytes accepted. The default is 64 MiB.
  public var limit: Int
  /// The most bytes that a file in another wrapping is unpacked to, to see whether it is the right
  /// one. The default is 64 MiB, more than MNIST's largest file.
  public var unpackedLimit = 64 << 20

  public init(name: String, md5: String, unpackedMD5: String? = nil, limit: Int = 64 << 20) {
    self.name = name
    self.md5 = md5
    self.unpackedMD5 = unpackedMD5
    self.limit = limit
  }
}
