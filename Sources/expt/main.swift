import ExptKit

await Expt.main()
