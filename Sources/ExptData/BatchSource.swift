public import ExptComponents
public import ExptTensor

/// Shows a range of images a batch at a time, in the order of an epoch. The last batch may be
/// smaller.
///
///     let source = BatchSource(splits.images, splits.train, batchSize: 128, shuffles: true, …)
///     source.start(epoch: 3)
///     for batch in 0..<source.batchCount { source.fill(images, with: batch, pool: pool) }
///
/// What a batch holds depends on the images, the settings, the seed, the epoch and the number of the
/// batch, and on nothing else: not on the threads, nor on the batches asked for before. Filling a
/// batch allocates nothing.
///
/// Images that are not in memory are shown in an order of blocks: see `BlockOrder`.
public final class BatchSource {
  public let images: ImageSet
  public let range: Range<Int>
  public let batchSize: Int
  /// Whether every epoch has an order, and a stochastic binarization, of its own.
  public let isTraining: Bool
  public let shuffles: Bool
  public let binarization: SplitSettings.Binarization
  /// Whether images are mirrored left to right, each with probability ½ in every epoch.
  public let flips: Bool
  public let seed: UInt64

  public private(set) var epoch = 0
  private var order: [Int]
  /// What brings images that are not in memory there, in the order of an epoch; nil where they are had one by
  /// one.
  private var windows: ImageWindows?
  private var scratch: StoredBatch?

  private init(
    _ images: ImageSet, _ range: Range<Int>, batchSize: Int, isTraining: Bool, shuffles: Bool,
    binarization: SplitSettings.Binarization, flips: Bool, seed: UInt64
  ) {
    precondition(batchSize > 0, "a batch of \(batchSize) images")
    precondition(
      range.lowerBound >= 0 && range.upperBound <= images.count,
      "images \(range) of \(images.count)")
    self.images = images
    self.range = range
    self.batchSize = batchSize
    self.isTraining = isTraining
    self.shuffles = shuffles
    self.binarization = binarization
    self.flips = flips
    self.seed = seed
    order = [Int](repeating: 0, count: range.count)
    if let stored = images.pixels.stored {
      let most = min(batchSize, range.count)
      if isTraining, !stored.source.isInMemory, !range.isEmpty {
        windows = ImageWindows(stored, range, seed: shuffles ? seed : nil, batch: most)
      } else {
        scratch = StoredBatch(stored, batch: most)
      }
    }
    start(epoch: 0)
  }

  /// Images to train on: shuffled, and binarized, anew in every epoch.
  public static func training(
    _ splits: DataSplits, _ settings: SplitSettings, batchSize: Int, shuffles: Bool, seed: UInt64
  ) -> BatchSource {
    BatchSource(
      splits.images, splits.train, batchSize: batchSize, isTraining: true, shuffles: shuffles,
      binarization: settings.binarization, flips: settings.flip, seed: seed)
  }

  /// Images to measure on: in the order of the dataset, and binarized once and for all: the same in
  /// every epoch and in runs of any seed.
  public static func evaluation(
    _ images: ImageSet, _ settings: SplitSettings, range: Range<Int>? = nil, batchSize: Int
  ) -> BatchSource {
    BatchSource(
      images, range ?? 0..<images.count, batchSize: batchSize, isTraining: false, shuffles: false,
      binarization: settings.binarization, flips: false, seed: 0)
  }

  /// The batches of an epoch, the last and perhaps smaller one included.
  public var batchCount: Int { (range.count + batchSize - 1) / batchSize }

  /// The images in a batch.
  public func size(ofBatch batch: Int) -> Int { places(batch).count }

  /// The numbers of a batch's images in `images`.
  public func numbers(ofBatch batch: Int) -> ArraySlice<Int> { order[places(batch)] }

  /// Goes to an epoch, counted from 0.
  public func start(epoch: Int) {
    self.epoch = epoch
    if let windows {
      windows.start(epoch: epoch, into: &order)
    } else if shuffles {
      EpochOrder.write(range, into: &order, seed: seed, epoch: epoch)
    } else {
      EpochOrder.write(range, into: &order)
    }
  }

  /// Writes a batch of the current epoch, [size of the batch, channels, height, width], to the front
  /// of `target`; what lies behind stays as it is.
  public func fill(
    _ target: UnsafeMutableBufferPointer<Float>, with batch: Int, pool: ThreadPool?
  ) {
    let numbers = numbers(ofBatch: batch)
    let pixels = images.shape.count
    switch images.pixels {
    case .bytes(let bytes):
      GatherImages.copy(
        numbers, of: bytes, pixels: pixels, as: presentation, into: target, pool: pool)
    case .floats(let floats):
      GatherImages.copy(
        numbers, of: floats, pixels: pixels, as: presentation, into: target, pool: pool)
    case .stored:
      windows?.fill(target, with: places(batch), of: order, as: presentation, pool: pool)
      scratch?.fill(target, with: numbers, as: presentation, pool: pool)
    }
    if flips {
      ImageFlips.flip(
        target, numbers, shape: images.shape, seed: seed, epoch: epoch, pool: pool)
    }
  }

  /// Draw 0 is for measuring, draw e + 1 for training in epoch e.
  private var presentation: PixelPresentation {
    switch binarization {
    case .none: .grey
    case .threshold: .threshold
    case .stochastic: .stochastic(seed: seed, draw: isTraining ? epoch + 1 : 0)
    }
  }

  private func places(_ batch: Int) -> Range<Int> {
    precondition(batch >= 0 && batch < batchCount, "batch \(batch) of \(batchCount)")
    return batch * batchSize..<min((batch + 1) * batchSize, range.count)
  }
}
