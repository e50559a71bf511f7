// Made by scripts/examples.sh from the experiments: change those, and run it.
// swift-format-ignore-file

extension IncludedExample {
  /// The workloads whose speed is measured, by name.
  static let workloads: [IncludedExample] = [
    IncludedExample(
      name: "w10_iaf",
      text: #"""
        # Workload W10: W1's network with 32 latents whose posterior takes eight inverse autoregressive flow steps, masked
        # networks of 320 units (Kingma et al. 2016): many small products. 400 GFLOP per epoch.
        name: w10_iaf
        seed: 1
        dataset: { type: mnist, fallback: digits }
        model:
          type: vae
          latent: 32
          likelihood: bernoulli
          posterior: { type: iaf, depth: 8, hidden: [320], context: 64 }
          encoder: { type: mlp, hidden: [400], activation: relu }
          decoder: { type: mlp, hidden: [400], activation: relu }
        optimizer: { type: adam, learning_rate: 1.0e-3 }
        training: { epochs: 3, batch_size: 128, shuffle: true }
        outputs: { checkpoint_every: 0, images_every: 0 }
        """# + "\n"),
    IncludedExample(
      name: "w11_residual128",
      text: #"""
        # Workload W11: a convolutional residual VAE of 3×128×128, as today's image models are built: group
        # normalisation, SiLU and 3×3 convolutions in residual blocks at 32², 16² and 8², batches of 32, 512 sprites.
        # 2.1 TFLOP per epoch.
        name: w11_residual128
        seed: 1
        dataset: { type: sprites, train: 512, test: 64, size: 128, colour: true }
        model:
          type: vae
          latent: 128
          likelihood: { type: gaussian, scale: 1 }
          encoder:
            type: layers
            layers:
              - { type: conv, channels: 32, kernel: 4, stride: 2, padding: 1 }
              - { type: residual, layers: [{ type: group_norm, groups: 8 }, silu, { type: conv, channels: 32, kernel: 3, padding: 1 }, { type: group_norm, groups: 8 }, silu, { type: conv, channels: 32, kernel: 3, padding: 1 }] }
              - { type: conv, channels: 64, kernel: 4, stride: 2, padding: 1 }
              - { type: residual, layers: [{ type: group_norm, groups: 8 }, silu, { type: conv, channels: 64, kernel: 3, padding: 1 }, { type: group_norm, groups: 8 }, silu, { type: conv, channels: 64, kernel: 3, padding: 1 }] }
              - { type: conv, channels: 128, kernel: 4, stride: 2, padding: 1 }
              - { type: residual, layers: [{ type: group_norm, groups: 8 }, silu, { type: conv, channels: 128, kernel: 3, padding: 1 }, { type: group_norm, groups: 8 }, silu, { type: conv, channels: 128, kernel: 3, padding: 1 }] }
              - { type: conv, channels: 256, kernel: 4, stride: 2, padding: 1 }
              - { type: group_norm, groups: 8 }
              - silu
              - flatten
          decoder:
            type: layers
            layers:
              - { type: linear, units: 16384 }
              - { type: reshape, shape: [256, 8, 8] }
              - { type: conv_transpose, channels: 128, kernel: 4, stride: 2, padding: 1 }
              - { type: residual, layers: [{ type: group_norm, groups: 8 }, silu, { type: conv, channels: 128, kernel: 3, padding: 1 }, { type: group_norm, groups: 8 }, silu, { type: conv, channels: 128, kernel: 3, padding: 1 }] }
              - { type: conv_transpose, channels: 64, kernel: 4, stride: 2, padding: 1 }
              - { type: residual, layers: [{ type: group_norm, groups: 8 }, silu, { type: conv, channels: 64, kernel: 3, padding: 1 }, { type: group_norm, groups: 8 }, silu, { type: conv, channels: 64, kernel: 3, padding: 1 }] }
              - { type: conv_transpose, channels: 32, kernel: 4, stride: 2, padding: 1 }
              - { type: residual, layers: [{ type: group_norm, groups: 8 }, silu, { type: conv, channels: 32, kernel: 3, padding: 1 }, { type: group_norm, groups: 8 }, silu, { type: conv, channels: 32, kernel: 3, padding: 1 }] }
              - { type: group_norm, groups: 8 }
              - silu
              - { type: conv_transpose, channels: 3, kernel: 4, stride: 2, padding: 1 }
        optimizer: { type: adam, learning_rate: 1.0e-3 }
        training: { epochs: 3, batch_size: 32, shuffle: true }
        outputs: { checkpoint_every: 0, images_every: 0 }
        """# + "\n"),
    IncludedExample(
      name: "w12_conv256",
      text: #"""
        # Workload W12: W4 grown to 3×256×256: six convolutions, to 32, 64, 128, 256, 512 and 512 channels, straight to 128
        # latents, and mirrored; Gaussian pixels, batches of 16, 256 sprites. 1.9 TFLOP per epoch.
        name: w12_conv256
        seed: 1
        dataset: { type: sprites, train: 256, test: 32, size: 256, colour: true }
        model:
          type: vae
          latent: 128
          likelihood: { type: gaussian, scale: 1 }
          encoder:
            type: conv
            channels: [32, 64, 128, 256, 512, 512]
            kernel: 4
            stride: 2
            padding: 1
            hidden: []
            activation: relu
          decoder: mirror
        optimizer: { type: adam, learning_rate: 1.0e-3 }
        training: { epochs: 3, batch_size: 16, shuffle: true }
        outputs: { checkpoint_every: 0, images_every: 0 }
        """# + "\n"),
    IncludedExample(
      name: "w13_wide",
      text: #"""
        # Workload W13: a wide model, 127 million parameters. 3×64×64, four convolutions to 256, 512, 1024 and 2048
        # channels, straight to 400 latents, and mirrored; Gaussian pixels, batches of 16, 128 sprites. 2.5 TFLOP per epoch.
        name: w13_wide
        seed: 1
        dataset: { type: sprites, train: 128, test: 32, size: 64, colour: true }
        model:
          type: vae
          latent: 400
          likelihood: { type: gaussian, scale: 1 }
          encoder:
            type: conv
            channels: [256, 512, 1024, 2048]
            kernel: 4
            stride: 2
            padding: 1
            hidden: []
            activation: relu
          decoder: mirror
        optimizer: { type: adam, learning_rate: 1.0e-3 }
        training: { epochs: 3, batch_size: 16, shuffle: true }
        outputs: { checkpoint_every: 0, images_every: 0 }
        """# + "\n"),
    IncludedExample(
      name: "w1_mlp",
      text: #"""
        # Workload W1: the VAE of Kingma & Welling's size, 784-400-20-400-784, on all 60,000 training images
        # of MNIST, in grey, reshuffled every epoch, the last batch of 96 kept. 235 GFLOP per epoch.
        #
        # `timing.csv` in the run folder has the seconds of each epoch. Pictures and numbered checkpoints
        # are off; the model, the data and the steps are those that Benchmarks/peers/ trains.
        name: w1_mlp
        seed: 1
        dataset: { type: mnist, fallback: digits }
        model:
          type: vae
          latent: 20
          likelihood: bernoulli
          encoder: { type: mlp, hidden: [400], activation: relu }
          decoder: { type: mlp, hidden: [400], activation: relu }
        optimizer: { type: adam, learning_rate: 1.0e-3 }
        training: { epochs: 5, batch_size: 128, shuffle: true }
        outputs: { checkpoint_every: 0, images_every: 0 }
        """# + "\n"),
    IncludedExample(
      name: "w2_conv",
      text: #"""
        # Workload W2: a convolutional VAE on all 60,000 training images of MNIST: convolutions to 32 and 64
        # channels (4×4, stride 2, padding 1, relu), 256 units, 16 latents, and the mirror image with
        # transposed convolutions. 1.8 TFLOP per epoch.
        name: w2_conv
        seed: 1
        dataset: { type: mnist, fallback: digits }
        model:
          type: vae
          latent: 16
          likelihood: bernoulli
          encoder:
            type: conv
            channels: [32, 64]
            kernel: 4
            stride: 2
            padding: 1
            hidden: [256]
            activation: relu
          decoder: mirror
        optimizer: { type: adam, learning_rate: 1.0e-3 }
        training: { epochs: 3, batch_size: 128, shuffle: true }
        outputs: { checkpoint_every: 0, images_every: 0 }
        """# + "\n"),
    IncludedExample(
      name: "w3_iwae",
      text: #"""
        # Workload W3: the network of the IWAE paper (Burda et al. 2016), 784-200-200-50-200-200-784 with
        # tanh, one importance sample, pixels redrawn from their grey values every epoch, batches of 20:
        # 3,000 small steps per epoch, where overhead shows. 150 GFLOP per epoch.
        name: w3_iwae
        seed: 1
        dataset: { type: mnist, binarization: stochastic, fallback: digits }
        model:
          type: iwae
          samples: 1
          latent: 50
          likelihood: bernoulli
          encoder: { type: mlp, hidden: [200, 200], activation: tanh }
          decoder: { type: mlp, hidden: [200, 200], activation: tanh }
        optimizer: { type: adam, learning_rate: 1.0e-3 }
        training: { epochs: 5, batch_size: 20, shuffle: true }
        outputs: { checkpoint_every: 0, images_every: 0 }
        """# + "\n"),
    IncludedExample(
      name: "w4_conv64",
      text: #"""
        # Workload W4: a convolutional VAE on 8,192 coloured images of 64×64 (drawn sprites, nothing to
        # download): convolutions to 32, 64, 128 and 256 channels (4×4, stride 2, padding 1, relu), straight
        # to 128 latents, and mirrored; Gaussian pixels, batches of 64. 2.7 TFLOP per epoch.
        name: w4_conv64
        seed: 1
        dataset: { type: sprites, train: 8192, test: 1024, size: 64, colour: true }
        model:
          type: vae
          latent: 128
          likelihood: { type: gaussian, scale: 1 }
          encoder:
            type: conv
            channels: [32, 64, 128, 256]
            kernel: 4
            stride: 2
            padding: 1
            hidden: []
            activation: relu
          decoder: mirror
        optimizer: { type: adam, learning_rate: 1.0e-3 }
        training: { epochs: 3, batch_size: 64, shuffle: true }
        outputs: { checkpoint_every: 0, images_every: 0 }
        """# + "\n"),
    IncludedExample(
      name: "w6_vqvae",
      text: #"""
        # Workload W6: the VQ-VAE of van den Oord et al. (2017) as its authors published it for 3×32×32: 128 channels,
        # two residual blocks of 32 on either side, 8×8 places of 64 numbers, 512 codes as moving averages with
        # decay 0.99, batches of 128; on 8,192 coloured sprites (drawn, nothing to download). 3.4 TFLOP per epoch.
        name: w6_vqvae
        seed: 1
        dataset: { type: sprites, train: 8192, test: 1024, size: 32, colour: true }
        model:
          type: vq_vae
          latent: 64
          codebook: 512
          update: ema
          decay: 0.99
          likelihood: { type: gaussian, scale: 1 }
          encoder:
            type: layers
            layers:
              - { type: conv, channels: 64, kernel: 4, stride: 2, padding: 1 }
              - relu
              - { type: conv, channels: 128, kernel: 4, stride: 2, padding: 1 }
              - relu
              - { type: conv, channels: 128, kernel: 3, padding: 1 }
              - { type: residual, layers: [relu, { type: conv, channels: 32, kernel: 3, padding: 1 }, relu, { type: conv, channels: 128, kernel: 1 }] }
              - { type: residual, layers: [relu, { type: conv, channels: 32, kernel: 3, padding: 1 }, relu, { type: conv, channels: 128, kernel: 1 }] }
              - relu
          decoder:
            type: layers
            layers:
              - { type: conv, channels: 128, kernel: 3, padding: 1 }
              - { type: residual, layers: [relu, { type: conv, channels: 32, kernel: 3, padding: 1 }, relu, { type: conv, channels: 128, kernel: 1 }] }
              - { type: residual, layers: [relu, { type: conv, channels: 32, kernel: 3, padding: 1 }, relu, { type: conv, channels: 128, kernel: 1 }] }
              - relu
              - { type: conv_transpose, channels: 64, kernel: 4, stride: 2, padding: 1 }
              - relu
              - { type: conv_transpose, channels: 3, kernel: 4, stride: 2, padding: 1 }
        optimizer: { type: adam, learning_rate: 3.0e-4 }
        training: { epochs: 3, batch_size: 128, shuffle: true }
        outputs: { checkpoint_every: 0, images_every: 0 }
        """# + "\n"),
    IncludedExample(
      name: "w7_iwae50",
      text: #"""
        # Workload W7: W3's network with k = 50 importance samples, as the IWAE paper trains it: a decoder that sees
        # 1,000 latents for each batch of 20 images; the first 12,000 images of MNIST. 760 GFLOP per epoch.
        name: w7_iwae50
        seed: 1
        dataset: { type: mnist, limit: 12000, binarization: stochastic, fallback: digits }
        model:
          type: iwae
          samples: 50
          latent: 50
          likelihood: bernoulli
          encoder: { type: mlp, hidden: [200, 200], activation: tanh }
          decoder: { type: mlp, hidden: [200, 200], activation: tanh }
        optimizer: { type: adam, learning_rate: 1.0e-3 }
        training: { epochs: 3, batch_size: 20, shuffle: true }
        outputs: { checkpoint_every: 0, images_every: 0 }
        """# + "\n"),
    IncludedExample(
      name: "w8_tcvae",
      text: #"""
        # Workload W8: a β-TCVAE of Chen et al.'s fully connected size, 4096-1200-1200-10-1200-1200-4096, on 10,240 sprites of
        # 64×64, batches of 1,024, whose total correlation takes a million pairs of latents a step. 780 GFLOP per epoch.
        name: w8_tcvae
        seed: 1
        dataset: { type: sprites, train: 10240, test: 1024, size: 64 }
        model:
          type: beta_tcvae
          latent: 10
          beta: 6
          estimator: mws
          likelihood: bernoulli
          encoder: { type: mlp, hidden: [1200, 1200], activation: relu }
          decoder: { type: mlp, hidden: [1200, 1200], activation: relu }
        optimizer: { type: adam, learning_rate: 1.0e-3 }
        training: { epochs: 3, batch_size: 1024, shuffle: true }
        outputs: { checkpoint_every: 0, images_every: 0 }
        """# + "\n"),
    IncludedExample(
      name: "w9_sparse",
      text: #"""
        # Workload W9: a sparse autoencoder of 8,192 patterns over rows of 512 numbers, at most 32 of them at a time
        # (Gao et al. 2024), batches of 4,096 rows; 32,768 rows, drawn as sums of known patterns. 1.6 TFLOP per epoch
        # if all patterns are counted; the reconstruction needs 32 of them a row.
        name: w9_sparse
        seed: 1
        dataset: { type: sparse_features, train: 32768, test: 1024, dimensions: 512, features: 512, probability: 0.05 }
        model:
          type: sparse_ae
          latent: 8192
          activation: { type: top_k, k: 32 }
          aux_weight: 0
          likelihood: { type: gaussian, scale: 1 }
        optimizer: { type: adam, learning_rate: 1.0e-3 }
        training: { epochs: 3, batch_size: 4096, shuffle: true }
        outputs: { checkpoint_every: 0, images_every: 0 }
        """# + "\n"),
  ]
}
