import ExptKit

Expt.main(adding: [
  AdversarialAE.self, LaplacePosterior.self, LaplacePrior.self, MMDVAE.self, VQVAE.self,
])
