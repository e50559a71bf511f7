import ExptTensor

/// Factor analysis while EM fits it to a covariance, in Double.
struct FactorFit {
  private let covariance: SampleCovariance
  private let floor: Double
  private var fitted: FittedLinearGaussian

  private var width: Int { covariance.width }
  private var latent: Int { fitted.latent }

  /// - Parameter floor: Of the noise's deviations.
  init(_ covariance: SampleCovariance, floor: Double, start: FittedLinearGaussian) {
    self.covariance = covariance
    self.floor = floor
    fitted = start
    fitted.variances = [Double](repeating: start.variances[0], count: covariance.width)
  }

  /// One step of EM.
  ///
  /// - Returns: The mean log-likelihood of an image before the step, in nats.
  mutating func step(_ pool: ThreadPool?) -> Double {
    // Ψ⁻¹·W, and M = I + Wᵀ·Ψ⁻¹·W.
    var scaled = fitted.loadings
    for row in 0..<width {
      for column in 0..<latent { scaled[row * latent + column] /= fitted.variances[row] }
    }
    var inner = gram(fitted.loadings, scaled)
    for place in 0..<latent { inner[place * latent + place] += 1 }
    let (inverse, logDeterminant) = inverted(inner)
    // T = S·Bᵀ = S·Ψ⁻¹·W·M⁻¹.
    let half = covarianceTimes(scaled, pool)
    let moments = times(half, inverse)
    let likelihood = logLikelihood(half, moments, scaled, logDeterminant)
    // C = M⁻¹ + B·T, B = M⁻¹·(Ψ⁻¹·W)ᵀ.
    let projected = gram(scaled, moments)
    var second = inverse
    for row in 0..<latent {
      for column in 0..<latent {
        for place in 0..<latent {
          second[row * latent + column] +=
            inverse[row * latent + place] * projected[place * latent + column]
        }
      }
    }
    fitted.loadings = times(moments, inverted(second).matrix)
    for row in 0..<width {
      var explained = 0.0
      for column in 0..<latent {
        explained += fitted.loadings[row * latent + column] * moments[row * latent + column]
      }
      fitted.variances[row] = max(
        covariance.matrix[row * width + row] - explained, floor * floor)
    }
    return likelihood
  }

  /// −½ (n·log 2π + log|C| + tr(C⁻¹·S)) by M: |C| = |Ψ|·|M|, tr(C⁻¹·S) = tr(Ψ⁻¹·S) − tr(M⁻¹·Wᵀ·Ψ⁻¹·S·Ψ⁻¹·W).
  private func logLikelihood(
    _ half: [Double], _ moments: [Double], _ scaled: [Double], _ logDeterminant: Double
  ) -> Double {
    var sum = Double(width) * RepeatableMath.log(2 * Double.pi) + logDeterminant
    for row in 0..<width {
      sum +=
        RepeatableMath.log(fitted.variances[row])
        + covariance.matrix[row * width + row] / fitted.variances[row]
      for column in 0..<latent {
        sum -= scaled[row * latent + column] * moments[row * latent + column]
      }
    }
    return -0.5 * sum
  }

  /// The same density with columns of W that are orthogonal in units of the noise.
  var turned: FittedLinearGaussian {
    var scaled = fitted.loadings
    for row in 0..<width {
      for column in 0..<latent { scaled[row * latent + column] /= fitted.variances[row] }
    }
    let eigen = SymmetricEigen(gram(fitted.loadings, scaled), width: latent)
    var rotation = [Double](repeating: 0, count: latent * latent)
    for column in 0..<latent {
      for (row, value) in eigen.vector(column).enumerated() {
        rotation[row * latent + column] = value
      }
    }
    var result = fitted
    result.loadings = times(fitted.loadings, rotation)
    for column in 0..<latent {
      var (largest, sign) = (0.0, 1.0)
      for row in 0..<width where abs(result.loadings[row * latent + column]) > largest {
        largest = abs(result.loadings[row * latent + column])
        sign = result.loadings[row * latent + column] < 0 ? -1 : 1
      }
      for row in 0..<width { result.loadings[row * latent + column] *= sign }
    }
    return result
  }

  // MARK: - Products

  /// aᵀ·b of two `[width, latent]`.
  private func gram(_ a: [Double], _ b: [Double]) -> [Double] {
    var product = [Double](repeating: 0, count: latent * latent)
    for row in 0..<width {
      for first in 0..<latent {
        let factor = a[row * latent + first]
        for second in 0..<latent {
          product[first * latent + second] += factor * b[row * latent + second]
        }
      }
    }
    return product
  }

  /// `[width, latent]` times `[latent, latent]`.
  private func times(_ a: [Double], _ b: [Double]) -> [Double] {
    var product = [Double](repeating: 0, count: a.count)
    for row in 0..<width {
      for place in 0..<latent {
        let factor = a[row * latent + place]
        for column in 0..<latent {
          product[row * latent + column] += factor * b[place * latent + column]
        }
      }
    }
    return product
  }

  /// S times `[width, latent]`.
  private func covarianceTimes(_ a: [Double], _ pool: ThreadPool?) -> [Double] {
    let (width, latent) = (width, latent)
    let matrix = covariance.matrix
    var product = [Double](repeating: 0, count: a.count)
    product.withUnsafeMutableBufferPointer { product in
      let shared = Shared(product)
      ThreadPool.run((width + 15) / 16, on: pool) { task in
        for row in task * 16..<min(task * 16 + 16, width) {
          let line = UnsafeMutableBufferPointer(
            rebasing: shared.memory[row * latent..<(row + 1) * latent])
          for place in 0..<width {
            let factor = matrix[row * width + place]
            for column in 0..<latent { line[column] += factor * a[place * latent + column] }
          }
        }
      }
    }
    return product
  }

  /// The inverse of a positive definite matrix, and the logarithm of its determinant, by its Cholesky factor.
  private func inverted(_ matrix: [Double]) -> (matrix: [Double], logDeterminant: Double) {
    let n = latent
    guard let factor = FittedNormal.choleskyFactor(of: matrix, width: n) else {
      return ([Double](repeating: .nan, count: n * n), .nan)
    }
    var logDeterminant = 0.0
    for place in 0..<n { logDeterminant += 2 * RepeatableMath.log(factor[place * n + place]) }
    var inverse = [Double](repeating: 0, count: n * n)
    for column in 0..<n {
      var solved = [Double](repeating: 0, count: n)
      for row in column..<n {
        var rest = row == column ? 1.0 : 0.0
        for place in column..<row { rest -= factor[row * n + place] * solved[place] }
        solved[row] = rest / factor[row * n + row]
      }
      for row in (0..<n).reversed() {
        var rest = solved[row]
        for place in row + 1..<n {
          rest -= factor[place * n + row] * inverse[place * n + column]
        }
        inverse[row * n + column] = rest / factor[row * n + row]
      }
    }
    return (inverse, logDeterminant)
  }
}
