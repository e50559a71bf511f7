// swift-tools-version: 6.2
import PackageDescription

// Numbers are crunched at release speed in debug builds too. SwiftPM refuses these flags in a
// dependency fetched by version, so they are given only where this package is the root.
let isDependency = Context.packageDirectory.contains("/checkouts/")
let fastC: [CSetting] = isDependency ? [] : [.unsafeFlags(["-O3", "-fno-math-errno"])]
let fastSwift: [SwiftSetting] = isDependency ? [] : [.unsafeFlags(["-O"])]
let strict: [SwiftSetting] = [.enableUpcomingFeature("InternalImportsByDefault")]

let argumentParser: Target.Dependency = .product(
  name: "ArgumentParser", package: "swift-argument-parser")

// Data flows down this list: a target sees only those above it.
let package = Package(
  name: "expt",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "expt", targets: ["expt"]),
    .library(name: "ExptKit", targets: ["ExptKit"]),
    .library(name: "ExptComponents", targets: ["ExptComponents", "ExptTensor"]),
    .library(name: "ExptBuiltins", targets: ["ExptBuiltins"]),
    .library(name: "ExptTesting", targets: ["ExptTesting"]),
    // Loaded in front of expt to count allocations, by tests and benchmarks.
    .library(name: "expt-allocations", type: .dynamic, targets: ["CAllocations"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0")
  ],
  targets: [
    .systemLibrary(
      name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "CAllocations"),
    .target(
      name: "CKernels", cSettings: fastC + [.headerSearchPath(".")]),
    .target(
      name: "ExptDocument", dependencies: ["CLibYAML"], swiftSettings: fastSwift + strict),
    .target(
      name: "CTurboJPEG",
      linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
    .target(
      name: "ExptFiles", dependencies: ["CTurboJPEG", "CZlib"], swiftSettings: fastSwift + strict),
    .target(
      name: "ExptTensor", dependencies: ["CKernels"], exclude: ["Operations/README.md"],
      swiftSettings: fastSwift + strict),
    .target(name: "ExptONNX", dependencies: ["ExptFiles", "ExptTensor"], swiftSettings: strict),
    .target(
      name: "CTransfer",
      linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
    .target(
      name: "ExptDownload", dependencies: ["CTransfer", "ExptFiles"], swiftSettings: strict),
    .target(
      name: "ExptComponents", dependencies: ["ExptDocument", "ExptTensor"]),
    .target(
      name: "ExptData", dependencies: ["ExptComponents", "ExptFiles", "ExptTensor"],
      swiftSettings: fastSwift + strict),
    .target(
      name: "ExptInference",
      dependencies: ["ExptComponents", "ExptData", "ExptTensor"],
      swiftSettings: fastSwift + strict),
    .target(
      name: "ExptBuiltins",
      dependencies: [
        "ExptComponents", "ExptData", "ExptDocument", "ExptDownload", "ExptFiles",
        "ExptInference", "ExptTensor",
      ], swiftSettings: fastSwift),
    .target(
      name: "ExptRunFolder", dependencies: ["ExptFiles"], swiftSettings: fastSwift + strict),
    .target(
      name: "ExptReport", dependencies: ["ExptDocument", "ExptFiles", "ExptRunFolder"],
      swiftSettings: fastSwift + strict),
    .target(
      name: "ExptSweep",
      dependencies: [
        "ExptComponents", "ExptDocument", "ExptFiles", "ExptReport", "ExptRunFolder",
      ], swiftSettings: strict),
    .target(
      name: "ExptTraining",
      dependencies: [
        "ExptComponents", "ExptData", "ExptDocument", "ExptFiles", "ExptInference",
        "ExptRunFolder", "ExptTensor",
      ], swiftSettings: fastSwift),
    .target(
      name: "ExptServe",
      dependencies: [
        "ExptBuiltins", "ExptComponents", "ExptData", "ExptDocument", "ExptFiles", "ExptInference",
        "ExptReport",
        "ExptRunFolder", "ExptSweep", "ExptTensor", "ExptTraining",
      ],
      resources: [.embedInCode("Page")], swiftSettings: fastSwift + strict),
    .target(
      name: "ExptKit",
      dependencies: [
        "ExptBuiltins", "ExptComponents", "ExptData", "ExptDocument", "ExptFiles",
        "ExptInference", "ExptONNX", "ExptReport", "ExptRunFolder", "ExptServe", "ExptSweep",
        "ExptTensor",
        "ExptTraining", argumentParser,
      ]),
    .executableTarget(name: "expt", dependencies: ["ExptKit"]),
    .target(
      name: "ExptTesting",
      dependencies: [
        "ExptComponents", "ExptDocument", "ExptInference", "ExptTensor",
      ],
      swiftSettings: fastSwift),

    // What tests share: folders, Python, and what is needed where.
    .target(
      name: "ExptTestSupport", dependencies: ["ExptTensor"], path: "Tests/TestSupport",
      swiftSettings: fastSwift + strict),
    .testTarget(name: "CKernelsTests", dependencies: ["CKernels", "ExptTestSupport"]),
    .testTarget(name: "ExptDocumentTests", dependencies: ["ExptDocument", "ExptTestSupport"]),
    .testTarget(name: "ExptFilesTests", dependencies: ["ExptFiles", "ExptTestSupport"]),
    .testTarget(
      name: "ExptTensorTests",
      dependencies: ["ExptTensor", "ExptTestSupport", "ExptTesting"]),
    .testTarget(
      name: "ExptComponentsTests",
      dependencies: [
        "ExptComponents", "ExptDocument", "ExptTensor", "ExptTestSupport",
        "ExptTesting",
      ]),
    .testTarget(
      name: "ExptDataTests",
      dependencies: ["ExptComponents", "ExptData", "ExptTensor", "ExptTestSupport"]),
    .testTarget(
      name: "ExptDownloadTests",
      dependencies: [
        "ExptBuiltins", "ExptComponents", "ExptDownload", "ExptFiles", "ExptTestSupport",
      ]),
    .testTarget(
      name: "ExptBuiltinsTests",
      dependencies: [
        "ExptBuiltins", "ExptComponents", "ExptData", "ExptDocument", "ExptFiles",
        "ExptTensor", "ExptTestSupport", "ExptTesting",
      ]),
    .testTarget(
      name: "ExptRunFolderTests", dependencies: ["ExptFiles", "ExptRunFolder", "ExptTestSupport"]),
    .testTarget(
      name: "ExptReportTests",
      dependencies: ["ExptFiles", "ExptReport", "ExptRunFolder", "ExptTestSupport"]),
    .testTarget(
      name: "ExptSweepTests",
      dependencies: [
        "ExptBuiltins", "ExptComponents", "ExptDocument", "ExptFiles", "ExptRunFolder", "ExptSweep",
        "ExptTestSupport", "ExptTesting",
      ]),
    .testTarget(
      name: "ExptTrainingTests",
      dependencies: [
        "ExptBuiltins", "ExptComponents", "ExptData", "ExptDocument", "ExptFiles",
        "ExptInference", "ExptRunFolder", "ExptTensor", "ExptTestSupport", "ExptTesting",
        "ExptTraining",
      ]),
    .testTarget(
      name: "ExptServeTests",
      dependencies: ["ExptComponents", "ExptFiles", "ExptServe", "ExptTestSupport"]),
    .testTarget(
      name: "ExptKitTests",
      dependencies: [
        "expt", "ExptBuiltins", "ExptComponents", "ExptDocument", "ExptFiles", "ExptInference",
        "ExptKit", "ExptONNX", "ExptTensor", "ExptTestSupport", "ExptTraining",
      ]),
  ],
  swiftLanguageModes: [.v6]
)
