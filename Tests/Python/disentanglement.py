"""Scores of codes [images, latents] against factors [images, factors], as disentanglement_lib computes
them, in NumPy and scikit-learn. Reads .npy files, prints a line 'name value' for each."""

import sys

import numpy as np
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import LinearSVC

codes = np.load(sys.argv[1]).astype(np.float64)
factors = np.load(sys.argv[2]).astype(np.float64)
levels = np.stack([np.unique(f, return_inverse=True)[1] for f in factors.T], 1)
count, width = codes.shape
train = count * 2 // 3


def entropy(counts):
    shares = counts[counts > 0] / counts.sum()
    return -(shares * np.log(shares)).sum()


def mutual_information(a, b):
    table = np.zeros((a.max() + 1, b.max() + 1))
    np.add.at(table, (a, b), 1)
    return entropy(table.sum(1)) + entropy(table.sum(0)) - entropy(table.ravel())


def gap(scores):
    scores = np.sort(scores)[::-1]
    return scores[0] - scores[1]


# SAP, both forms.
r2 = [[np.cov(z, f, ddof=1)[0, 1] ** 2 / (np.var(z, ddof=1) * np.var(f, ddof=1)) for z in codes.T] for f in factors.T]
print("sap_r2", np.mean([gap(s) for s in r2]))
svm = []
for f in levels.T:
    scores = []
    for z in codes.T:
        model = LinearSVC(C=0.01, class_weight=None, tol=1e-10, max_iter=1_000_000, dual=False)
        model.fit(z[:train, None], f[:train])
        scores.append(np.mean(model.predict(z[train:, None]) == f[train:]))
    svm.append(gap(scores))
print("sap_svm", np.mean(svm))

# Modularity.
binned = [np.digitize(z, np.histogram(z, 20)[1][:-1]) for z in codes.T]
table = np.array([[mutual_information(z, f) for f in levels.T] for z in binned])
squares = table**2
most = squares.max(1)
modularity = 1 - (squares.sum(1) - most) / (most * (levels.shape[1] - 1))
print("modularity", modularity.mean())

# IRS.
furthest = np.abs(codes - codes.mean(0)).max(0)
deviations = np.zeros((width, levels.shape[1]))
for i, f in enumerate(levels.T):
    values = np.unique(f)
    for value in values:
        group = codes[f == value]
        deviations[:, i] += np.percentile(np.abs(group - group.mean(0)), 99, axis=0)
    deviations[:, i] /= len(values)
scores = (1 - deviations / furthest[:, None]).max(1)
print("irs", np.average(scores, weights=furthest))

# DCI, by scikit-learn's trees.
importances, accuracies = [], []
for f in levels.T:
    model = GradientBoostingClassifier(random_state=0)
    model.fit(codes[:train], f[:train])
    importances.append(np.abs(model.feature_importances_))
    accuracies.append(np.mean(model.predict(codes[train:]) == f[train:]))
matrix = np.array(importances).T


def concentration(rows):
    shares = rows / np.maximum(rows.sum(1, keepdims=True), 1e-300)
    logs = np.log(np.where(shares > 0, shares, 1)) / np.log(rows.shape[1])
    return np.sum(rows.sum(1) / rows.sum() * (1 + (shares * logs).sum(1)))


print("dci", concentration(matrix))
print("dci_completeness", concentration(matrix.T))
print("dci_informativeness", np.mean(accuracies))

# A linear probe and the nearest neighbours of the first factor, the first half of the images to fit.
half = count // 2
scaled = (codes - codes[:half].mean(0)) / codes[:half].std(0)
probe = LogisticRegression(C=1.0, tol=1e-10, max_iter=100_000).fit(scaled[:half], levels[:half, 0])
print("linear_probe", np.mean(probe.predict(scaled[half:]) == levels[half:, 0]))
single = codes.astype(np.float32)
for k in (1, 5, 20):
    knn = KNeighborsClassifier(k, algorithm="brute").fit(single[:half], levels[:half, 0])
    print(f"knn_accuracy_{k}", np.mean(knn.predict(single[half:]) == levels[half:, 0]))
