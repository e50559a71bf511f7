/// What an encoder computes for some images.
public struct Encodings: Sendable {
  /// Images.
  public let count: Int
  public let space: LatentSpace
  /// The posterior means, or an autoencoder's codes: `[count, width]`.
  public let mean: [Float]
  /// The other numbers that describe the posteriors, by name, `[count, n]` each: `log_variance`.
  public let parameters: [(name: String, values: [Float])]
  /// KL(q(z|x) ‖ p(z)) in closed form, in nats: `[count, n]`, of each dimension where it splits, else of
  /// the whole (n = 1); nil if there is no prior or no closed form.
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

  /// What is known about one image, this many times.
  public func annotations(ofImage image: Int, count: Int) -> Annotations {
    annotations.selecting(Array(repeating: image, count: count))
  }

  /// How informative each number of the latents is about these images.
  public var dimensions: [LatentDimension] {
    let hasKL = kl.map { $0.count == count * latent } ?? false
    return (0..<latent).map { dimension in
      var kl = Moments()
      var mean = Moments()
      for place in stride(from: dimension, to: count * latent, by: latent) {
        if hasKL, let own = self.kl { kl.add(Double(own[place])) }
        mean.add(Double(self.mean[place]))
      }
      return LatentDimension(
        number: dimension, kl: hasKL ? kl.mean : nil, mean: mean.mean, variance: mean.variance,
        hasStandardPrior: hasStandardPrior)
    }
  }
}

/// How informative a latent dimension is about some images.
public struct LatentDimension: Sendable, Hashable {
  /// From 0.
  public let number: Int
  /// Mean KL from the prior over the images, in nats; nil for codes, and where it does not split.
  public let kl: Double?
  /// Of the posterior mean (or code) over the images.
  public let mean: Double
  public let variance: Double
  /// Whether its prior is N(0, 1).
  public let hasStandardPrior: Bool

  public init(
    number: Int, kl: Double?, mean: Double, variance: Double, hasStandardPrior: Bool = true
  ) {
    self.hasStandardPrior = hasStandardPrior
    self.number = number
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

  public init(labels: [Int32]? = nil, factors: [(name: String, values: [Float])] = []) {
    self.labels = labels
    self.factors = factors
  }

  /// Those of some images, in the given order.
  public func selecting(_ images: [Int]) -> Annotations {
    Annotations(
      labels: labels.map { labels in images.map { labels[$0] } },
      factors: factors.map { factor in (factor.name, images.map { factor.values[$0] }) })
  }
}

extension ImageSet {
  public var annotations: Annotations { Annotations(labels: labels, factors: factors) }
}
