import ExptBuiltins
import ExptComponents
import ExptDocument
import ExptTensor
import ExptTesting
import Foundation
import Testing

/// A line in `activation.h` and a function with its gradient in `activations.h` is all that an
/// activation takes.
@Suite("Every activation of the table")
struct ActivationTableTests {
  private static let layers = Activation.all.filter { $0 != .none }

  @Test func `is a layer and a choice of mlp and conv, by its name in the table`() throws {
    let names = Activation.all.map(\.name)
    #expect(Set(names).count == names.count && names.first == "none" && names.count >= 10)
    #expect(Set(names.dropFirst()).isSubset(of: builtins.ids(role: "layer")))
    for type in ["mlp", "conv"] {
      let setting = try #require(
        builtins.find(type, role: "architecture")?.settingDescriptions
          .first { $0.name == "activation" })
      #expect(setting.expectation == "one of " + names.joined(separator: ", "))
    }
    for activation in Activation.all {
      let text = "{ type: mlp, activation: \(activation.name) }"
      let mlp = try #require(try builtins.make(.architecture, text) as? MLP)
      #expect(mlp.activation == activation)
    }
  }

  @Test(arguments: layers)
  func `takes its parameter by the name, and within the range, that the table says`(
    _ activation: Activation
  ) throws {
    func layer(_ settings: String) throws -> ActivationLayer? {
      let text = "{ type: \(activation.name)\(settings) }"
      return try builtins.make(.layer, text) as? ActivationLayer
    }
    #expect(try layer("")?.activation == activation)
    guard let parameter = activation.parameterTaken else {
      let error = #expect(throws: Diagnostics.self) { try layer(", alpha: 1") }
      #expect(error?.rendered.contains("it has no settings") == true)
      return
    }
    #expect(parameter.help.hasSuffix("."))
    #expect(try layer(", \(parameter.name): 0.5")?.activation == activation.with(parameter: 0.5))
    let above = parameter.range.upperBound + 1
    let error = #expect(throws: Diagnostics.self) { try layer(", \(parameter.name): \(above)") }
    #expect(error?.rendered.contains("'\(parameter.name)' must be from 0 to") == true)
  }

  @Test(arguments: Activation.all)
  func `has the gradient of finite differences`(_ activation: Activation) {
    // Away from 0, where some have a kink.
    for range: ClosedRange<Float> in [-3 ... -0.1, 0.1...3] {
      let check = GradientCheck([.uniform([40], range)]) { activate($1[0], activation) }
      #expect(check.relativeError < 5e-3, "\(check)")
    }
  }

  @Test(arguments: Activation.all)
  func `keeps to its range, and comes near each end of it`(_ activation: Activation) {
    let taken = activation.parameterTaken.map { [$0.range.lowerBound, 0.5, $0.range.upperBound] }
    for function in taken?.map({ activation.with(parameter: $0) }) ?? [activation] {
      let x = (-4000...4000).map { Float($0) / 100 }
      let y = GraphRun([([x.count], x)]) { activate($1[0], function) }.output
      let (lower, upper) = function.range
      #expect(y.allSatisfy { $0 >= lower && $0 <= upper }, "\(function)")
      if lower.isFinite { #expect((y.min() ?? 0) - lower < 1e-3, "\(function)") }
      if upper.isFinite { #expect(upper - (y.max() ?? 0) < 1e-3, "\(function)") }
      // An end that is there is in the table; leaky ReLU has one only where its slope is 0.
      if (y.min() ?? 0) > -1, function.parameter != 0 || taken == nil {
        #expect(lower.isFinite, "\(function)")
      }
    }
  }

  @Test func `is named in no other source, but for what ONNX makes of it`() throws {
    let sources = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../../Sources").standardized
    let files = try #require(FileManager.default.enumerator(atPath: sources.path))
    let naming = files.compactMap { $0 as? String }.filter { file in
      guard file.hasSuffix(".swift") || file.hasSuffix(".h") || file.hasSuffix(".c") else {
        return false
      }
      let text = try? String(contentsOf: sources.appending(path: file), encoding: .utf8)
      return text?.contains("gelu_tanh") == true
    }
    #expect(
      naming.sorted() == [
        "CKernels/core/activations.h", "CKernels/include/activation.h",
        "ExptONNX/ONNXWriter+Elementwise.swift",
      ])
  }
}
