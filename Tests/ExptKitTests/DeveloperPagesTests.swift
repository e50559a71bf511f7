import ExptTestSupport
import Foundation
import Testing

@Suite("The pages for developers")
struct DeveloperPagesTests {
  private func page(_ name: String) throws -> String {
    try String(
      contentsOfFile: "\(packageFolder)/Sources/ExptKit/ExptKit.docc/\(name).md", encoding: .utf8)
  }

  /// If it differs: `make docs`.
  @Test func `the reference of components is what expt describe --markdown prints`() throws {
    let printed = try Program.run(["describe", "--markdown"])
    #expect(printed.status == 0)
    let isSame = try page("Components") == printed.output
    #expect(isSame, "Sources/ExptKit/ExptKit.docc/Components.md is old: 'make docs' writes it")
    for line in [
      "## Role `likelihood`", "### vae", "In Swift: `ExptBuiltins.VAE`.",
      "| `latent` | a whole number; from 1 to 65536 | `20` | Number of latent dimensions. |",
    ] {
      #expect(printed.output.contains("\n\(line)\n"), "\(line)")
    }
  }

  @Test func `one component's part is what the page has of it`() throws {
    let printed = try Program.run(["describe", "iwae", "--markdown"])
    #expect(printed.status == 0 && printed.output.hasPrefix("### iwae\n"))
    #expect(try page("Components").contains(printed.output))
  }

  @Test func `the architecture names every target, and no other`() throws {
    let manifest = try String(contentsOfFile: packageFolder + "/Package.swift", encoding: .utf8)
    let targets = manifest.matches(
      of: #/\.(?:target|systemLibrary|executableTarget)\(\s*name: "(\w+)"/#
    ).map { String($0.output.1) }
    let rows = try page("Architecture").split(separator: "\n").filter { $0.hasPrefix("| `") }
    let named = rows.flatMap { row in
      row.split(separator: "|")[0].matches(of: #/`(\w+)`/#).map { String($0.output.1) }
    }
    #expect(targets.count > 10)
    #expect(named.sorted() == targets.sorted())
  }

  @Test func `the code of AddAModel is in the example`() throws {
    let sources = CustomPlugin.folder + "/Sources/custom-expt/"
    let example = try ["main.swift", "RenyiVAE.swift"].map {
      try String(contentsOfFile: sources + $0, encoding: .utf8)
    }
    let blocks = try page("AddAModel").components(separatedBy: "```").filter {
      $0.hasPrefix("swift\n")
    }
    #expect(blocks.count == 3)
    for block in blocks {
      let code = block.dropFirst("swift\n".count)
      #expect(example.contains { $0.contains(code) }, "\(code)")
    }
  }

  @Test func `the page on tests names every folder of them`() throws {
    let text = try String(contentsOfFile: packageFolder + "/Tests/README.md", encoding: .utf8)
    let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `") }
    let named = rows.flatMap { row in
      row.split(separator: "|")[0].matches(of: #/`(\w+)`/#).map { String($0.output.1) }
    }
    let folders = try FileManager.default.contentsOfDirectory(atPath: packageFolder + "/Tests")
      .filter { !$0.contains(".") }
    #expect(Set(named).isSuperset(of: folders), "\(Set(folders).subtracting(named).sorted())")
  }
}
