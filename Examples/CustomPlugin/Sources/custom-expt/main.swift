import ExptKit

Expt.main(adding: [AdversarialAE.self, RenyiVAE.self, VampPrior.self, VQVAE.self])
