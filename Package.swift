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
    .target(name: "CKernels", cSettings: fastC),
    .target(name: "ExptTensor", dependencies: ["CKernels"], exclude: ["Operations/README.md"], swiftSettings: fastSwift + strict),
    .testTarget(name: "ExptTensorTests", dependencies: ["ExptTensor"]),
  ],
  swiftLanguageModes: [.v6]
)
