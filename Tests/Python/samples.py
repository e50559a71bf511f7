"""Distances between two sets of rows (.npy), in NumPy, SciPy and scikit-learn: prints 'name value' lines."""

import sys

import numpy as np
from scipy.linalg import sqrtm
from scipy.spatial.distance import cdist

real, made = (np.load(path).astype(np.float64) for path in sys.argv[1:3])
k = int(sys.argv[3])
n, d = real.shape

# The neighbourhoods, as torch-fidelity counts them: at most the k-th neighbour's distance.
own = np.sort(cdist(real, real), 1)[:, k]
others = np.sort(cdist(made, made), 1)[:, k]
between = cdist(real, made)
print("precision", (between <= own[:, None]).any(0).mean())
print("recall", (between <= others[None, :]).any(1).mean())
print("density", (between <= own[:, None]).sum(0).mean() / k)
print("coverage", (between.min(1) <= own).mean())

cov = [np.cov(x, rowvar=False) for x in (real, made)]
root = sqrtm(cov[0] @ cov[1]).real
print("frechet", np.sum((real.mean(0) - made.mean(0)) ** 2) + np.trace(cov[0] + cov[1] - 2 * root))

scale = real.std()
a, b = real / scale, made / scale
kernel = lambda x, y: (x @ y.T / d + 1) ** 3
aa, bb, ab = kernel(a, a), kernel(b, b), kernel(a, b)
pairs = n * (n - 1)
print("kid", (aa.sum() - np.trace(aa) + bb.sum() - np.trace(bb)) / pairs - 2 * ab.mean())
