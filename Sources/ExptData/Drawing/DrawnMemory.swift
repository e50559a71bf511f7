public import ExptComponents
import ExptFiles
public import ExptTensor

/// - Throws: That there is no memory for this many drawn images.
public func checkMemory(forImages count: Int, of shape: Shape) throws(DataProblem) {
  let (bytes, overflows) = count.multipliedReportingOverflow(by: shape.count)
  guard !overflows, Memory.has(bytes) else {
    throw DataProblem(
      .malformed,
      "\(count) images of \(shape) need \(bytes >> 20) MiB of memory, which the system cannot "
        + "provide: draw fewer or smaller ones")
  }
}
