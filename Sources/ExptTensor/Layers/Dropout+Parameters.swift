/// Dropout: in training each number becomes 0 with probability `rate`, and the others are divided by
/// 1 − rate; in evaluation nothing happens.
///
/// Source: Srivastava et al., "Dropout", JMLR 2014.
public func dropout(_ x: Tensor, rate: Float, in scope: Scope) -> Tensor {
  scope.layer("dropout \(rate)") { dropout(x, rate: rate, stream: "dropout") }
}
