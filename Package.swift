// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let package = Package(
    name: "ordersync",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "ordersync", targets: ["App"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // The business: money, orders, documents, settings and the pure decisions. Imports nothing of ours.
        .target(
            name: "Domain",
            dependencies: [.product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: settings
        ),

        // What a connector is, and the tools every connector needs. No vendor is named here.
        .target(
            name: "ConnectorKit",
            dependencies: [
                "Domain",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),

        // One folder per outside system, and the line that registers it.
        .target(
            name: "Connectors",
            dependencies: [
                "ConnectorKit", "Domain",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: settings
        ),

        // Snapshot, plan, perform, reference: the worker, its lanes, and the store it needs.
        .target(
            name: "Engine",
            dependencies: [
                "ConnectorKit", "Domain",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),

        // The store on a database.
        .target(
            name: "Storage",
            dependencies: [
                "ConnectorKit", "Domain", "Engine",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: settings
        ),

        // Local stand-ins for outside systems, and the faults they can be asked for.
        .target(
            name: "Sandbox",
            dependencies: [
                "ConnectorKit", "Domain",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),

        // Commands, configuration, wiring: the only place that knows every part.
        .executableTarget(
            name: "App",
            dependencies: [
                "ConnectorKit", "Connectors", "Domain", "Engine", "Sandbox", "Storage",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: settings
        ),

        // Virtual clock, seeded generator, stub systems, and the suites that every implementation must pass.
        .target(
            name: "TestKit",
            dependencies: ["ConnectorKit", "Domain", "Engine"],
            swiftSettings: settings
        ),

        .testTarget(name: "DomainTests", dependencies: ["Domain", "TestKit"], swiftSettings: settings),
        .testTarget(
            name: "ConnectorTests",
            dependencies: [
                "Connectors", "ConnectorKit", "Domain", "Sandbox", "TestKit",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            resources: [.copy("Recordings")],
            swiftSettings: settings
        ),
        .testTarget(
            name: "EngineTests",
            dependencies: ["ConnectorKit", "Domain", "Engine", "Sandbox", "Storage", "TestKit"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "StorageTests",
            dependencies: [
                "ConnectorKit", "Domain", "Engine", "Storage", "TestKit",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ShopToBooksTests",
            dependencies: [
                "App", "ConnectorKit", "Connectors", "Domain", "Engine", "Sandbox", "Storage", "TestKit",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .testTarget(name: "TidyTests", swiftSettings: settings),
    ]
)
