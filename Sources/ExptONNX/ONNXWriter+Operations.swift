import ExptTensor

/// What each operation is in ONNX.
extension ONNXWriter {
  /// Adds the nodes of an operation, and returns the name of its result.
  mutating func write(_ meaning: OperationMeaning, of step: Graph.Step, at label: String)
    throws(ONNXProblem) -> String
  {
    let inputs = step.inputs.map { name($0) }
    switch meaning {
    case .elementwise(let function, let parameter):
      return try elementwise(function, parameter, inputs[0], at: label)
    case .affine(let factor, let summand):
      let scaled =
        factor == 1 ? inputs[0] : add("Mul", [inputs[0], number(factor, at: label)], at: label)
      return summand == 0 && factor != 1
        ? scaled : add("Add", [scaled, number(summand, at: label)], at: label)
    case .clamp(let bounds):
      let ends = [bounds.lowerBound, bounds.upperBound].map { number($0, at: label) }
      return add("Clip", [inputs[0]] + ends, at: label)
    case .arithmetic(let kind, let isReversed, let isColumn):
      return try arithmetic(kind, isReversed, isColumn, step, inputs, at: label)
    case .matrixProduct(let transposeA, let transposeB):
      return add(
        "Gemm", inputs, at: label,
        [("transA", .integer(transposeA ? 1 : 0)), ("transB", .integer(transposeB ? 1 : 0))])
    case .batchedMatrixProduct(let transposeA, let transposeB):
      let operands = zip(inputs, [transposeA, transposeB]).map { input, isTransposed in
        isTransposed
          ? add("Transpose", [input], at: label, [("perm", .integers([0, 2, 1]))]) : input
      }
      return add("MatMul", operands, at: label)
    case .linear(let activation):
      let sum = add("Gemm", inputs, at: label, [("transB", .integer(1))])
      return try activated(sum, activation, at: label)
    case .convolution(let geometry, let activation):
      let sum = add("Conv", inputs, at: label, attributes(geometry, weight: shape(step.inputs[1])))
      return try activated(sum, activation, at: label)
    case .transposedConvolution(let geometry, let activation):
      let kernel = Array(shape(step.inputs[1]).dropFirst(2))
      let (from, to) = (shape(step.inputs[0]), shape(step.number))
      let padding = (0..<2).map { axis in
        to[axis + 2] - (from[axis + 2] - 1) * geometry.stride + 2 * geometry.padding - kernel[axis]
      }
      let sum = add(
        "ConvTranspose", inputs, at: label,
        attributes(geometry, weight: shape(step.inputs[1]))
          + [("output_padding", .integers(padding))])
      return try activated(sum, activation, at: label)
    case .batchNorm(let epsilon):
      let channels = shape(step.inputs[1])
      let affine = affine(inputs, from: 3, shape: channels, at: label)
      return add(
        "BatchNormalization", [inputs[0]] + affine + [inputs[1], inputs[2]], at: label,
        [("epsilon", .float(epsilon))])
    case .layerNorm(let epsilon):
      let example = Array(shape(step.number).dropFirst())
      let affine = affine(inputs, from: 1, shape: example, at: label)
      return add(
        "LayerNormalization", [inputs[0]] + affine, at: label,
        [("axis", .integer(1)), ("epsilon", .float(epsilon))])
    case .groupNorm(let groups, let epsilon):
      return groupNorm(groups, epsilon, step, inputs, at: label)
    case .averagePool(let geometry):
      return add(
        "AveragePool", inputs, at: label,
        attributes(geometry) + [("count_include_pad", .integer(0))])
    case .maxPool(let geometry):
      return add("MaxPool", inputs, at: label, attributes(geometry))
    case .pixelShuffle(let factor):
      return add(
        "DepthToSpace", inputs, at: label,
        [("blocksize", .integer(factor)), ("mode", .text("CRD"))])
    case .pixelUnshuffle(let factor):
      return pixelUnshuffle(factor, step, inputs[0], at: label)
    case .upsample(let factor):
      let scales = floats([1, 1, Float(factor), Float(factor)], [4], at: label)
      return add(
        "Resize", [inputs[0], "", scales], at: label,
        [
          ("mode", .text("nearest")), ("nearest_mode", .text("floor")),
          ("coordinate_transformation_mode", .text("asymmetric")),
        ])
    case .slice(let first):
      let ends = [[first], [first + shape(step.number)[1]], [1]].map { integers($0, at: label) }
      return add("Slice", [inputs[0]] + ends, at: label)
    case .concatenate:
      return add("Concat", inputs, at: label, [("axis", .integer(1))])
    case .softmax:
      return add("Softmax", inputs, at: label, [("axis", .integer(1))])
    case .logSoftmax(let axis):
      return add("LogSoftmax", inputs, at: label, [("axis", .integer(axis))])
    case .sum(let axes):
      // Of numbers that are one for each example already there is nothing to add up.
      if axes.isEmpty { return inputs[0] }
      return add(
        "ReduceSum", [inputs[0], integers(Array(axes), at: label)], at: label,
        [("keepdims", .integer(0))])
    case .reparameterize:
      let half = add("Mul", [inputs[1], number(0.5, at: label)], at: label)
      let noise = add("Mul", [add("Exp", [half], at: label), inputs[2]], at: label)
      return add("Add", [inputs[0], noise], at: label)
    case .argMax:
      return extremum("ArgMax", inputs[0], at: label)
    case .argMin:
      return extremum("ArgMin", inputs[0], at: label)
    case .oneHot:
      return oneHot(inputs[0], columns: shape(step.number)[1], at: label)
    case .topMask(let count):
      return topMask(min(count, shape(step.number)[1]), inputs[0], at: label)
    case .rectifiedTop(let count):
      let mask = topMask(min(count, shape(step.number)[1]), inputs[0], at: label)
      return add("Mul", [add("Relu", [inputs[0]], at: label), mask], at: label)
    case .gatherRows:
      return add("Gather", [inputs[0], asIntegers(inputs[1], at: label)], at: label)
    case .repeatRows(let times):
      return repeatRows(times, step, inputs[0], at: label)
    case .transpose:
      let order = shape(step.number).count == 3 ? [0, 2, 1] : [1, 0]
      return add("Transpose", inputs, at: label, [("perm", .integers(order))])
    case .values(let values):
      return try self.values(values, step, at: label)
    case .constant(let value):
      return try constant(value, step, at: label)
    }
  }

  private func attributes(_ geometry: ConvolutionGeometry, weight: [Int])
    -> [(name: String, value: ONNXAttribute)]
  {
    [
      ("kernel_shape", .integers(Array(weight.dropFirst(2)))),
      ("strides", .integers([geometry.stride, geometry.stride])),
      ("pads", .integers(Array(repeating: geometry.padding, count: 4))),
    ]
  }

  private func attributes(_ geometry: PoolingGeometry)
    -> [(name: String, value: ONNXAttribute)]
  {
    [
      ("kernel_shape", .integers([geometry.kernel, geometry.kernel])),
      ("strides", .integers([geometry.stride, geometry.stride])),
      ("pads", .integers(Array(repeating: geometry.padding, count: 4))),
    ]
  }

  /// Groups as the channels of an instance normalisation: opset 17 has no operator for it.
  private mutating func groupNorm(
    _ groups: Int, _ epsilon: Float, _ step: Graph.Step, _ inputs: [String], at label: String
  ) -> String {
    let whole = shape(step.number)
    let size = whole.dropFirst().reduce(1, *) / groups
    let ones = floats(Array(repeating: 1, count: groups), [groups], at: label)
    let zeros = floats(Array(repeating: 0, count: groups), [groups], at: label)
    let grouped = reshape(inputs[0], to: [whole[0], groups, size], at: label)
    let normal = add(
      "InstanceNormalization", [grouped, ones, zeros], at: label, [("epsilon", .float(epsilon))])
    let result = reshape(normal, to: whole, at: label)
    guard inputs.count > 2 else { return result }
    let channels = [whole[1]] + Array(repeating: 1, count: whole.count - 2)
    let scale = reshape(inputs[1], to: channels, at: label)
    let shift = reshape(inputs[2], to: channels, at: label)
    return add("Add", [add("Mul", [result, scale], at: label), shift], at: label)
  }

  /// Opset 17 has SpaceToDepth only with the channels in another order.
  private mutating func pixelUnshuffle(
    _ factor: Int, _ step: Graph.Step, _ input: String, at label: String
  ) -> String {
    let (from, to) = (shape(step.inputs[0]), shape(step.number))
    let cut = reshape(
      input, to: [from[0], from[1], to[2], factor, to[3], factor], at: label)
    let turned = add("Transpose", [cut], at: label, [("perm", .integers([0, 1, 3, 5, 2, 4]))])
    return reshape(turned, to: to, at: label)
  }

  /// Scale and shift of a normalisation, 1 and 0 where it has none.
  private mutating func affine(
    _ inputs: [String], from first: Int, shape: [Int], at label: String
  ) -> [String] {
    if inputs.count > first { return Array(inputs[first...]) }
    let count = shape.reduce(1, *)
    return [Float(1), 0].map {
      floats(Array(repeating: $0, count: count), shape, at: label)
    }
  }

  private mutating func arithmetic(
    _ kind: String, _ isReversed: Bool, _ isColumn: Bool, _ step: Graph.Step, _ inputs: [String],
    at label: String
  ) throws(ONNXProblem) -> String {
    let types = ["add": "Add", "subtract": "Sub", "multiply": "Mul", "divide": "Div"]
    guard let type = kind == "maximum" ? "Max" : types[kind] else {
      throw unwritten("the operation '\(kind)'")
    }
    var second = inputs[1]
    if isColumn {
      let ones = Array(repeating: 1, count: shape(step.number).count - 1)
      second = reshape(second, to: [shape(step.number)[0]] + ones, at: label)
    }
    return add(type, isReversed ? [second, inputs[0]] : [inputs[0], second], at: label)
  }

  private mutating func activated(_ x: String, _ activation: Activation, at label: String)
    throws(ONNXProblem) -> String
  {
    activation == .none ? x : try elementwise(activation.name, activation.parameter, x, at: label)
  }
}
