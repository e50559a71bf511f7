/// The mean of numbers and its standard error.
func meanAndError(_ numbers: [Double]) -> (mean: Double, error: Double) {
  let mean = numbers.reduce(0, +) / Double(numbers.count)
  return (mean, deviation(numbers) / Double(numbers.count).squareRoot())
}

/// The standard deviation of numbers.
func deviation(_ numbers: [Double]) -> Double {
  let mean = numbers.reduce(0, +) / Double(numbers.count)
  let squares = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  return (squares / Double(max(1, numbers.count - 1))).squareRoot()
}
