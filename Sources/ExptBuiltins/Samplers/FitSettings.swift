import ExptComponents

/// How a sampler with networks is fitted: by Adam on mini-batches, until latents that are held out no
/// longer gain.
struct FitSettings: Settings {
  @Setting("Largest number of epochs.", .within(1...1_000_000)) var epochs: Int = 100
  @Setting("Latents in a step.", .within(1...1_000_000)) var batchSize: Int = 256
  @Setting("Adam's learning rate.", .above(0, upTo: 10)) var learningRate: Double = 1e-3
  @Setting(
    "Share of the images that is held out, to tell when to stop and what was reached; 0: none.",
    .within(0..<1))
  var heldOut: Double = 0.1
  @Setting(
    "Stop after this many epochs without a gain on the images held out.", .within(1...1_000_000))
  var patience: Int = 10
  @Setting("The seed of the first weights, of the division and of the order.") var seed: UInt64 = 0

  init() {}
}
