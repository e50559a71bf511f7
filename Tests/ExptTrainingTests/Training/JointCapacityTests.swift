import Testing

@Suite("JointVAE in training")
struct JointCapacityTests {
  /// At the end of a learning rate that falls to 0, both KLs rest at their capacities.
  @Test func `lands on both capacities within one hundredth`() throws {
    let run = try TestRun(
      """
      name: joint
      seed: 1
      dataset: { type: digits, train: 2000, validation: 200 }
      model:
        type: joint_vae
        latent: 7
        posterior:
          type: groups
          groups:
            style: { latent: 6, posterior: gaussian }
            digit: { latent: 1, posterior: { type: categorical, size: 10 } }
        prior: groups
        numbers: { type: capacity, gamma: 30, to: 8, epochs: 10 }
        choices: { type: capacity, gamma: 30, to: 1.5, epochs: 10 }
        encoder: { type: mlp, hidden: [64] }
      optimizer: { type: adam, learning_rate: 1.0e-3, schedule: cosine }
      training: { epochs: 30, batch_size: 50 }
      outputs: { images_every: 0, summary: false }
      """)
    let numbers = try #require(try run.column("train_kl_numbers").last)
    let choices = try #require(try run.column("train_kl_choices").last)
    #expect(abs(numbers - 8) < 0.08, "\(numbers)")
    #expect(abs(choices - 1.5) < 0.015, "\(choices)")
  }
}
