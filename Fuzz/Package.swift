// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "fuzz",
  dependencies: [.package(name: "graphc", path: "..")],
  targets: [
    // libFuzzer runs only where something is instrumented: here that is at least this.
    .target(name: "CFuzzer", cSettings: [.unsafeFlags(["-fsanitize=fuzzer-no-link"])]),
    .executableTarget(
      name: "fuzz",
      dependencies: ["CFuzzer", .product(name: "GraphcLibraries", package: "graphc")],
      swiftSettings: [.swiftLanguageMode(.v6), .strictMemorySafety(), .treatAllWarnings(as: .error)]),
  ])
