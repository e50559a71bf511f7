import ExptKit

Expt.main(adding: [
  ACAI.self, ClusteringAE.self, LaplacePosterior.self, LaplacePrior.self, RenyiVAE.self,
])
