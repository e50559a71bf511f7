import Foundation
import Synchronization

/// Something that some tests need and not every machine has. All of them are in this file.
///
///     @Test(.needs(.pyTorch)) func `PyTorch gets the same numbers`() throws { … }
///
/// Where it is absent the test is skipped, and counted. Under `CI=true` it fails instead, unless the
/// need has an excuse.
public final class Need: Sendable {
  let name: String
  /// Why CI may lack it; nil: it may not.
  let excuse: String?
  private let search: @Sendable () -> Bool
  private let found = Mutex<Bool?>(nil)

  private init(
    _ name: String, mayLack excuse: String? = nil, _ search: @escaping @Sendable () -> Bool
  ) {
    self.name = name
    self.excuse = excuse
    self.search = search
  }

  private convenience init(_ name: String, modules: [String]) {
    self.init(name) { Python.has(modules) }
  }

  /// Looked for once, when first asked.
  var isMet: Bool {
    found.withLock { found in
      if let found { return found }
      let answer = search()
      found = answer
      return answer
    }
  }
}

extension Need {
  // What scripts/test_tools.sh installs.
  public static let python = Need("Python", modules: [])
  public static let numPy = Need("NumPy", modules: ["numpy"])
  public static let sciPy = Need("SciPy", modules: ["numpy", "scipy"])
  public static let scikitLearn = Need("scikit-learn", modules: ["numpy", "sklearn"])
  public static let safetensors = Need("safetensors", modules: ["numpy", "safetensors"])
  public static let pillow = Need("Pillow", modules: ["PIL"])
  public static let pyTorch = Need("PyTorch", modules: ["numpy", "safetensors", "torch"])
  public static let onnx = Need("ONNX", modules: ["numpy", "onnx", "onnxruntime"])
  public static let tensorBoard = Need("TensorBoard", modules: ["tensorboard"])
  public static let mlflow = Need("MLflow", modules: ["mlflow"])
  public static let shells = Need("zsh and fish") {
    program(named: "zsh") != nil && program(named: "fish") != nil
  }
  public static let turboJPEG = Need("libturbojpeg") {
    let names = ["libturbojpeg.so.0", "libturbojpeg.0.dylib"]
    return names.contains { name in dlopen(name, RTLD_NOW) != nil }
  }
  public static let browser = Need("Chromium") { Browser.path != nil }
  public static let slurm = Need("Slurm (slurmctld, slurmd, munge; as root)") {
    geteuid() == 0
      && ["/usr/sbin/slurmctld", "/usr/sbin/slurmd", "/usr/sbin/munged", "/usr/bin/sbatch"]
        .allSatisfy(isExecutable)
  }

  /// Its daemons start anywhere, and run jobs only where the machine lets them: a container may not.
  public static let slurmJobs = Need(
    "a Slurm cluster that runs a job",
    mayLack: "scripts/slurm_cluster.sh says what became of its first job"
  ) {
    let folder = TemporaryFolder()
    func cluster(_ verb: String) -> Bool {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: packageFolder + "/scripts/slurm_cluster.sh")
      process.arguments = [verb, folder.path]
      guard (try? process.run()) != nil else { return false }
      process.waitUntilExit()
      return process.terminationStatus == 0
    }
    defer { _ = cluster("stop") }
    return cluster("start")
  }

  // What .ci/run sets.
  public static let otherBuild = Need("EXPT_OTHER_BUILD, release where this is debug") {
    ProcessInfo.processInfo.environment["EXPT_OTHER_BUILD"] != nil
  }

  // What a machine has or has not.
  public static let realMNIST = Need(
    "EXPT_DATA with mnist/", mayLack: "the files are not in the repository"
  ) { RealMNIST.folder != nil }
  public static let bf16 = Need("AVX-512 BF16", mayLack: "few processors multiply in bf16") {
    let processor = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
    return processor?.contains("avx512_bf16") == true
  }
  public static let anyUserButRoot = Need(
    "a user other than root", mayLack: "in its container everything runs as root, who may read all"
  ) { geteuid() != 0 }
  public static let fullDevice = Need("/dev/full", mayLack: "it is Linux's own") {
    FileManager.default.fileExists(atPath: "/dev/full")
  }
  public static let glibc = Need("glibc", mayLack: "allocations are counted in front of glibc's") {
    #if canImport(Glibc)
      true
    #else
      false
    #endif
  }
  public static let namesOfAnyBytes = Need(
    "a file system that takes any bytes as a name", mayLack: "some take Unicode only"
  ) {
    let path = Array(TemporaryFolder().path.utf8) + [0xff, 0]
    return path.map { CChar(bitPattern: $0) }.withUnsafeBufferPointer {
      guard let name = $0.baseAddress, mkdir(name, 0o700) == 0 else { return false }
      return rmdir(name) == 0
    }
  }
}

/// Chromium, to open pages without a window.
public enum Browser {
  public static let path = ["chromium", "chromium-browser", "google-chrome"].lazy
    .compactMap(program(named:)).first
}
