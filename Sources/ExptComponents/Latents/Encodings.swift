/// What an encoder computes for some images.
public struct Encodings: Sendable {
  /// Images.
  public let count: Int
  public let space: LatentSpace
  /// The posterior means, or an autoencoder's codes: `[count, width]`.
  public let mean: [Float]
  /// The other numbers that describe the posteriors, by name, `[count, n]` each: `log_variance`.
  public let parameters: [(name: String, values: [Float])]
  /// KL(q(z|x) ‖ p(z)) in closed form, in nats: `[count, n]`, of each unit of the space where it splits,
  /// else of the whole (n = 1); nil if there is no prior or no closed form.
  public let kl: [Float]?
  /// What else is known of the images.
  public let annotations: Annotations
  /// Whether the prior is N(0, I).
  public let hasStandardPrior: Bool

  public init(
    count: Int, space: LatentSpace, mean: [Float],
    parameters: [(name: String, values: [Float])] = [], kl: [Float]? = nil,
    annotations: Annotations = Annotations(), hasStandardPrior: Bool = true
  ) {
    self.count = count
    self.space = space
    self.mean = mean
    self.parameters = parameters
    self.kl = kl
    self.annotations = annotations
    self.hasStandardPrior = hasStandardPrior
  }

  /// Numbers of a latent.
  public var latent: Int { space.width }

  /// Those of one name.
  public subscript(parameter name: String) -> [Float]? {
    parameters.first { $0.name == name }?.values
  }

  /// The KL of an image, in nats; nil if there is no formula.
  public func kl(ofImage image: Int) -> Double? {
    guard let kl, count > 0 else { return nil }
    let width = kl.count / count
    return kl[image * width..<(image + 1) * width].reduce(0) { $0 + Double($1) }
  }

  /// Those of some images, in the given order.
  public func selecting(_ images: [Int]) -> Encodings {
    func rows(_ values: [Float]) -> [Float] {
      let width = values.count / max(1, count)
      return images.flatMap { values[$0 * width..<($0 + 1) * width] }
    }
    return Encodings(
      count: images.count, space: space, mean: rows(mean),
      parameters: parameters.map { ($0.name, rows($0.values)) }, kl: kl.map(rows),
      annotations: annotations.selecting(images), hasStandardPrior: hasStandardPrior)
  }

  /// The mean of one image.
  public func mean(ofImage image: Int) -> ArraySlice<Float> {
    mean[image * latent..<(image + 1) * latent]
  }

  /// The points of the space nearest to the means, choices made: what stands for each image.
  public var points: [Float] { space.points(nearest: mean) }

  /// What is known about one image, this many times.
  public func annotations(ofImage image: Int, count: Int) -> Annotations {
    annotations.selecting(Array(repeating: image, count: count))
  }

  /// The mean of each number over the images, as the nearest point of the space: `[latent]`.
  public var centre: [Float] {
    space.points(nearest: (0..<latent).map { Float(moments(of: $0..<$0 + 1).mean) })
  }

  /// How informative each unit of the latents is about these images.
  public var dimensions: [LatentDimension] {
    let units = space.units
    let hasKL = kl.map { $0.count == count * units.count } ?? false
    return units.enumerated().map { number, unit in
      var kl = Moments()
      if hasKL, let own = self.kl {
        for place in stride(from: number, to: own.count, by: units.count) {
          kl.add(Double(own[place]))
        }
      }
      let (mean, variance) = moments(of: unit.numbers)
      return LatentDimension(
        number: number, unit: unit, kl: hasKL ? kl.mean : nil, mean: mean, variance: variance,
        hasStandardPrior: hasStandardPrior)
    }
  }

  /// The mean over the images of a number, 0 of several; and the variance, of several its sum.
  private func moments(of numbers: Range<Int>) -> (mean: Double, variance: Double) {
    let each = numbers.map { number -> Moments in
      var moments = Moments()
      for place in stride(from: number, to: count * latent, by: latent) {
        moments.add(Double(mean[place]))
      }
      return moments
    }
    return (each.count == 1 ? each[0].mean : 0, each.reduce(0) { $0 + $1.variance })
  }
}

/// How informative a unit of the latents is about some images: in most spaces a single number, a
/// dimension.
public struct LatentDimension: Sendable, Hashable {
  /// From 0, among all units.
  public let number: Int
  public let unit: LatentUnit
  /// Mean KL from the prior over the images, in nats; nil for codes, and where it does not split.
  public let kl: Double?
  /// Of the posterior mean (or code) over the images; 0 for a choice and a sphere.
  public let mean: Double
  /// The same of several numbers together: the sum of their variances.
  public let variance: Double
  /// Whether its prior is N(0, 1).
  public let hasStandardPrior: Bool

  /// - Parameter unit: nil: the number of the same number.
  public init(
    number: Int, unit: LatentUnit? = nil, kl: Double?, mean: Double, variance: Double,
    hasStandardPrior: Bool = true
  ) {
    self.hasStandardPrior = hasStandardPrior
    self.number = number
    self.unit = unit ?? LatentUnit("\(number)", .number, number..<number + 1)
    self.kl = kl
    self.mean = mean
    self.variance = variance
  }

  /// Whether the posterior mean differs from image to image: its variance is over 0.01.
  ///
  /// Source: Burda, Grosse & Salakhutdinov, "Importance Weighted Autoencoders", ICLR 2016, 5.2.
  public var isActive: Bool { variance > Self.activeVariance }
  /// Whether the KL is over 0.01 nats.
  public var isInformative: Bool { (kl ?? 0) > Self.informativeKL }

  public static let activeVariance = 0.01
  /// In nats: a dimension with a lower KL carries next to nothing.
  public static let informativeKL = 0.01
}

/// What is known about some images besides their pixels.
public struct Annotations: Sendable {
  /// The class of each, from 0.
  public var labels: [Int32]?
  /// Ground-truth factors by name.
  public var factors: [(name: String, values: [Float])]
  /// 1 where a value of an example is observed, else 0, as many for each; nil where all are.
  public var observed: [UInt8]?

  public init(
    labels: [Int32]? = nil, factors: [(name: String, values: [Float])] = [],
    observed: [UInt8]? = nil
  ) {
    self.labels = labels
    self.factors = factors
    self.observed = observed
  }

  /// Which values of an example are observed, `width` of them; nil where all are.
  public func observed(of image: Int, width: Int) -> ArraySlice<UInt8>? {
    guard let observed, image >= 0, (image + 1) * width <= observed.count else { return nil }
    return observed[image * width..<(image + 1) * width]
  }

  /// Those of some images, in the given order; which of their values are observed is left out.
  public func selecting(_ images: [Int]) -> Annotations {
    Annotations(
      labels: labels.map { labels in images.map { labels[$0] } },
      factors: factors.map { factor in (factor.name, images.map { factor.values[$0] }) })
  }
}

extension ImageSet {
  public var annotations: Annotations {
    Annotations(labels: labels, factors: factors, observed: observed)
  }
}
