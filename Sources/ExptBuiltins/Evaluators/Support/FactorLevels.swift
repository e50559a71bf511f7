import ExptComponents

/// What the images were made from, as whole numbers: each factor cut into levels.
struct FactorLevels {
  struct Factor {
    var name: String
    /// Of each image, from 0.
    var levels: [Int]
    var count: Int

    /// The images of each level.
    var images: [[Int]] {
      var images = Array(repeating: [Int](), count: count)
      for (image, level) in levels.enumerated() { images[level].append(image) }
      return images
    }
  }

  /// Those that take more than one level.
  let factors: [Factor]

  /// - Parameter bins: A factor of more values than this is cut into as many equal parts of its range.
  /// - Throws: `EvaluationProblem` where no factor takes more than one value.
  init(_ annotations: Annotations, bins: Int) throws(EvaluationProblem) {
    factors = annotations.groundTruth.compactMap { factor in
      let levels = Self.levels(factor.values, bins: bins)
      let count = (levels.max() ?? 0) + 1
      return count > 1 ? Factor(name: factor.name, levels: levels, count: count) : nil
    }
    guard !factors.isEmpty else {
      throw EvaluationProblem("no factor takes more than one value in these images")
    }
  }

  /// The values of a factor as whole numbers.
  static func levels(_ values: [Float], bins: Int) -> [Int] {
    let distinct = Set(values)
    guard distinct.count <= bins else {
      return MIG.binned(values.map(Double.init), bins: bins)
    }
    let numbers = Dictionary(
      uniqueKeysWithValues: distinct.sorted().enumerated().map { ($1, $0) })
    return values.map { numbers[$0] ?? 0 }
  }
}

/// The encoder means of images, a column for each latent.
struct CodeColumns {
  let count: Int
  let columns: [[Double]]

  init(_ encodings: Encodings) {
    let width = encodings.latent
    count = encodings.count
    columns = (0..<width).map { dimension in
      stride(from: dimension, to: encodings.mean.count, by: width).map {
        Double(encodings.mean[$0])
      }
    }
  }

  var width: Int { columns.count }

  func row(_ image: Int) -> [Double] { columns.map { $0[image] } }

  /// Over the images, divided by n.
  func variance(of column: Int) -> Double { columns[column].variance }
}

extension [Double] {
  var mean: Double { isEmpty ? 0 : reduce(0, +) / Double(count) }

  /// Divided by n.
  var variance: Double {
    let mean = mean
    return isEmpty ? 0 : reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
  }
}
