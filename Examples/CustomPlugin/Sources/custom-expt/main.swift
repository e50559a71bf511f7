import ExptKit

await Expt.main(adding: [MMDVAE.self])
