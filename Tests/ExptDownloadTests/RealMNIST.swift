import ExptFiles
import Foundation

/// The folder that `EXPT_DATA` names, if it holds MNIST's four files gzipped.
enum RealMNIST {
  static var folder: String? {
    guard let data = ProcessInfo.processInfo.environment["EXPT_DATA"] else { return nil }
    let files = ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"]
    let isThere = files.allSatisfy { FilePath.exists("\(data)/mnist/\($0)-ubyte.gz") }
    return isThere ? data : nil
  }
}
