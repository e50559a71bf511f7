import ExptDocument
import Testing

@testable import ExptSweep

@Suite("What a sweep asks of Slurm") struct SlurmSettingsTests {
  @Test func `goes to sbatch a word each`() throws {
    let file = try sweep(
      """
      experiment: b.yaml
      slurm:
        account: lab 1; rm -rf "$HOME"
        qos: short
        constraint: rack1|rack2
        options: ['--gres=gpu:1', --exclusive, --mail-type=END, --wait-all-nodes=1]
      """)
    #expect(
      file.slurm.words == [
        "--cpus-per-task=1", "--account=lab 1; rm -rf \"$HOME\"", "--qos=short",
        "--constraint=rack1|rack2", "--gres=gpu:1", "--exclusive", "--mail-type=END",
        "--wait-all-nodes=1",
      ])
  }

  @Test(arguments: [
    ("options: [-n 2]", "write each as '--name' or '--name=value'"),
    ("options: [--]", "write each as"), ("options: ['--gres gpu']", "write each as"),
    ("options: ['; rm']", "write each as"), ("options: [\"--comment=a\\nb\"]", "on one line"),
    ("options: [--array=0-9]", "--array: the sweep itself depends on it"),
    ("options: [--arr=0-9]", "--array: the sweep itself depends on it"),
    ("options: [--wrap=ls]", "--wrap: "), ("options: [--test-only]", "--test-only: "),
    ("options: [--account=x]", "it has a setting of its own, 'slurm.account'"),
    ("options: --exclusive", "'options' must be a list"),
    ("options: [[a]]", "'options[0]' must be text"),
    ("account: \"a\\nb\"", "'account' must be text on one line"), ("qos: []", "'qos' must be text"),
    ("acount: x", "did you mean 'account'?"),
  ])
  func `is checked before anything is submitted`(_ text: String, _ message: String) throws {
    let error = #expect(throws: Diagnostics.self) {
      try sweep("experiment: b.yaml\nslurm: { \(text) }")
    }
    #expect(error?.rendered.contains(message) == true, "\(error?.rendered ?? "")")
  }
}
