import Foundation

/// The real MNIST, which is not in the repository.
public enum RealMNIST {
  public static let names = [
    "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
  ]

  /// The folder that `EXPT_DATA` names, if its `mnist/` has the four files.
  public static let folder: String? = ProcessInfo.processInfo.environment["EXPT_DATA"].flatMap {
    data in
    names.allSatisfy { FileManager.default.fileExists(atPath: "\(data)/mnist/\($0)") } ? data : nil
  }
}
