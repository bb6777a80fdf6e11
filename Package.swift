// swift-tools-version: 6.2
import PackageDescription

/// Every Swift target: language mode 6, checked memory safety, no warnings.
let swiftSettings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
]

/// Debug builds compile C at `-O0` by default; the kernels are unusable at that speed, so the tests
/// would crawl.
let kernelSettings: [CSetting] = [
  .unsafeFlags(["-O3", "-ffp-contract=fast", "-fno-math-errno", "-Wall", "-Wextra", "-Werror"])
]

/// Optimised in debug builds too, for the tests: the loops of the ops' meaning, which are their oracle, the compiler,
/// which they run on thousands of models, and loops of the runtime's tests over all memory of a step.
let optimizedSettings: [SwiftSetting] =
  swiftSettings + [.unsafeFlags(["-O"], .when(configuration: .debug))]

let package = Package(
  name: "graphc",
  products: [
    .executable(name: "graphc", targets: ["graphc"]),
    // What the commands do, for programs: `Examples/` shows it.
    .library(name: "Graphc", targets: ["Graphc"]),
    // For `Fuzz/`.
    .library(
      name: "GraphcLibraries",
      targets: [
        "Training", "Datasets", "Interchange", "Lowering", "ModelSpec", "GraphIR", "Diagnostics", "Files",
      ]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
  ],
  targets: [
    // System libraries.
    .systemLibrary(
      name: "CYAML", path: "Sources/CYAML", pkgConfig: "yaml-0.1",
      providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(
      name: "CLibPNG", path: "Sources/CLibPNG", pkgConfig: "libpng",
      providers: [.apt(["libpng-dev"])]),
    .systemLibrary(
      name: "CZlib", path: "Sources/CZlib", pkgConfig: "zlib",
      providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(
      name: "CLibJPEG", path: "Sources/CLibJPEG", pkgConfig: "libjpeg",
      providers: [.apt(["libjpeg-dev"])]),
    .target(name: "CJPEG", dependencies: ["CLibJPEG"]),
    .target(name: "CPNG", dependencies: ["CLibPNG"]),
    .target(name: "CKernels", cSettings: kernelSettings),

    // What all others stand on.
    .target(name: "Files", swiftSettings: swiftSettings),
    .target(name: "Threads", swiftSettings: swiftSettings),

    .target(
      name: "CProcess", cSettings: [.unsafeFlags(["-O2", "-Wall", "-Wextra", "-Werror"])]),

    // The compiler.
    .target(name: "Diagnostics", dependencies: ["Files"], swiftSettings: optimizedSettings),
    .target(
      name: "ModelSpec",
      dependencies: [
        "Diagnostics", "Files", "CYAML", .product(name: "OrderedCollections", package: "swift-collections"),
      ],
      swiftSettings: optimizedSettings),
    .target(name: "GraphIR", dependencies: ["Diagnostics"], swiftSettings: optimizedSettings),
    .target(
      name: "Lowering", dependencies: ["ModelSpec", "GraphIR", "Passes", "Diagnostics", "Threads"],
      swiftSettings: optimizedSettings),
    .target(
      name: "Passes",
      dependencies: [
        "GraphIR", "Diagnostics", .product(name: "HeapModule", package: "swift-collections"),
      ],
      swiftSettings: optimizedSettings),

    // What runs it.
    .target(
      name: "Runtime", dependencies: ["GraphIR", "CKernels", "CProcess"], swiftSettings: optimizedSettings),
    .target(
      name: "Interchange",
      dependencies: ["Diagnostics", "Files", "GraphIR", "CLibPNG", "CPNG", "CJPEG", "CZlib"],
      swiftSettings: swiftSettings),
    .target(
      name: "Datasets",
      dependencies: ["Lowering", "ModelSpec", "GraphIR", "Interchange", "Diagnostics", "Files", "Threads"],
      exclude: ["Resources/NOTICE"],
      resources: [
        .embedInCode("Resources/digits-8x8-images-idx3-ubyte.gz"),
        .embedInCode("Resources/digits-8x8-labels-idx1-ubyte.gz"),
      ],
      swiftSettings: swiftSettings),
    .target(name: "Scores", dependencies: ["GraphIR"], swiftSettings: optimizedSettings),
    .target(
      name: "Training",
      dependencies: [
        "Datasets", "Lowering", "Passes", "Runtime", "Scores", "Interchange", "ModelSpec", "GraphIR",
        "Diagnostics", "Files", "Threads", "CProcess",
      ],
      swiftSettings: swiftSettings),
    .target(
      name: "Graphc",
      dependencies: [
        "Training", "Datasets", "Interchange", "Lowering", "Passes", "Runtime", "ModelSpec", "GraphIR",
        "Diagnostics", "Files",
      ],
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "graphc",
      dependencies: [
        "Training", "Datasets", "Interchange", "Lowering", "Passes", "Runtime", "Scores", "ModelSpec",
        "GraphIR", "Diagnostics", "Files", "CProcess",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: swiftSettings),

    // Tests mirror the targets.
    .target(
      name: "TestSupport",
      dependencies: ["Datasets", "Interchange", "Lowering", "ModelSpec", "Diagnostics", "Files", "Threads"],
      path: "Tests/TestSupport", swiftSettings: swiftSettings),
    .testTarget(name: "FilesTests", dependencies: ["Files", "TestSupport"], swiftSettings: swiftSettings),
    .testTarget(name: "ThreadsTests", dependencies: ["Threads"], swiftSettings: swiftSettings),
    .testTarget(
      name: "DiagnosticsTests", dependencies: ["Diagnostics", "Files", "TestSupport"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "ModelSpecTests",
      dependencies: ["ModelSpec", "Datasets", "Diagnostics", "Lowering", "TestSupport"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "GraphIRTests", dependencies: ["GraphIR", "Diagnostics"], swiftSettings: swiftSettings),
    .testTarget(
      name: "LoweringTests",
      dependencies: ["Lowering", "Datasets", "GraphIR", "ModelSpec", "Diagnostics", "TestSupport"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "PassesTests", dependencies: ["Passes", "Runtime", "Lowering", "Datasets"],
      swiftSettings: swiftSettings),
    .target(name: "AllocationCounter", path: "Tests/AllocationCounter"),
    .testTarget(
      name: "RuntimeTests",
      dependencies: [
        "Runtime", "Passes", "Lowering", "Training", "Datasets", "ModelSpec", "CKernels",
        "AllocationCounter", "TestSupport",
      ],
      swiftSettings: optimizedSettings),
    .testTarget(name: "CKernelsTests", dependencies: ["CKernels", "Threads"], swiftSettings: swiftSettings),
    .testTarget(
      name: "InterchangeTests", dependencies: ["Interchange", "Files", "CZlib", "TestSupport"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "DatasetsTests",
      dependencies: ["Datasets", "Interchange", "Files", "ModelSpec", "TestSupport"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "ScoresTests", dependencies: ["Scores"], swiftSettings: swiftSettings),
    .testTarget(
      name: "TrainingTests",
      dependencies: [
        "Training", "Datasets", "Interchange", "Lowering", "ModelSpec", "Passes", "Runtime", "GraphIR",
        "Diagnostics", "Files", "TestSupport",
      ],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "GraphcTests",
      dependencies: ["graphc", "Training", "Datasets", "Interchange", "Files", "Passes", "TestSupport"],
      swiftSettings: swiftSettings),
  ],
  cLanguageStandard: .gnu17
)
