import ExptKit

Expt.main(adding: [AdversarialAE.self, MMDVAE.self, VampPrior.self, VQVAE.self])
