import ExptKit

Expt.main(adding: [AdversarialAE.self, ClusteringAE.self, RenyiVAE.self, VampPrior.self])
