import ExptKit

Expt.main(adding: [AdversarialAE.self, ClusteringAE.self, MMDVAE.self, VampPrior.self])
