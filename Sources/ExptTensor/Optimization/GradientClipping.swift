internal import CKernels

/// What is done to gradients between the backward pass and the optimizer.
public enum GradientClipping {
  public typealias Numbers = UnsafeMutableBufferPointer<Float>

  /// The L2 norm of all numbers together.
  public static func norm(_ numbers: Numbers, pool: ThreadPool) -> Double {
    guard let base = numbers.baseAddress else { return 0 }
    return ck_sum_of_squares(pool.handle, numbers.count, base).squareRoot()
  }

  /// Multiplies every number by `factor`.
  public static func scale(_ numbers: Numbers, by factor: Float, pool: ThreadPool) {
    guard let base = numbers.baseAddress else { return }
    ck_scale_in_place(pool.handle, numbers.count, factor, base)
  }

  /// Puts every number into ±`limit`; NaN stays NaN.
  public static func clip(_ numbers: Numbers, to limit: Float, pool: ThreadPool) {
    guard let base = numbers.baseAddress else { return }
    ck_clip_in_place(pool.handle, numbers.count, limit, base)
  }

  /// The index of the first infinity or NaN, or nil if there is none.
  public static func firstNotFinite(_ numbers: Numbers, pool: ThreadPool) -> Int? {
    guard let base = numbers.baseAddress else { return nil }
    let index = ck_first_not_finite(pool.handle, numbers.count, base)
    return index < 0 ? nil : index
  }
}
