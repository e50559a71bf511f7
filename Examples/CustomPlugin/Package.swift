// swift-tools-version: 6.1
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
      ])
  ],
  swiftLanguageModes: [.v6]
)
