import ExptKit

Expt.main(adding: [MMDVAE.self])
