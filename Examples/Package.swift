// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "examples",
  dependencies: [.package(name: "graphc", path: "..")],
  targets: [
    .executableTarget(
      name: "digits", dependencies: [.product(name: "Graphc", package: "graphc")],
      swiftSettings: [.swiftLanguageMode(.v6), .strictMemorySafety(), .treatAllWarnings(as: .error)])
  ])
