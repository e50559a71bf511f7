/// What functions of one number are in ONNX.
extension ONNXWriter {
  /// Names of operators that compute just what ours do.
  private static let operators = [
    "relu": "Relu", "tanh": "Tanh", "sigmoid": "Sigmoid", "softplus": "Softplus", "exp": "Exp",
    "log": "Log", "sqrt": "Sqrt", "abs": "Abs", "reciprocal": "Reciprocal", "sin": "Sin",
    "cos": "Cos", "erf": "Erf", "negate": "Neg", "round": "Round", "floor": "Floor", "sign": "Sign",
  ]

  mutating func elementwise(
    _ function: String, _ parameter: Float, _ x: String, at label: String
  ) throws(ONNXProblem) -> String {
    if let type = Self.operators[function] { return add(type, [x], at: label) }
    switch function {
    case "leaky_relu": return add("LeakyRelu", [x], at: label, [("alpha", .float(parameter))])
    case "elu": return add("Elu", [x], at: label, [("alpha", .float(parameter))])
    case "silu": return add("Mul", [x, add("Sigmoid", [x], at: label)], at: label)
    case "gelu": return gelu(x, at: label)
    case "gelu_tanh": return geluTanh(x, at: label)
    case "square": return add("Mul", [x, x], at: label)
    case "log_sigmoid":
      let negated = add("Neg", [x], at: label)
      return add("Neg", [add("Softplus", [negated], at: label)], at: label)
    case "expm1":
      return add("Sub", [add("Exp", [x], at: label), number(1, at: label)], at: label)
    case "log1p":
      return add("Log", [add("Add", [x, number(1, at: label)], at: label)], at: label)
    case "step": return asFloats(add("Greater", [x, number(0, at: label)], at: label), at: label)
    case "continuous_bernoulli_mean": return continuousBernoulliMean(x, at: label)
    default:
      throw unwritten("the function '\(function)'")
    }
  }

  /// x·Φ(x). Opset 17 has no operator for it.
  private mutating func gelu(_ x: String, at label: String) -> String {
    let scaled = add("Mul", [x, number(Float(0.5).squareRoot(), at: label)], at: label)
    let sum = add("Add", [add("Erf", [scaled], at: label), number(1, at: label)], at: label)
    let half = add("Mul", [x, number(0.5, at: label)], at: label)
    return add("Mul", [half, sum], at: label)
  }

  /// x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³))).
  private mutating func geluTanh(_ x: String, at label: String) -> String {
    let square = add("Mul", [x, x], at: label)
    let share = add("Mul", [square, number(0.044715, at: label)], at: label)
    let stretch = add("Add", [share, number(1, at: label)], at: label)
    let scaled = add("Mul", [x, number((2 / Float.pi).squareRoot(), at: label)], at: label)
    let bent = add("Tanh", [add("Mul", [scaled, stretch], at: label)], at: label)
    let half = add("Mul", [x, number(0.5, at: label)], at: label)
    return add("Mul", [half, add("Add", [bent, number(1, at: label)], at: label)], at: label)
  }

  /// 1/(1 − e⁻ˣ) − 1/x; near 0 its series ½ + x/12 − x³/720 + x⁵/30240, which is nearer there.
  ///
  /// Source: Loaiza-Ganem & Cunningham, "The continuous Bernoulli", NeurIPS 2019, equation 8.
  private mutating func continuousBernoulliMean(_ x: String, at label: String) -> String {
    let one = number(1, at: label)
    let isNear = add(
      "Less", [add("Abs", [x], at: label), number(0.5, at: label)], at: label)
    // Where the series holds, the formula is given a 1, lest it divide by 0.
    let far = add("Where", [isNear, one, x], at: label)
    let decay = add("Exp", [add("Neg", [far], at: label)], at: label)
    let first = add("Reciprocal", [add("Sub", [one, decay], at: label)], at: label)
    let formula = add("Sub", [first, add("Reciprocal", [far], at: label)], at: label)

    let square = add("Mul", [x, x], at: label)
    var series = number(1 / 30240, at: label)
    for coefficient: Float in [-1 / 720, 1 / 12] {
      let product = add("Mul", [series, square], at: label)
      series = add("Add", [product, number(coefficient, at: label)], at: label)
    }
    series = add("Mul", [series, x], at: label)
    series = add("Add", [series, number(0.5, at: label)], at: label)
    return add("Where", [isNear, series, formula], at: label)
  }
}
