import ExptTensor

/// Choices among columns, rows by number, and numbers that are given for each example.
extension ONNXWriter {
  mutating func extremum(_ type: String, _ x: String, at label: String) -> String {
    let columns = add(type, [x], at: label, [("axis", .integer(1)), ("keepdims", .integer(0))])
    return asFloats(columns, at: label)
  }

  mutating func oneHot(_ x: String, columns: Int, at label: String) -> String {
    let values = floats([0, 1], [2], at: label)
    return add(
      "OneHot", [asIntegers(x, at: label), integers([columns], at: label), values], at: label)
  }

  /// Ones scattered to where the largest numbers are. Of equal ones TopK takes the first, as we do.
  mutating func topMask(_ count: Int, _ x: String, at label: String) -> String {
    let places = add(
      "TopK", [x, integers([count], at: label)], at: label, unread: 1, [("axis", .integer(1))])
    let ones = add(
      "Expand", [number(1, at: label), add("Shape", [places], at: label)], at: label)
    let zeros = add(
      "Expand", [number(0, at: label), add("Shape", [x], at: label)], at: label)
    return add("ScatterElements", [zeros, places, ones], at: label, [("axis", .integer(1))])
  }

  /// Stretched along an axis of its own behind the first, which then becomes part of the first.
  mutating func repeatRows(
    _ times: Int, _ step: Graph.Step, _ x: String, at label: String
  ) -> String {
    let whole = shape(step.inputs[0])
    let apart = reshape(x, to: [whole[0], 1] + whole.dropFirst(), at: label)
    let ones = whole.dropFirst().map { _ in 1 }
    let copies = add("Expand", [apart, integers([1, times] + ones, at: label)], at: label)
    return reshape(copies, to: shape(step.number), at: label)
  }

  /// One number throughout; a scalar is stretched wherever it meets others.
  mutating func constant(
    _ value: Float, _ step: Graph.Step, at label: String
  ) throws(ONNXProblem) -> String {
    let number = number(value, at: label)
    let shape = shape(step.number)
    if shape.isEmpty { return number }
    guard shape[0] < 0 else {
      return add("Expand", [number, integers(shape, at: label)], at: label)
    }
    let perExample = integers([rowsPerExample(step.number)], at: label)
    let rows = add("Mul", [try batch(at: label), perExample], at: label)
    let sizes = add(
      "Concat", [rows, integers(Array(shape.dropFirst()), at: label)], at: label,
      [("axis", .integer(0))])
    return add("Expand", [number, sizes], at: label)
  }

  /// Given numbers. Those of a batch are the first example's plus a summand that grows by the same amount
  /// from example to example: 0 where all have the same.
  mutating func values(
    _ values: [Float], _ step: Graph.Step, at label: String
  ) throws(ONNXProblem) -> String {
    let shape = shape(step.number)
    guard shape.first == -1 else { return floats(values, shape, at: label) }
    let length = values.count / 2
    let first = Array(values[..<length])
    let growth = length > 0 ? values[length] - first[0] : 0
    func expected(_ examples: Int) -> [Float] {
      (0..<examples).flatMap { example in first.map { $0 + growth * Float(example) } }
    }
    guard values == expected(2), others[step.number]?.values == expected(3) else {
      throw unwritten("numbers that differ from example to example")
    }
    let limits = [
      integers([0], [], at: label), add("Squeeze", [try batch(at: label)], at: label),
      integers([1], [], at: label),
    ]
    let examples = asFloats(add("Range", limits, at: label), at: label)
    let summands = add("Mul", [examples, number(growth, at: label)], at: label)
    let column = reshape(summands, to: [-1, 1], at: label)
    let rows = add("Add", [column, floats(first, [1, length], at: label)], at: label)
    return reshape(rows, to: shape, at: label)
  }

  /// The size of the batch, a list of one whole number.
  private mutating func batch(at label: String) throws(ONNXProblem) -> String {
    guard let input = inputs.first else {
      throw unwritten("numbers for each example where nothing is given of one")
    }
    return add(
      "Shape", [input.name], at: label, [("start", .integer(0)), ("end", .integer(1))])
  }

  // In our graphs all numbers are floats.

  mutating func asFloats(_ x: String, at label: String) -> String {
    add("Cast", [x], at: label, [("to", .integer(ONNXTensor.floatType))])
  }

  mutating func asIntegers(_ x: String, at label: String) -> String {
    add("Cast", [x], at: label, [("to", .integer(ONNXTensor.integerType))])
  }
}
