import ExptTensor
import ExptTesting
import Foundation

/// (x − mean)/√(variance + 1e-5)·scale + shift of groups of elements; `group(i)` and `channel(i)`
/// are those of element i.
private func normalised(
  _ x: [[Double]], groups: Int, group: (Int) -> Int, channel: (Int) -> Int
) -> [Double] {
  var (count, mean, variance) = (
    [Double](repeating: 0, count: groups), [Double](repeating: 0, count: groups),
    [Double](repeating: 0, count: groups)
  )
  for i in x[0].indices {
    count[group(i)] += 1
    mean[group(i)] += x[0][i]
  }
  for g in 0..<groups { mean[g] /= count[g] }
  for i in x[0].indices { variance[group(i)] += pow(x[0][i] - mean[group(i)], 2) }
  for g in 0..<groups { variance[g] /= count[g] }
  return x[0].indices.map { i in
    let value = (x[0][i] - mean[group(i)]) / (variance[group(i)] + 1e-5).squareRoot()
    return x.count == 1 ? value : value * x[1][channel(i)] + x[2][channel(i)]
  }
}

/// Batch normalisation in training, of images of two pixels or of rows.
private func batchNormCase(_ name: String, pixels: Int?, isAffine: Bool = true) -> OperationCase {
  OperationCase(
    name,
    inputs: { b, d in
      [.normal(Shape([b, d] + (pixels.map { [$0] } ?? [])))]
        + (isAffine ? [.uniform([d], 0.5...2), .normal([d])] : [])
    },
    expected: { x, b, d in
      let channel = { (i: Int) in i / (pixels ?? 1) % d }
      // A single value of a channel has no variance: the running ones, here 0 and 1, serve instead.
      if b * (pixels ?? 1) == 1 {
        return x[0].indices.map { i in x[0][i] / (1 + 1e-5).squareRoot() * x[1][i] + x[2][i] }
      }
      return normalised(x, groups: d, group: channel, channel: channel)
    },
    build: { graph, x in
      let mean = graph.parameter("mean", [x[0].shape[1]], .zeros, isState: true)
      let variance = graph.parameter("variance", [x[0].shape[1]], .ones, isState: true)
      return batchNorm(
        x[0], scale: isAffine ? x[1] : nil, shift: isAffine ? x[2] : nil, runningMean: mean,
        runningVariance: variance)
    })
}

let normCases: [OperationCase] = [
  // Of two examples almost alike, the deviation from the mean has few digits.
  batchNormCase("batch_norm of rows", pixels: nil).with { $0.tolerance = 1e-5 },
  batchNormCase("batch_norm of images", pixels: 2),
  batchNormCase("batch_norm without scale", pixels: 3, isAffine: false),
  OperationCase(
    "batch_norm in evaluation",
    inputs: { b, d in [.normal([b, d, 2]), .uniform([d], 0.5...2), .normal([d])] },
    expected: { x, b, d in
      x[0].indices.map { i in
        (x[0][i] - 0.25) / (4 + 1e-5).squareRoot() * x[1][i / 2 % d] + x[2][i / 2 % d]
      }
    },
    build: { graph, x in
      let mean = graph.parameter("mean", [x[0].shape[1]], .constant(0.25), isState: true)
      let variance = graph.parameter("variance", [x[0].shape[1]], .constant(4), isState: true)
      return batchNorm(
        x[0], scale: x[1], shift: x[2], runningMean: mean, runningVariance: variance)
    }
  ).with { $0.mode = .evaluation },
  OperationCase(
    "layer_norm",
    inputs: { b, d in [.normal([b, d, 2]), .uniform([d, 2], 0.5...2), .normal([d, 2])] },
    expected: { x, b, d in
      normalised(x, groups: b, group: { $0 / (2 * d) }, channel: { $0 % (2 * d) })
    }, build: { layerNorm($1[0], scale: $1[1], shift: $1[2]) }),
  OperationCase(
    "layer_norm without scale", inputs: { b, d in [.normal([b, 2 * d])] },
    expected: { x, b, d in
      normalised(x, groups: b, group: { $0 / (2 * d) }, channel: { $0 % (2 * d) })
    }, build: { layerNorm($1[0]) }),
  groupNormCase("group_norm of images", groups: 2, pixels: 3),
  // Of groups of few numbers, some deviations have few digits.
  groupNormCase("group_norm of rows", groups: 1, pixels: nil).with { $0.tolerance = 1e-5 },
  groupNormCase("group_norm without scale", groups: 2, pixels: 5, isAffine: false),
]

/// Group normalisation of images of some pixels or of rows; 2·d channels, or 6·d.
private func groupNormCase(
  _ name: String, groups: Int, pixels: Int?, isAffine: Bool = true
) -> OperationCase {
  OperationCase(
    name,
    inputs: { b, d in
      [.normal(Shape([b, 6 * d] + (pixels.map { [$0, 2] } ?? [])))]
        + (isAffine ? [.uniform([6 * d], 0.5...2), .normal([6 * d])] : [])
    },
    expected: { x, b, d in
      let (inner, channels) = (pixels.map { $0 * 2 } ?? 1, 6 * d)
      let channel = { (i: Int) in i / inner % channels }
      return normalised(
        x, groups: b * groups,
        group: { $0 / inner / channels * groups + channel($0) / (channels / groups) },
        channel: channel)
    },
    build: { _, x in
      groupNorm(
        x[0], groups: groups, scale: isAffine ? x[1] : nil, shift: isAffine ? x[2] : nil)
    })
}
