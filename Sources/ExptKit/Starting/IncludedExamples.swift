// Made by scripts/examples.sh from the experiments: change those, and run it.
// swift-format-ignore-file

extension IncludedExample {
  /// The experiments that come with the program, by name.
  static let all: [IncludedExample] = [
    IncludedExample(
      name: "aae_digits",
      text: #"""
        # An adversarial autoencoder (Makhzani et al. 2015): a discriminator learns to tell codes from draws of N(0, I),
        # and the encoder to fool it. Without it the samples of an autoencoder are noise; here they are digits.
        # `discriminator_accuracy` begins near 1 and falls towards ½ as the codes fill the prior.
        name: aae_digits
        seed: 1
        dataset: { type: digits, train: 20000, validation: 2000 }
        model:
          type: aae
          latent: 8
          encoder: { type: mlp, hidden: [400], activation: relu }
          discriminator:
            hidden: [200, 200]
            optimizer: { type: adam, learning_rate: 1.0e-3, beta1: 0.5 }
          weight: 10
        optimizer: { type: adam, learning_rate: 1.0e-3, beta1: 0.5 }
        training: { epochs: 10, batch_size: 128 }
        """# + "\n"),
    IncludedExample(
      name: "ae_conv_mnist",
      text: #"""
        # A convolutional autoencoder with batch normalisation on MNIST; the decoder mirrors the encoder.
        name: ae_conv_mnist
        seed: 1
        dataset: { type: mnist, validation: 10000, fallback: digits }
        model:
          type: ae
          latent: 16
          encoder: { type: conv, channels: [16, 32], kernel: 4, stride: 2, padding: 1, batch_norm: true }
          decoder: mirror
        optimizer: { type: adam, learning_rate: 1.0e-3 }
        training: { epochs: 5, batch_size: 128 }
        """# + "\n"),
    IncludedExample(
      name: "ae_mnist",
      text: #"""
        # A plain autoencoder on MNIST: 32 numbers for each image, no noise, no KL term.
        #
        # Its reconstructions are sharper than a VAE's of the same size; its latents have no distribution to
        # sample from. Compare with vae_mnist.
        name: ae_mnist
        seed: 1
        dataset: { type: mnist, validation: 10000, fallback: digits }
        model:
          type: ae
          latent: 32
          encoder: { type: mlp, hidden: [512, 256], activation: relu }
        optimizer: { type: adam, learning_rate: 1.0e-3 }
        training: { epochs: 10, batch_size: 128 }
        """# + "\n"),
    IncludedExample(
      name: "anomaly_digits",
      text: #"""
        # Anomalies: an autoencoder that has never seen a 4 reconstructs one badly. The class is left out of the training
        # and validation images and stays among the test images.
        #
        #     expt experiments/anomaly_digits.yaml
        #     expt score anomaly_digits                    # AUROC, threshold, and the strangest images as a picture
        #     expt score anomaly_digits --score latent     # another score: docs/judging.md has them all
        name: anomaly_digits
        seed: 1
        dataset: { type: digits, train: 20000, validation: 2000, test: 4000, leave_out: [4] }
        model:
          type: ae
          latent: 8
          encoder: { type: mlp, hidden: [256, 64], activation: relu }
        optimizer: { type: adam, learning_rate: 1.0e-3 }
        training: { epochs: 15, batch_size: 128 }
        """# + "\n"),
    IncludedExample(
      name: "attention_vae_digits",
      text: #"""
        # A VAE with the layers of today's image models, on drawn digits: convolutions with `padding: same`, group
        # normalisation, attention where maps are small, pooling on the way down and pixel shuffling on the way up;
        # trained by RAdam over one cycle of the learning rate, leaving out steps whose gradients explode, and
        # evaluated with a moving average of the weights.
        #
        # Its four epochs on 12,000 digits take half a minute on two slow cores and end at a validation loss of 103;
        # `dataset.train=60000 training.epochs=20` is for longer runs. `expt lr` on this file shows where rates begin
        # to diverge.
        name: attention_vae_digits
        seed: 1
        dataset: { type: digits, train: 12000, validation: 1000 }
        model:
          type: vae
          latent: 16
          beta: { type: linear, from: 0, to: 1, epochs: 2 }
          encoder:
            type: layers
            layers:
              - { type: conv, channels: 16, kernel: 3, padding: same, initialiser: he_normal }
              - { type: group_norm, groups: 4 }
              - silu
              - avg_pool
              - { type: conv, channels: 32, kernel: 3, padding: same, initialiser: he_normal }
              - { type: group_norm, groups: 8 }
              - silu
              - max_pool
              - { type: attention, norm_groups: 8 }
              - flatten
              - { type: linear, units: 128, spectral_norm: true }
              - silu
          decoder:
            type: layers
            layers:
              - { type: linear, units: 1568, initialiser: orthogonal }
              - { type: reshape, shape: [32, 7, 7] }
              - { type: attention, norm_groups: 8 }
              - silu
              - { type: conv, channels: 64, kernel: 3, padding: same, initialiser: he_normal }
              - pixel_shuffle
              - { type: group_norm, groups: 4 }
              - silu
              - { type: conv, channels: 32, kernel: 3, padding: same, initialiser: he_normal }
              - pixel_shuffle
              - silu
              - { type: conv, channels: 1, kernel: 3, padding: same }
        optimizer:
          type: radam
          learning_rate: 4.0e-3
          schedule: one_cycle
          clip_norm: 200
          skip_norm: 2000
        training: { epochs: 4, batch_size: 64, ema: 0.98 }
        """# + "\n"),
    IncludedExample(
      name: "beta_tcvae_sprites",
      text: #"""
        # β-TCVAE (Chen et al. 2018) on sprites with known factors (shape, scale, rotation, x, y): of the KL's three
        # terms, only the total correlation of the latents is weighed more, here by 6.
        #
        # The columns mi, tc and dwkl of metrics.csv add up to the KL of the samples. They are estimates from 128 images at a
        # time: tc may come out below 0. What each latent learned is in images/; `expt evaluate RUN --evaluator mig` says
        # how well factors and latents match.
        name: beta_tcvae_sprites
        seed: 1
        dataset: { type: sprites, size: 32, validation: 2000 }
        model:
          type: beta_tcvae
          latent: 10
          beta: 6
          encoder: { type: conv, channels: [32, 64], kernel: 4, stride: 2, padding: 1, hidden: [128] }
        optimizer: { type: adam, learning_rate: 1.0e-3 }
        training: { epochs: 15, batch_size: 128 }
        outputs: { also: [{ type: traversals, every: 5 }] }
        """# + "\n"),
    IncludedExample(
      name: "beta_vae_mnist",
      text: #"""
        # A β-VAE (Higgins et al. 2017) on MNIST: vae_mnist with the KL term weighted by 4 after two epochs
        # of warm-up. Expect fewer active latents and blurrier pictures; `scripts/sweep_beta.sh` tries
        # several β.
        extends: vae_mnist.yaml
        name: beta_vae_mnist
        model:
          beta: { type: linear, from: 0, to: 4, epochs: 2 }
        """# + "\n"),
    IncludedExample(
      name: "beta_vae_sprites",
      text: #"""
        # A β-VAE on sprites with known factors (shape, scale, rotation, x, y), as in Burgess et al. 2018:
        # the KL is pulled towards a growing capacity, so that the model picks up factors one after another. The
        # traversals in images/ show what each latent learned.
        name: beta_vae_sprites
        seed: 1
        dataset: { type: sprites, train: 46000, validation: 2000 }
        model:
          type: vae
          latent: 10
          beta: { type: capacity, gamma: 100, from: 0, to: 20, epochs: 8 }
          encoder:
            type: conv
            channels: [32, 32, 64]
            kernel: 4
            stride: 2
            padding: 1
            hidden: [256]
        optimizer: { type: adam, learning_rate: 1.0e-3 }
        training: { epochs: 10, batch_size: 128 }
        outputs: { also: [{ type: traversals, every: 5 }] }
        """# + "\n"),
    IncludedExample(
      name: "conditional_vae_mnist",
      text: #"""
        # A conditional VAE (Sohn, Lee & Yan 2015): encoder, decoder and prior are told the class of each image, so that
        # the latents need not say it, and a digit can be asked for. The prior is a Gaussian for each class, learned.
        # The samples in images/ have a row for each class; down a column they share their noise.
        #
        #     expt sample conditional_vae_mnist --label 3        # threes alone
        #     expt sample conditional_vae_mnist --per-class 12   # a row of twelve for each class
        #     expt reconstruct conditional_vae_mnist --label 7   # decoded as if each image were a seven
        name: conditional_vae_mnist
        seed: 1
        dataset: { type: mnist, validation: 10000, fallback: digits }
        model:
          type: vae
          latent: 10
          condition: labels
          prior: conditional_gaussian
          encoder: { type: mlp, hidden: [400], activation: relu }
        optimizer: { type: adam, learning_rate: 1.0e-3 }
        training: { epochs: 10, batch_size: 128 }
        outputs: { image_count: 80 }
        """# + "\n"),
    IncludedExample(
      name: "contractive_ae_digits",
      text: #"""
        # A contractive autoencoder (Rifai et al. 2011) of one sigmoid layer on the built-in drawn digits: the codes are made
        # to change little with the image, by the exact norm of their derivatives (the column contraction).
        name: contractive_ae_digits
        seed: 1
        dataset: { type: digits, train: 20000, validation: 2000 }
        model:
          type: contractive_ae
          lambda: 0.1
          latent: 64
          encoder: { type: mlp, hidden: [] }
        optimizer: { type: adam, learning_rate: 1.0e-3 }
        training: { epochs: 30, batch_size: 128 }
        """# + "\n"),
    IncludedExample(
      name: "conv_vae_mnist",
      text: #"""
        # A convolutional VAE on MNIST: two strided convolutions, a layer of 256, 16 latents, mirrored.
        name: conv_vae_mnist
        seed: 1
        dataset: { type: mnist, validation: 10000, fallback: digits }
        model:
          type: vae
          latent: 16
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
        training: { epochs: 8, batch_size: 128 }
        """# + "\n"),
    IncludedExample(
      name: "denoising_ae_mnist",
      text: #"""
        # A denoising autoencoder (Vincent et al. 2008): the encoder sees images with a quarter of the
        # pixels masked, and the loss compares with the clean ones.
        name: denoising_ae_mnist
        seed: 1
        dataset: { type: mnist, validation: 10000, fallback: digits }
        model:
          type: ae
          latent: 64
          corruption: { type: masking, rate: 0.25 }
          encoder: { type: mlp, hidden: [512], activation: relu }
        optimizer: { type: adam, learning_rate: 1.0e-3 }
        training: { epochs: 10, batch_size: 128 }
        """# + "\n"),
    IncludedExample(
      name: "dip_vae_sprites",
      text: #"""
        # DIP-VAE-II (Kumar et al. 2018) on sprites with known factors: the latents' covariance over the data is drawn to
        # the identity, as columns covariances (off the diagonal) and variances (on it) show.
        name: dip_vae_sprites
        seed: 1
        dataset: { type: sprites, size: 32, validation: 2000 }
        model:
          type: dip_vae
          form: ii
          off_diagonal: 50
          diagonal: 50
          latent: 10
          encoder: { type: conv, channels: [32, 64], kernel: 4, stride: 2, padding: 1, hidden: [128] }
        optimizer: { type: adam, learning_rate: 1.0e-3 }
        training: { epochs: 10, batch_size: 128 }
        outputs: { also: [{ type: traversals, every: 5 }] }
        """# + "\n"),
    IncludedExample(
      name: "factor_vae_sprites",
      text: #"""
        # FactorVAE (Kim & Mnih 2018) on sprites with known factors: a discriminator learns to tell codes from codes
        # whose dimensions are shuffled over the images, and so measures the total correlation, which γ weighs.
        #
        # The discriminator is smaller than the paper's (six layers of 1000), for the sake of time. tc is near 0 as long
        # as the discriminator knows nothing; discriminator_loss is log 2 = 0.69 where it cannot tell.
        name: factor_vae_sprites
        seed: 1
        dataset: { type: sprites, size: 32, validation: 2000 }
        model:
          type: factor_vae
          latent: 10
          gamma: 20
          discriminator: { hidden: [256, 256, 256] }
          encoder: { type: conv, channels: [32, 64], kernel: 4, stride: 2, padding: 1, hidden: [128] }
        optimizer: { type: adam, learning_rate: 1.0e-3 }
        training: { epochs: 15, batch_size: 128 }
        outputs: { also: [{ type: traversals, every: 5 }] }
        """# + "\n"),
    IncludedExample(
      name: "fsq_digits",
      text: #"""
        # Codes without a codebook: at each place of a 7×7 map three numbers, which take 8, 5 and 5 values, are one
        # of 200 codes (finite scalar quantization). Beside vq_digits.yaml, with the same networks: nothing is
        # there to collapse, and without moving averages, restarts or commitment 199 of the 200 codes are in use at the
        # end, though some of them seldom (perplexity 25).
        #     expt compare runs/vq_digits runs/fsq_digits
        name: fsq_digits
        seed: 1
        dataset: { type: digits, train: 12000, validation: 1000, test: 1000 }
        model:
          type: fsq_ae
          latent: 3
          levels: [8, 5, 5]
          encoder: { type: conv, channels: [16, 32], hidden: [] }
        optimizer: { type: adam, learning_rate: 2.0e-3 }
        training: { epochs: 15, batch_size: 64 }
        """# + "\n"),
    IncludedExample(
      name: "hierarchical_vae_digits",
      text: #"""
        # Three levels of latents, generated from the top down (Sønderby et al. 2016). Each level has a warm-up of its own, the
        # top the longest; `kl_1` to `kl_3` say how much each level carries. After ten epochs the validation loss is 99.4; with
        #     expt experiments/hierarchical_vae_digits.yaml model.inference=top_down
        # it is 100.4, and the upper levels stay nearly empty; with one level (model.upper=[] model.upper_beta=[]) it is 102.6.
        name: hierarchical_vae_digits
        seed: 1
        dataset: { type: digits, train: 20000, validation: 2000, binarization: stochastic }
        model:
          type: hierarchical_vae
          latent: 16
          upper: [8, 4]
          inference: bottom_up
          between: [128]
          beta: { type: linear, from: 0, to: 1, epochs: 3 }
          upper_beta:
            - { type: linear, from: 0, to: 1, epochs: 5 }
            - { type: linear, from: 0, to: 1, epochs: 7 }
          encoder: { type: mlp, hidden: [400], activation: relu }
        optimizer: { type: adam, learning_rate: 1.0e-3 }
        training: { epochs: 10, batch_size: 128 }
        """# + "\n"),
    IncludedExample(
      name: "info_vae_digits",
      text: #"""
        # InfoVAE (Zhao et al. 2017) on the built-in drawn digits, as the MMD-VAE: no KL, so that each image keeps its
        # information, and the codes of all images together are drawn to N(0, I) by their MMD.
        # The column kl, which is not in the loss, says how many nats that is; mmd goes to 0 as the codes meet the prior.
        name: info_vae_digits
        seed: 1
        dataset: { type: digits, train: 20000, validation: 2000 }
        model:
          type: info_vae
          alpha: 1
          lambda: 1000
          latent: 8
          encoder: { type: mlp, hidden: [400], activation: relu }
        optimizer: { type: adam, learning_rate: 1.0e-3 }
        training: { epochs: 15, batch_size: 256 }
        """# + "\n"),
    IncludedExample(
      name: "iwae_mnist",
      text: #"""
        # An importance-weighted autoencoder (Burda et al. 2015) with the paper's one-layer settings:
        # 784-200-200-50-200-200-784 with tanh, stochastic binarization, batches of 20, Adam with
        # β1 = 0.9, β2 = 0.999, ε = 1e-4, output bias at the data's mean. The paper trains 3,280 epochs
        # with a falling learning rate and reports −84.78 nats at k = 50 (its table 1); these are the first
        # few epochs with k = 5.
        name: iwae_mnist
        seed: 1
        dataset: { type: mnist, validation: 10000, binarization: stochastic, fallback: digits }
        model:
          type: iwae
          samples: 5
          latent: 50
          likelihood: bernoulli
          output_bias: data_mean
          encoder: { type: mlp, hidden: [200, 200], activation: tanh }
          decoder: { type: mlp, hidden: [200, 200], activation: tanh }
        optimizer: { type: adam, learning_rate: 1.0e-3, epsilon: 1.0e-4 }
        training: { epochs: 5, batch_size: 20 }
        """# + "\n"),
    IncludedExample(
      name: "joint_capacity_digits",
      text: #"""
        # JointVAE (Dupont 2018) with its capacities, on the built-in drawn digits: six Gaussian latents whose KL is pulled
        # to 5 nats, and one choice among ten whose KL is pulled to 2.2, nearly all that ten values can tell (log 10 = 2.303).
        # The learning rate falls to 0, so that both KLs come to rest at their capacities: kl_numbers and kl_choices in
        # metrics.csv are 5.04 and 2.20 on the training images after these sixteen epochs, 5.05 and 2.19 on those held
        # out. What a choice tells need not be the class: with each value read as its most frequent class, 33 % of the test
        # digits are told right; the more capacity the numbers have, the fewer (18 % with 8 nats).
        name: joint_capacity_digits
        seed: 1
        dataset: { type: digits, train: 20000, validation: 2000 }
        model:
          type: joint_vae
          latent: 7
          posterior:
            type: groups
            groups:
              style: { latent: 6, posterior: gaussian }
              digit: { latent: 1, posterior: { type: categorical, size: 10 } }
          prior: groups
          numbers: { type: capacity, gamma: 30, to: 5, epochs: 8 }
          choices: { type: capacity, gamma: 30, to: 2.2, epochs: 8 }
          encoder: { type: mlp, hidden: [400], activation: relu }
        optimizer: { type: adam, learning_rate: 1.0e-3, schedule: cosine }
        training: { epochs: 16, batch_size: 128 }
        outputs: { also: [{ type: traversals, every: 8 }] }
        """# + "\n"),
    IncludedExample(
      name: "joint_vae_digits",
      text: #"""
        # Numbers and a choice side by side, as in JointVAE (Dupont 2018), on the built-in drawn digits: four Gaussian
        # latents for how a digit is drawn, and one choice among ten for which digit it is. Nothing tells the model the
        # classes; the fewer numbers there are, the more the choice is needed. With each value of the choice read as
        # its most frequent class, 64 % of the test digits are told right after these ten epochs with this seed (34 % and
        # 62 % with seeds 2 and 3). The traversals in images/ show the ten values in their last row, and 'expt
        # encode' writes their probabilities as columns digit_probability_0_0, ...
        name: joint_vae_digits
        seed: 1
        dataset: { type: digits, validation: 5000 }
        model:
          type: vae
          latent: 5
          posterior:
            type: groups
            groups:
              style: { latent: 4, posterior: gaussian }
              digit: { latent: 1, posterior: { type: categorical, size: 10 } }
          prior: groups
          encoder: { type: mlp, hidden: [400], activation: relu }
        optimizer: { type: adam, learning_rate: 1.0e-3 }
        training: { epochs: 10, batch_size: 128 }
        outputs: { also: [{ type: traversals, every: 5 }] }
        """# + "\n"),
    IncludedExample(
      name: "linear_vae_digits",
      text: #"""
        # A VAE with a linear encoder, a linear decoder and one learned noise: the same family as ppca_digits, trained. Its
        # best loss is that of ppca_digits.
        name: linear_vae_digits
        seed: 1
        dataset: { type: digits, train: 10000, validation: 1000 }
        model:
          type: vae
          latent: 10
          likelihood: { type: gaussian, scale: shared }
          encoder: { type: mlp, hidden: [] }
          decoder: { type: mlp, hidden: [] }
          output_bias: data_mean
        optimizer:
          type: adam
          learning_rate: 5.0e-3
          schedule: cosine
        training: { epochs: 150, batch_size: 128 }
        """# + "\n"),
    IncludedExample(
      name: "logistic_mixture_mnist",
      text: #"""
        # Grey pixels as what they are, 256 levels: mixtures of discretized logistic distributions (PixelCNN++,
        # Salimans et al. 2017), whose loss is a probability of the 8-bit image. The epochs' lines and `expt evaluate`
        # say it in bits per dimension too, which compare across models and likelihoods of 8-bit images.
        #
        # Each pixel has its own distribution given the latents, so draws (`expt sample RUN --draws`) are noisier than
        # the means that pictures show. Half a minute on two cores, to 795 nats or 1.46 bits per dimension on the
        # drawn digits that stand in where MNIST is missing.
        name: logistic_mixture_mnist
        seed: 1
        dataset: { type: mnist, validation: 2000, limit: 12000, fallback: digits }
        model:
          type: vae
          latent: 16
          likelihood: { type: logistic_mixture, components: 3 }
          encoder: { type: conv, channels: [16, 32], hidden: [128] }
          decoder: mirror
          output_bias: data_mean
        optimizer: { type: adam, learning_rate: 1.0e-3 }
        training: { epochs: 8, batch_size: 100 }
        """# + "\n"),
    IncludedExample(
      name: "m2_vae_digits",
      text: #"""
        # Semi-supervised learning (Kingma et al. 2014, M2): two labels of a hundred are seen, and the class of all other
        # images is a latent that is summed over. `validation_accuracy` is the classifier's, 96 % after eight epochs; with the
        # same number of labels and steps, and no other images, it is 95 %:
        #     expt experiments/m2_vae_digits.yaml dataset.limit=200 model.labelled=1 training.epochs=400
        name: m2_vae_digits
        seed: 1
        dataset: { type: digits, train: 10000, validation: 2000 }
        model:
          type: m2_vae
          latent: 10
          labelled: 0.02
          alpha: 10
          encoder: { type: mlp, hidden: [200], activation: relu }
          classifier: { type: mlp, hidden: [200], activation: relu }
        optimizer: { type: adam, learning_rate: 1.0e-3 }
        training: { epochs: 8, batch_size: 100 }
        """# + "\n"),
    IncludedExample(
      name: "missing_pixels_digits",
      text: #"""
        # Half of the pixels of every image are never seen, neither by the encoder nor by the likelihood: with `iwae` this is
        # MIWAE (Mattei & Frellsen 2019). The reconstructions in images/ are whole digits: what is missing is imputed.
        # The loss is that of the observed half alone.
        name: missing_pixels_digits
        seed: 1
        dataset: { type: digits, train: 10000, validation: 1000 }
        model:
          type: iwae
          latent: 10
          samples: 5
          missing: { share: 0.5, tell: true }
          encoder: { type: mlp, hidden: [200], activation: relu }
        optimizer: { type: adam, learning_rate: 1.0e-3 }
        training: { epochs: 8, batch_size: 100 }
        """# + "\n"),
    IncludedExample(
      name: "photographs",
      text: #"""
        # A σ-VAE on a folder of photographs: JPEG, PNG, PGM or PPM of any sizes, brought to 64×64 in colour. Put
        # them into `photographs`, or name another folder: `dataset.path=FOLDER`. Without one, coloured sprites are
        # drawn instead. Sub-folders are classes; the page docs/data.md says what else there is.
        name: photographs
        seed: 1
        dataset:
          type: images
          path: photographs
          size: 64            # keeps the middle of other proportions; `fit: pad` or `stretch` do otherwise
          channels: rgb       # grey ones too
          flip: true          # mirrored at random in training
          validation: 0.1
          fallback: { type: sprites, train: 2000, colour: true }
        model:
          type: vae
          latent: 32
          likelihood: { type: gaussian, scale: optimal }
          encoder:
            type: conv
            channels: [32, 64, 128, 256]
            kernel: 4
            stride: 2
            padding: 1
            hidden: [256]
            activation: relu
          decoder: mirror
        optimizer: { type: adam, learning_rate: 5.0e-4 }
        training: { epochs: 20, batch_size: 64 }
        """# + "\n"),
    IncludedExample(
      name: "ppca_digits",
      text: #"""
        # Probabilistic PCA: the best linear decoder with normal noise, by a formula, and its exact log-likelihood. It is the
        # baseline for linear_vae_digits, whose ELBO approaches it from below; a VAE that is worse than this has not
        # learned yet.
        name: ppca_digits
        seed: 1
        dataset: { type: digits, train: 10000, validation: 1000 }
        model: { type: ppca, latent: 10 }
        training: { epochs: 1, batch_size: 128 }
        """# + "\n"),
    IncludedExample(
      name: "quick",
      text: #"""
        # A small run to see that everything works: under ten seconds, no download.
        name: quick
        seed: 1
        dataset: { type: digits, train: 3000, validation: 500, test: 500 }
        model:
          type: vae
          latent: 8
          encoder: { type: mlp, hidden: [128], activation: relu }
        optimizer: { type: adam, learning_rate: 2.0e-3 }
        training: { epochs: 3, batch_size: 64 }
        """# + "\n"),
    IncludedExample(
      name: "rae_digits",
      text: #"""
        # A regularised autoencoder (Ghosh et al. 2020) with a gradient penalty on the built-in drawn digits: no noise and no
        # prior while it trains. A mixture of Gaussians fitted to its codes afterwards gives samples:
        #
        #     run=$(expt experiments/rae_digits.yaml --quiet)
        #     expt fit "$run" --sampler gmm
        #     expt sample "$run" --sampler gmm
        name: rae_digits
        seed: 1
        dataset: { type: digits, train: 20000, validation: 2000 }
        model:
          type: rae
          regularizer: gradient
          beta: 0.1
          lambda: 0.01
          latent: 8
          encoder: { type: mlp, hidden: [400], activation: relu }
        optimizer: { type: adam, learning_rate: 1.0e-3 }
        training: { epochs: 15, batch_size: 256 }
        """# + "\n"),
    IncludedExample(
      name: "sigma_vae_mnist",
      text: #"""
        # The σ-VAE (Rybkin et al. 2021): Gaussian pixels whose one standard deviation is the best for each batch, in
        # closed form, so that nothing has to be tuned between reconstruction and KL. Evaluation takes the moving
        # average of training, so that an image's loss does not depend on the others.
        #
        # 784-400-20-400-784 as in vae_mnist.yaml. The loss is a density's, and negative: ten epochs, some twenty
        # seconds on two cores, come to −895 nats on the drawn digits that stand in where MNIST is missing.
        # Reconstructions are sharp, at a KL of 65 nats that leaves samples from the prior rough; compare with
        # `model.likelihood.scale=1`, the squared error that much code uses, which blurs both.
        name: sigma_vae_mnist
        seed: 1
        dataset: { type: mnist, validation: 10000, fallback: digits }
        model:
          type: vae
          latent: 20
          likelihood: { type: gaussian, scale: optimal }
          encoder: { type: mlp, hidden: [400], activation: relu }
          decoder: { type: mlp, hidden: [400], activation: relu }
          output_bias: data_mean
        optimizer: { type: adam, learning_rate: 1.0e-3 }
        training: { epochs: 10, batch_size: 128 }
        """# + "\n"),
    IncludedExample(
      name: "sparse_patches",
      text: #"""
        # A dictionary of the strokes that digits are made of: patches of 8×8 pixels as sums of at most 6 of 128
        # patterns. summary/dictionary.pgm shows the patterns, the most used first; l0, dead and explained_variance
        # are columns of metrics.csv. Patterns that were in no use for 20000 patches learn from what the others leave.
        name: sparse_patches
        seed: 1
        dataset: { type: patches, of: { type: digits, train: 10000, test: 1000 }, size: 8, train: 60000, validation: 2000, test: 2000 }
        model:
          type: sparse_ae
          latent: 128
          activation: { type: top_k, k: 6 }
          dead_after: 20000
          likelihood: { type: gaussian, scale: 0.1 }
        optimizer: { type: adam, learning_rate: 1.0e-3 }
        training: { epochs: 8, batch_size: 256 }
        """# + "\n"),
    IncludedExample(
      name: "swae_digits",
      text: #"""
        # A sliced Wasserstein autoencoder (Kolouri et al. 2019) on the built-in drawn digits: codes meet N(0, I) along
        # 50 random directions in each step, sorted.
        name: swae_digits
        seed: 1
        dataset: { type: digits, train: 20000, validation: 2000 }
        model:
          type: swae
          lambda: 100
          projections: 50
          latent: 8
          encoder: { type: mlp, hidden: [400], activation: relu }
        optimizer: { type: adam, learning_rate: 1.0e-3 }
        training: { epochs: 15, batch_size: 256 }
        """# + "\n"),
    IncludedExample(
      name: "vae_categorical_digits",
      text: #"""
        # A VAE with 20 choices among 10 values for latents (Jang et al. 2017) on the built-in drawn digits: relaxed in
        # training by Gumbel noise at a falling temperature, made in evaluation. A row of the traversals in
        # images/ shows the ten values of a choice.
        name: vae_categorical_digits
        seed: 1
        dataset: { type: digits, validation: 5000 }
        model:
          type: vae
          latent: 20
          posterior:
            type: categorical
            size: 10
            temperature: { type: exponential, from: 1, to: 0.5, epochs: 8 }
          prior: uniform
          encoder: { type: mlp, hidden: [400], activation: relu }
        optimizer: { type: adam, learning_rate: 1.0e-3 }
        training: { epochs: 10, batch_size: 128 }
        outputs: { also: [{ type: traversals, every: 5 }] }
        """# + "\n"),
    IncludedExample(
      name: "vae_digits",
      text: #"""
        # A VAE on the built-in drawn digits: needs no download, and gives the same bytes on every machine.
        name: vae_digits
        seed: 1
        dataset: { type: digits, validation: 5000 }
        model:
          type: vae
          latent: 16
          encoder: { type: mlp, hidden: [400], activation: relu }
        optimizer: { type: adam, learning_rate: 1.0e-3 }
        training: { epochs: 5, batch_size: 128 }
        """# + "\n"),
    IncludedExample(
      name: "vae_gan_digits",
      text: #"""
        # A VAE/GAN (Larsen et al. 2016): images are reconstructed in the features of a convolutional discriminator, in
        # place of their pixels, and the decoder learns to fool it: strokes have sharp edges, which a VAE blurs. The column
        # `reconstruction`, the pixels' own, is high: nobody asks for it. A small β keeps the codes telling, since the features
        # weigh less than pixels do. The discriminator learns as fast as the model: at a fifth of its rate it soon can hardly
        # tell decoded images from real ones.
        name: vae_gan_digits
        seed: 1
        dataset: { type: digits, train: 10000, validation: 1000 }
        model:
          type: vae_gan
          latent: 16
          encoder: { type: conv, channels: [16, 32], hidden: [128], activation: relu }
          beta: 0.05
          gamma: 1
          discriminator:
            network: { type: conv, channels: [16, 32], hidden: [], activation: leaky_relu }
            hidden: [128]
            optimizer: { type: adam, learning_rate: 1.0e-3, beta1: 0.5 }
        optimizer: { type: adam, learning_rate: 1.0e-3, beta1: 0.5 }
        training: { epochs: 8, batch_size: 64 }
        """# + "\n"),
    IncludedExample(
      name: "vae_iaf_mnist",
      text: #"""
        # A VAE whose posterior is an inverse autoregressive flow (Kingma et al. 2016): the encoder gives a
        # Gaussian and 64 numbers more, which four masked networks turn into a posterior whose dimensions depend
        # on each other. There is no formula for its KL, which is estimated from the samples.
        # With depth: 0 it is the plain Gaussian, bit for bit: what the flow is worth is
        # `expt evaluate` of a run of each.
        name: vae_iaf_mnist
        seed: 1
        dataset: { type: mnist, validation: 5000, limit: 25000, binarization: stochastic, fallback: digits }
        model:
          type: vae
          latent: 32
          likelihood: bernoulli
          posterior: { type: iaf, depth: 4, hidden: [320], context: 64 }
          encoder: { type: mlp, hidden: [400], activation: relu }
        optimizer: { type: adam, learning_rate: 1.0e-3 }
        training: { epochs: 10, batch_size: 128 }
        """# + "\n"),
    IncludedExample(
      name: "vae_mnist",
      text: #"""
        # A variational autoencoder on MNIST: the place to start.
        #
        # 784-400-20-400-784 with Bernoulli pixels, as in Kingma & Welling, "Auto-Encoding Variational
        # Bayes" (2014). Ten epochs take some ten seconds and reach about 105 nats on held-out images.
        # If MNIST is missing and cannot be downloaded, it trains on drawn digits instead, with a warning.
        name: vae_mnist
        seed: 1
        dataset: { type: mnist, validation: 10000, fallback: digits }
        model:
          type: vae
          latent: 20
          beta: 1.0
          likelihood: bernoulli
          encoder: { type: mlp, hidden: [400], activation: relu }
          decoder: { type: mlp, hidden: [400], activation: relu }
        optimizer: { type: adam, learning_rate: 1.0e-3 }
        training: { epochs: 10, batch_size: 128, shuffle: true }
        outputs: { checkpoint_every: 1, keep_checkpoints: 3, images_every: 1 }
        """# + "\n"),
    IncludedExample(
      name: "vae_sphere_digits",
      text: #"""
        # A VAE with latents on a sphere (S-VAE, Davidson et al. 2018) on the built-in drawn digits: von Mises-Fisher
        # posteriors, and a prior that is uniform on the sphere, so that there is no centre to collapse to. latent is the
        # dimension of the space around the sphere: 5 is the 4-sphere. The traversals in images/ lead along
        # great circles, a row for each axis.
        name: vae_sphere_digits
        seed: 1
        dataset: { type: digits, validation: 5000 }
        model:
          type: vae
          latent: 5
          posterior: von_mises_fisher
          prior: uniform
          encoder: { type: mlp, hidden: [400], activation: relu }
        optimizer: { type: adam, learning_rate: 1.0e-3 }
        training: { epochs: 10, batch_size: 128 }
        outputs: { also: [{ type: traversals, every: 5 }] }
        """# + "\n"),
    IncludedExample(
      name: "vamp_mnist",
      text: #"""
        # A VAE whose prior is learned: the VampPrior of Tomczak & Welling (2018), a mixture of the model's own
        # posteriors of 100 pseudo-inputs. They begin as training images, ten of each digit, and are trained with the
        # model. summary/components.pgm shows them above what they decode to, and so does 'expt report'; the diagnosis
        # says how many different ones they are worth. The KL has no closed form here, and is estimated from the
        # samples. On the test images of MNIST the importance-weighted NLL (k = 20) is 95.7 nats, and 99.9 with
        # 'model.prior=standard_normal'.
        #
        #     expt sample vamp_mnist                  # a pseudo-input for each sample, and a draw of its posterior
        name: vamp_mnist
        seed: 1
        dataset: { type: mnist, validation: 10000, binarization: stochastic, fallback: digits }
        model:
          type: vae
          latent: 20
          prior: { type: vamp, pseudo_inputs: 100 }
          encoder: { type: mlp, hidden: [300], activation: relu }
        optimizer: { type: adam, learning_rate: 1.0e-3 }
        training: { epochs: 10, batch_size: 100 }
        """# + "\n"),
    IncludedExample(
      name: "vq_digits",
      text: #"""
        # A VQ-VAE on drawn digits: each image becomes 7×7 codes out of 128, moving averages of the latents that
        # chose them, begun by k-means; codes chosen less than once in a batch begin again. summary/codes.ppm shows
        # the codes as colours, summary/codebook.pgm what each stands for, and the report how often each is chosen.
        # Its own samples are poor: the prior draws every place on its own. A prior over whole grids of codes, fitted
        # afterwards, knows their neighbours and makes digits:
        #     run=$(expt experiments/vq_digits.yaml --quiet)
        #     expt fit "$run" --sampler '{ type: autoregressive, epochs: 12 }'     # nats a code, bits an image
        #     expt sample "$run" --sampler autoregressive
        #     expt encode "$run"                                                   # the codes, [images, 1, 7, 7]
        name: vq_digits
        seed: 1
        dataset: { type: digits, train: 12000, validation: 1000, test: 1000 }
        model:
          type: vq_vae
          latent: 16
          codebook: 128
          restart_below: 1
          encoder: { type: conv, channels: [16, 32], hidden: [] }
        optimizer: { type: adam, learning_rate: 2.0e-3 }
        training: { epochs: 15, batch_size: 64 }
        """# + "\n"),
    IncludedExample(
      name: "wae_digits",
      text: #"""
        # A Wasserstein autoencoder (Tolstikhin et al. 2018) with a deterministic encoder on the built-in drawn digits.
        # The codes meet N(0, I) by their MMD under inverse multiquadratics; samples are decoded draws of N(0, I).
        name: wae_digits
        seed: 1
        dataset: { type: digits, train: 20000, validation: 2000 }
        model:
          type: wae
          lambda: 300
          latent: 8
          encoder: { type: mlp, hidden: [400], activation: relu }
        optimizer: { type: adam, learning_rate: 1.0e-3 }
        training: { epochs: 15, batch_size: 256 }
        """# + "\n"),
  ]
}
