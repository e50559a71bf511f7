import ExptFiles
import ExptRunFolder
import ExptTestSupport
import Foundation
import Testing

@testable import ExptReport

@Suite("The page of a report")
struct ReportTests {
  private let folder = TemporaryFolder()

  private func page(_ runs: [RunMaker]) throws -> String {
    let paths = try runs.enumerated().map { try $1.make(folder.file("run-\($0)")) }
    return try Report(Comparison(RunIndex.records(paths))).html
  }

  @Test func `escapes what runs say, and asks for nothing from outside`() throws {
    var run = RunMaker()
    run.settings = [("model.note", "\"<script>alert(1)</script>\"")]
    let html = try page([run])
    #expect(!html.contains("<script>alert"))
    #expect(html.contains("&lt;script&gt;alert(1)"))
    for outside in ["http://", "https://", "src=\"/", "@import", "<link rel=\"stylesheet\""] {
      #expect(!html.contains(outside), "\(outside)")
    }
  }

  @Test func `of one run has its curves, settings and state`() throws {
    let html = try page([RunMaker()])
    for part in ["<h3>Loss</h3>", "finished", "seed", "data-chart", "validation"] {
      #expect(html.contains(part), "\(part)")
    }
  }

  @Test func `of several runs shows the metric over a number that differs, with its intervals`()
    throws
  {
    func run(_ beta: String, _ seed: UInt64, _ loss: Double) -> RunMaker {
      var run = RunMaker()
      run.settings = [("model.beta", beta), ("model.type", "vae")]
      run.seed = seed
      run.losses = [loss + 1, loss]
      return run
    }
    let runs = [run("1", 1, 90), run("1", 2, 92), run("4", 1, 99), run("4", 2, 101)]
    let html = try page(runs)
    #expect(html.contains("<h2>By setting</h2>") && html.contains(" over beta</h3>"))
    // Two groups: two means, four runs and two intervals.
    let chart = try #require(
      html.components(separatedBy: "over beta</h3>").last?.components(separatedBy: "</figure>")
        .first)
    #expect(chart.components(separatedBy: "r=\"4.5\"").count == 3)
    #expect(chart.components(separatedBy: "r=\"2\"").count == 5)
    #expect(chart.components(separatedBy: "stroke-width=\"1.8\"").count == 3)
    // The higher loss lies higher on the page, where y is less.
    let means = chart.components(separatedBy: "cy=\"").dropFirst().compactMap { part in
      part.contains("r=\"4.5\"") ? Double(part.prefix { $0 != "\"" }) : nil
    }
    #expect(means.count == 2 && means[0] > means[1])
    let alike = try runs.prefix(2).enumerated().map { try $1.make(folder.file("alike-\($0)")) }
    #expect(try !Report(Comparison(RunIndex.records(alike))).html.contains("By setting"))
  }

  @Test func `says loudly that other data took the place of those asked for`() throws {
    var run = RunMaker()
    run.substitutedFor = "mnist"
    let html = try page([run])
    #expect(html.contains("class=\"warning\">This run was trained on &#39;digits&#39; IN PLACE OF"))
  }

  @Test func `of several runs groups seeds and draws their spread`() throws {
    let runs = (1...4).map { number in
      var run = RunMaker()
      run.seed = UInt64(number)
      run.settings = [("model.latent", number <= 2 ? "2" : "8")]
      run.losses = [110, 100, 101].map { $0 + Double(number) }
      return run
    }
    let html = try page(runs)
    #expect(html.contains("4 runs in 2 groups"))
    #expect(html.contains("<polygon"))
    // Groups of 1 and 2, and of 3 and 4: their best losses have these means and deviations.
    #expect(html.contains("101.50 ± 0.71") && html.contains("103.50 ± 0.71"))
  }

  @Test(arguments: [true, false])
  func `shows the components of a prior that is a mixture`(_ isVamp: Bool) throws {
    let path = try RunMaker().make(folder.file("mixture"))
    let run = RunFolder(path: path)
    try ExclusiveFolder.makeAll(run.summaryFolder)
    try Image8(width: 2, height: 5, channels: 1, samples: Array(repeating: 9, count: 10))
      .writePNM(to: run.summaryFolder + "/components.pgm")
    try NPZ.write(
      [
        ("mean", NPYArray(shape: [2, 1], floats: [0, 1])),
        ("kl", NPYArray(shape: [1], doubles: [0.4])),
        ("standard_prior", NPYArray(shape: [1], int64s: [0])),
        ("component_share", NPYArray(shape: [40], doubles: Array(repeating: 0.025, count: 40))),
        ("component_rows", NPYArray(shape: [2], int64s: isVamp ? [1, 1] : [0, 1])),
      ], to: run.summaryLatents)
    let html = try Report(Comparison(RunIndex.records([path]))).html
    #expect(html.contains("<h3>\(isVamp ? "Pseudo-inputs" : "Components") of the prior</h3>"))
    #expect(html.contains("The 32 of 40 that most latents belong to, the most used first"))
    #expect(html.contains("pseudo-inputs above, their decoded posterior means below") == isVamp)
    #expect(!(try page([RunMaker()])).contains("of the prior</h3>"))
  }

  @Test func `does without metrics and pictures that are not there yet`() throws {
    var run = RunMaker()
    run.losses = []
    run.status = .interrupted
    let html = try page([run])
    #expect(html.contains("No epoch has finished yet."))
    #expect(html.contains("expt reconstruct"))
  }
}

@Suite("Principal components")
struct PrincipalComponentsTests {
  /// Points on an ellipse with half-axes 3 and 1, turned by 30°: the components are its axes.
  @Test func `are the axes of an ellipse`() throws {
    let angle = Double.pi / 6
    var values: [Float] = []
    for step in 0..<360 {
      let t = Double(step) * .pi / 180
      let (u, v) = (3 * cos(t), sin(t))
      values += [
        Float(u * cos(angle) - v * sin(angle) + 5), Float(u * sin(angle) + v * cos(angle)),
      ]
    }
    let components = try #require(PrincipalComponents(values, count: 360, width: 2))
    // The mean square of a cosine is a half: variances 4.5 and 0.5 of 5.
    #expect(abs(components.shares.0 - 0.9) < 1e-5 && abs(components.shares.1 - 0.1) < 1e-5)
    #expect(abs(abs(components.points[0].x) - 3) < 1e-4 && abs(components.points[0].y) < 1e-3)
  }

  @Test func `are not made of points without any spread, or with NaN`() {
    #expect(PrincipalComponents([1, 2, 1, 2], count: 2, width: 2) == nil)
    #expect(PrincipalComponents([1, .nan], count: 2, width: 1) == nil)
  }
}

@Suite("Pictures")
struct PictureTests {
  @Test func `stand in a page as the PNG that they are`() throws {
    let picture = Image8(width: 3, height: 1, channels: 1, samples: [0, 127, 255])
    let text = Picture.img(picture, alt: "grey").html
    let start = try #require(text.range(of: "data:image/png;base64,"))
    let data = Data(base64Encoded: String(text[start.upperBound...].prefix { $0 != "\"" }))
    #expect(data.map { [UInt8]($0) } == PNG.bytes(of: picture))
  }
}
