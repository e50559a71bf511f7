import ExptBuiltins
import ExptComponents
import ExptTensor
import ExptTesting
import Foundation
import Testing

/// Makes every image black.
private struct Blackout: Corruption {
  static let id = "blackout"
  static let summary = "Makes every image black."
  init() {}
  func corrupt(_ images: Tensor, in scope: Scope) -> Tensor { images * 0 }
}

@Suite("AE")
struct AETests {
  private func ae(_ settings: String = "") throws -> any Model {
    try Catalog(Catalog.builtins + [Blackout.self])
      .make(.model, "{type: ae, \(small)\(settings)}")
  }

  @Test func `the loss is the reconstruction, and there is no KL`() throws {
    let loss = try LossProbe(ae())
    #expect(loss["total"] == loss["reconstruction"])
    #expect(loss.values["kl"] == nil)
    #expect(loss.values["klPerDimension"] == nil)
    #expect(try ae().schedules.isEmpty)
  }

  /// An encoder that sees nothing gives every image the same logits; the loss still compares with
  /// the images themselves.
  @Test func `the encoder sees corrupted images, the loss the clean ones`() throws {
    let loss = try LossProbe(ae(", corruption: blackout"))
    let logits = try #require(loss.values["decoded"]).map(Double.init)
    let size = LossProbe.image.count
    for row in 1..<LossProbe.batch {
      #expect(logits[row * size..<(row + 1) * size] == logits[0..<size])
    }
    var expected = 0.0
    for (logit, pixel) in zip(logits, LossProbe.images) {
      expected += softplus(logit) - Double(pixel) * logit
    }
    expected /= Double(LossProbe.batch)
    #expect(abs(loss["total"] - expected) < 1e-4 * expected)
  }

  @Test func `nothing is corrupted outside training`() throws {
    let clean = try LossProbe(ae(), mode: .evaluation)
    let denoising = try LossProbe(ae(", corruption: blackout"), mode: .evaluation)
    #expect(clean.values == denoising.values)
    let training = try LossProbe(ae(", corruption: blackout"), mode: .training)
    #expect(training["total"] != clean["total"])
  }

  private func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }
}
