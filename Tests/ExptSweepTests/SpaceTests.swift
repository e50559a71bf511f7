import ExptBuiltins
import ExptComponents
import ExptDocument
import Foundation
import Testing

@testable import ExptSweep

/// A sweep file of this text.
func sweep(_ text: String, adding searches: [any Component.Type] = []) throws -> SweepFile {
  let path = NSTemporaryDirectory() + "expt-sweep-\(UUID().uuidString).yaml"
  try text.write(toFile: path, atomically: true, encoding: .utf8)
  defer { try? FileManager.default.removeItem(atPath: path) }
  return try SweepFile.load(path, catalog: Catalog(Catalog.builtins, adding: searches))
}

/// The points of a sweep in one line each.
private func points(_ text: String) throws -> [String] {
  try sweep("experiment: base.yaml\n" + text).space.points().map { point in
    point.map { "\($0.key)=\($0.text)" }.joined(separator: " ")
  }
}

@Suite("A space of points") struct SpaceTests {
  @Test func `combines each value of a grid with each, the last fastest`() throws {
    #expect(
      try points("grid: { a: [1, 2], b: [x, y] }") == ["a=1 b=x", "a=1 b=y", "a=2 b=x", "a=2 b=y"])
  }

  @Test func `goes through the lists of a zip side by side, for each point of a grid`() throws {
    #expect(
      try points("grid: { c: [0, 1] }\nzip: { a: [1, 2], b: [x, y] }")
        == ["c=0 a=1 b=x", "c=0 a=2 b=y", "c=1 a=1 b=x", "c=1 a=2 b=y"])
  }

  @Test func `appends the spaces of a chain`() throws {
    #expect(
      try points("chain:\n- grid: { a: [1, 2] }\n- grid: { b: [3] }") == ["a=1", "a=2", "b=3"])
  }

  @Test func `has parts for some points only`() throws {
    let text = """
      grid: { model.type: [ae, vae] }
      when:
        - if: { model.type: vae }
          grid: { model.beta: [1, 2] }
      """
    #expect(
      try points(text)
        == ["model.type=ae", "model.type=vae model.beta=1", "model.type=vae model.beta=2"])
  }

  @Test func `draws the same at random again, within the bounds`() throws {
    let text = """
      random:
        count: 200
        seed: 3
        settings:
          a: { uniform: [-1, 1] }
          b: { log_uniform: [1.0e-4, 1.0e-1] }
          c: { integer: [2, 5] }
          d: { choice: [x, y] }
      """
    #expect(try points(text) == points(text))
    let all = try sweep("experiment: base.yaml\n" + text).space.points()
    func numbers(_ key: String) -> [Double] {
      all.compactMap { point in point.first { $0.key == key }.flatMap { Double($0.text) } }
    }
    #expect(numbers("a").allSatisfy { (-1...1).contains($0) })
    #expect(abs(numbers("a").reduce(0, +) / 200) < 0.15)
    #expect(numbers("b").allSatisfy { (1e-4...1e-1).contains($0) })
    // Half of a log-uniform distribution lies below the geometric mean of its bounds.
    #expect((70...130).contains(numbers("b").count { $0 < 3.162e-3 }))
    #expect(Set(numbers("c")) == [2, 3, 4, 5])
    #expect(Set(all.compactMap { $0.last?.text }) == ["x", "y"])
  }

  @Test(arguments: [
    ("grid: { a: 1 }", "'a' takes a list of values here, not the number 1"),
    ("grid: { a: [1, 1.0] }", "duplicate value 1"),
    ("zip: { a: [1, 2], b: [1] }", "'b' has 1 values and 'a' has 2"),
    ("gird: { a: [1] }", "did you mean 'grid'?"),
    (
      "random: { count: 0, settings: { a: { uniform: [0, 1] } } }",
      "'count' must be from 1 to 100000"
    ),
    (
      "random: { count: 2, settings: { a: { log_uniform: [0, 1] } } }",
      "'log_uniform' must go from a lower number to a higher one, both above 0"
    ),
    ("random: { count: 2, settings: { a: { unifrom: [0, 1] } } }", "did you mean 'uniform'?"),
    ("when: { if: { a: 1 }, grid: { b: [1] } }", "'a' is not varied above this"),
    ("search: { type: tpa }", "did you mean 'tpe'?"),
    ("seeds: [1, 1]", "duplicate seed 1"),
    ("limits: { max_hours: -1 }", "'max_hours' must be above 0"),
    ("goal: minimise", "did you mean 'minimize'?"),
    (
      "grid: { a: [1] }\nsearch: { type: tpe, trials: 3, settings: { b: { uniform: [0, 1] } } }",
      "'tpe' chooses the points itself"
    ),
  ])
  func `says what is wrong`(_ text: String, _ message: String) throws {
    do {
      _ = try sweep("experiment: base.yaml\n" + text)
      Issue.record("nothing was found wrong with \(text)")
    } catch let error as Diagnostics {
      #expect(error.rendered.contains(message), "\(error.rendered)")
      #expect(error.all.allSatisfy { $0.span != nil })
    }
  }

  @Test func `that is too large is refused before it is made`() throws {
    let list = "[" + (1...400).map { "\($0)" }.joined(separator: ", ") + "]"
    #expect(throws: Diagnostics.self) {
      try sweep("experiment: b.yaml\ngrid: { a: \(list), b: \(list), c: \(list) }")
    }
  }
}
