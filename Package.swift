// swift-tools-version: 6.1
import PackageDescription

// Numbers are crunched at release speed in debug builds too. SwiftPM refuses these flags in a
// dependency fetched by version, so they are given only where this package is the root.
let isDependency = Context.packageDirectory.contains("/checkouts/")
let fastC: [CSetting] = isDependency ? [] : [.unsafeFlags(["-O3", "-fno-math-errno"])]
let fastSwift: [SwiftSetting] = isDependency ? [] : [.unsafeFlags(["-O"])]
let strict: [SwiftSetting] = [.enableUpcomingFeature("InternalImportsByDefault")]

let package = Package(
  name: "expt",
  products: [
  ],
  targets: [
    .systemLibrary(
      name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .target(name: "CKernels", cSettings: fastC),
    .target(name: "ExptDocument", dependencies: ["CLibYAML"], swiftSettings: strict),
    .target(name: "ExptTensor", dependencies: ["CKernels"], exclude: ["Operations/README.md"], swiftSettings: fastSwift + strict),
    .target(name: "ExptLayers", dependencies: ["ExptTensor"]),
    .target(
      name: "ExptComponents", dependencies: ["ExptDocument", "ExptLayers", "ExptTensor"]),
    .target(
      name: "ExptData", dependencies: ["ExptComponents", "ExptTensor"],
      swiftSettings: fastSwift + strict),
    .testTarget(name: "ExptDocumentTests", dependencies: ["ExptDocument"]),
    .testTarget(name: "ExptTensorTests", dependencies: ["ExptTensor"]),
    .testTarget(name: "ExptComponentsTests", dependencies: ["ExptComponents", "ExptDocument"]),
    .testTarget(
      name: "ExptDataTests", dependencies: ["ExptComponents", "ExptData", "ExptTensor"]),
  ],
  swiftLanguageModes: [.v6]
)
