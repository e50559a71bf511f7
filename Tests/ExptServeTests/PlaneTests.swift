import ExptComponents
import Testing

@testable import ExptServe

@Suite("A plane of latents")
struct PlaneTests {
  private let latents: [Float] = [0, 0, 0, 2, 0, 0, 0, 3, 0, 1, 1, 1]

  private func plane(_ x: [Double]?, _ y: [Double]) -> Plane {
    Plane(
      view: x == nil ? .map : .components,
      points: [(0, 0), (1, 0), (0, 1), (5, 5)], axes: ("x", "y"),
      directions: x.map { ($0, y) }, mean: [0.5, 0.5, 0.5], caption: "")
  }

  @Test func `goes to a place and back, leaving what is across the plane`() {
    let plane = plane([0.6, 0.8, 0], [0, 0, 1])
    let base: [Float] = [1, 2, 3]
    let moved = plane.latent(at: (2, -1), from: base, latents)
    let place = plane.place(of: moved)
    #expect(abs((place?.x ?? 0) - 2) < 1e-6 && abs((place?.y ?? 0) + 1) < 1e-6)
    // Across: the direction (0.8, −0.6, 0) is left as it was.
    let across = 0.8 * (moved[0] - base[0]) - 0.6 * (moved[1] - base[1])
    #expect(abs(across) < 1e-6)
  }

  @Test func `in a map is the latent of the image there, and between images a mean of them`() {
    let map = plane(nil, [])
    let there = map.latent(at: (1, 0), from: [9, 9, 9], latents)
    #expect(zip(there, [2, 0, 0]).allSatisfy { abs($0 - $1) < 1e-6 })
    // Half-way between the first two; the others are three and many times as far.
    let between = map.latent(at: (0.5, 0), from: [9, 9, 9], latents)
    let weights = [4, 4, 0.8, 1 / (4.5 * 4.5 + 25)]
    let whole = weights.reduce(0, +)
    let expected = (0..<3).map { column in
      zip(weights, stride(from: column, to: 12, by: 3)).reduce(0) {
        $0 + $1.0 / whole * Double(latents[$1.1])
      }
    }
    #expect(zip(between, expected).allSatisfy { abs(Double($0) - $1) < 1e-6 })
  }

  @Test func `sees a Gaussian as its covariance along the axes`() {
    // By hand: Σ v² σ² = 0.36·4 + 0.64·1 = 2.08; 0; 9.
    let seen = plane([0.6, 0.8, 0], [0, 0, 1]).covariance([4, 1, 9])
    #expect(zip(seen ?? [], [2.08, 0, 9]).allSatisfy { abs($0 - $1) < 1e-12 })
  }

  @Test func `knows where images are thin`() throws {
    let values = (0..<100).flatMap { [Float($0 % 10), Float($0 / 10)] }
    let encodings = Encodings(count: 100, space: .vector(2), mean: values)
    let density = try #require(LatentDensity(encodings))
    #expect(!density.isThin(at: [4.5, 4.5]) && density.isThin(at: [30, 4]))
    #expect(LatentDensity(encodings.selecting(Array(0..<10))) == nil)
  }

  @Test func `commands quote what a shell would take for more`() {
    var command = ShellCommand("decode", "runs/a b/$(rm)")
    command.add("--latent", ShellCommand.numbers([-1, 0.5, 1e-7]))
    command.add("it's")
    #expect(
      command.text == "expt decode 'runs/a b/$(rm)' --latent=-1,0.5,1e-07 'it'\\''s'")
  }
}
