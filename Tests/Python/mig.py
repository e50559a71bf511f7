"""The mutual information gap in plain NumPy, after disentanglement_lib.

Reads codes [images, latents] and factors [images, factors] from .npy files, and prints the gap of each
factor, divided by its entropy.
"""

import sys

import numpy as np


def entropy(counts):
    shares = counts[counts > 0] / counts.sum()
    return -(shares * np.log(shares)).sum()


def mutual_information(a, b):
    table = np.zeros((a.max() + 1, b.max() + 1))
    np.add.at(table, (a, b), 1)
    return entropy(table.sum(1)) + entropy(table.sum(0)) - entropy(table.ravel())


codes = np.load(sys.argv[1]).astype(np.float64)
factors = np.load(sys.argv[2])
binned = [np.digitize(z, np.histogram(z, 20)[1][:-1]) for z in codes.T]
for factor in factors.T:
    values = np.unique(factor, return_inverse=True)[1]
    told = sorted((mutual_information(z, values) for z in binned), reverse=True)
    print((told[0] - told[1]) / entropy(np.bincount(values)))
