import ExptFiles
import ExptTestSupport
import Foundation
import Testing

/// A run with numbers, a choice, a sphere and switches side by side.
@Suite("Commands on a run whose latents are no numbers")
struct SpaceCommandTests {
  private struct JointRun {
    let folder = TemporaryFolder()
    let path: String

    init() throws {
      path = folder.file("run")
      let file = try folder.write(SmallExperiments.joint, to: "joint.yaml")
      let result = try Program.run(["run", file, "--run-dir", path, "--quiet"])
      try #require(result.status == 0, "\(result.messages)")
    }
  }

  @Test func `each shows every unit in its own way`() throws {
    let run = try JointRun()
    func make(_ arguments: String...) throws -> Program.Result {
      let result = try Program.run([arguments[0], run.path] + arguments.dropFirst())
      try #require(result.status == 0, "\(result.messages)")
      return result
    }
    func picture(_ result: Program.Result) throws -> (columns: Int, rows: Int) {
      let image = try Image8.read(result.lastLine)
      return ((image.width + 1) / 29, (image.height + 1) / 29)
    }
    // Two numbers, a choice among 7, the 3 axes of a sphere, two switches.
    let traversal = try make("traverse", "--steps", "5")
    #expect(try picture(traversal) == (7, 2 + 1 + 3 + 2))
    for name in ["style 1", "digit", "place towards axis 2", "on 0"] {
      #expect(traversal.messages.contains(name), "\(traversal.messages)")
    }
    #expect(try picture(make("interpolate", "--pairs", "2", "--steps", "6")) == (8, 2))
    #expect(try picture(make("sample", "--count", "9")) == (3, 3))
    #expect(try picture(make("reconstruct", "--count", "5")) == (5, 2))

    let csv = try make("encode", "--limit", "3").lastLine
    let text = try String(contentsOfFile: csv, encoding: .utf8)
    let header = text.prefix { $0 != "\n" && $0 != "\r\n" }
    #expect(
      header.hasPrefix(
        "index,label,style_mean_0,style_mean_1,digit_probability_0_0,digit_probability_0_1"))
    #expect(header.contains("place_mean_2,on_probability_0,on_probability_1,style_log_variance_0"))
    #expect(header.hasSuffix("place_concentration_0"))

    let evaluated = try make("evaluate", "--samples", "3", "--json")
    let evaluation = try JSONValue.parse(Array(evaluated.output.utf8), path: "stdout")
    #expect(evaluation["kl_per_dimension"]?.array?.count == 6)
    let elbo = try #require(evaluation["elbo"]?["mean"]?.double)
    let nll = try #require(evaluation["importance_weighted_nll"]?["mean"]?.double)
    #expect(elbo.isFinite && nll.isFinite)
    _ = try make("report", "-o", run.folder.file("page.html"))
    let page = try String(contentsOfFile: run.folder.file("page.html"), encoding: .utf8)
    #expect(page.contains("A choice takes each of its values"))
  }

  @Test func `a temperature for latents that are no numbers is refused`() throws {
    let run = try JointRun()
    let result = try Program.run(["sample", run.path, "--temperature", "0.5"])
    #expect(result.status == 64)
    #expect(result.messages.contains("this prior has no standard deviation to scale"))
  }
}
