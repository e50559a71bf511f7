import ExptKit

Expt.main(adding: [
  AdversarialAE.self, ClusteringAE.self, LaplacePosterior.self, LaplacePrior.self, RenyiVAE.self,
])
