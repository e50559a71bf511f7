import ExptComponents
import ExptFiles

extension NPYArray {
  /// Labels [n] or [n, 1] of `count` images.
  func labels(count: Int, title: String) throws(DataProblem) -> [Int32] {
    guard shape == [count] || shape == [count, 1] else {
      throw DataProblem(
        .malformed, "\(title): its shape \(shape) is not that of labels for \(count) images")
    }
    let labels = integers?.map { Int32(exactly: $0) } ?? [nil]
    guard !labels.contains(nil) else {
      throw DataProblem(.malformed, "\(title): labels must be whole numbers of 32 bits")
    }
    return labels.compactMap { $0 }
  }
}
