import ExptTestSupport
import Foundation
import Testing

/// The example package of a plugin: built apart from this one, as its author would.
enum CustomPlugin {
  static let folder = packageFolder + "/Examples/CustomPlugin"

  /// The program, built once.
  static var program: String { get throws { try built.get() } }

  private static let scratch = packageFolder + "/.build-plugin"

  private static let built = Result {
    // The plan of an earlier build, which knows no files that were added to this package since.
    try? FileManager.default.removeItem(atPath: scratch + "/debug.yaml")
    let build = try swift("build", "--build-tests")
    // Not '#require', whose error counts once only, for the first of the tests that meet it.
    guard build.status == 0 else { throw Unbuilt(description: build.output + build.messages) }
    return scratch + "/debug/custom-expt"
  }

  struct Unbuilt: Error, CustomStringConvertible {
    var description: String
  }

  /// `swift` with a verb and options, in the example's package.
  static func swift(_ verb: String, _ option: String) throws -> Program.Result {
    try Program.start(tool: [
      "swift", verb, option, "--package-path", folder, "--scratch-path", scratch,
      // A module at a time, and none for speed: that compiles in half of the time on two cores. With
      // threads, since a module without them becomes one object, which the linker does not look for.
      "-Xswiftc", "-whole-module-optimization", "-Xswiftc", "-num-threads", "-Xswiftc", "2",
      "-Xswiftc", "-Onone",
    ]).wait()
  }
}

@Suite("A plugin in a package of its own")
struct CustomPluginTests {
  @Test func `passes its tests, trains its own model, and knows the built-in ones`() throws {
    let plugin = try CustomPlugin.program
    let tests = try CustomPlugin.swift("test", "--skip-build")
    #expect(tests.status == 0, "\(tests.output)\(tests.messages)")
    let temporary = TemporaryFolder()
    let own = try Program.start(tool: [
      plugin, CustomPlugin.folder + "/renyi_digits.yaml", "--run-dir", temporary.file("own"),
      "--quiet",
    ]).wait()
    #expect(own.status == 0, "\(own.messages)")
    let metrics = try String(contentsOfFile: temporary.file("own/metrics.csv"), encoding: .utf8)
    #expect(
      metrics.hasPrefix(
        "epoch,step,learning_rate,train_loss,train_reconstruction,train_kl,train_elbo"))
    let builtIn = try Program.start(tool: [plugin, "check", "experiments/quick.yaml"]).wait()
    #expect(builtIn.status == 0, "\(builtIn.messages)")
    #expect(
      try Program.start(tool: [plugin, "describe", "renyi_vae"]).wait().output.contains("Order α"))
  }

  /// A posterior and a prior of its own, state that moves without gradients, and an opponent with an
  /// optimizer of its own: whatever a step changes comes back from a checkpoint, also in the middle of an
  /// epoch.
  @Test(arguments: ["laplace", "clustering", "acai"])
  func `trains to the same bytes when it is killed or interrupted, and samples`(_ name: String)
    throws
  {
    let plugin = try CustomPlugin.program
    let folder = TemporaryFolder()
    func train(_ label: String, _ more: [String] = []) throws -> Program.Running {
      try Program.start(
        tool: [
          plugin, "run", "\(CustomPlugin.folder)/\(name)_digits.yaml", "--set", "training.epochs=8",
          "--run-dir", folder.file(label),
        ] + more)
    }
    let whole = try train("whole", ["--threads", "1"]).wait()
    try #require(whole.status == 0, "\(whole.messages)")
    let expected = try fingerprint(of: folder.file("whole"))
    for (label, signal) in [("killed", SIGKILL), ("interrupted", SIGINT)] {
      let running = try train(label)
      while !running.messagesSoFar.contains("epoch 3/8"), running.process.isRunning {
        Thread.sleep(forTimeInterval: 0.002)
      }
      kill(running.process.processIdentifier, signal)
      #expect(try running.wait().status == (signal == SIGKILL ? -SIGKILL : 130))
      let resumed = try Program.start(tool: [
        plugin, "run", "--resume", folder.file(label), "--quiet",
      ]).wait()
      try #require(resumed.status == 0, "\(resumed.messages)")
      #expect(try fingerprint(of: folder.file(label)) == expected, "\(label)")
    }
    let pictures = try Program.start(tool: [
      plugin, name == "acai" ? "reconstruct" : "sample", folder.file("whole"), "-o",
      folder.file("samples"),
    ]).wait()
    #expect(pictures.status == 0, "\(pictures.messages)")
    #expect(try !folder.names(in: "samples").isEmpty)
  }
}
