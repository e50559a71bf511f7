import ExptKit

Expt.main()
