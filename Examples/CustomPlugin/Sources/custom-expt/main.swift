import ExptKit

Expt.main(adding: [ACAI.self, MMDVAE.self, VampPrior.self, VQVAE.self])
