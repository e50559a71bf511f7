// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "CustomPlugin",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "expt", path: "../..")],
  targets: [
    .executableTarget(
      name: "custom-expt",
      dependencies: [
        .product(name: "ExptKit", package: "expt"),
        .product(name: "ExptComponents", package: "expt"),
      ]),
    .testTarget(
      name: "custom-expt-tests",
      dependencies: [
        "custom-expt",
        .product(name: "ExptBuiltins", package: "expt"),
        .product(name: "ExptComponents", package: "expt"),
        .product(name: "ExptTesting", package: "expt"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)
