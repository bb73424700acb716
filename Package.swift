// swift-tools-version: 6.2
import PackageDescription

/// Applied to every Swift target of the suite.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0335-existential-any.md
    .enableUpcomingFeature("ExistentialAny"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0444-member-import-visibility.md
    .enableUpcomingFeature("MemberImportVisibility"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0443-warning-control-flags.md
    .treatAllWarnings(as: .error),
]

/// Every import says whom it is for, and nothing changes its isolation unseen.
let explicit =
    settings + [
        // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0409-access-level-on-imports.md
        .enableUpcomingFeature("InternalImportsByDefault"),
        // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0461-async-function-isolation.md
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ]

/// For targets that own no C pointer: each use of an unsafe construct is marked too.
let strict =
    explicit + [
        // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0458-strict-memory-safety.md
        .strictMemorySafety()
    ]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

/// Code that several processes share.
func shared(
    _ name: String, _ dependencies: [Target.Dependency] = [], _ settings: [SwiftSetting] = settings
) -> Target {
    .target(name: name, dependencies: dependencies, path: "Shared/\(name)", swiftSettings: settings)
}

/// One executable, one process: its `Main.swift`. What it does lies in libraries, in the folders beside it.
func process(_ name: String, _ dependencies: [Target.Dependency], beside folders: [String] = []) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, path: "Services/\(name)", exclude: folders, sources: ["Main.swift"],
        swiftSettings: strict)
}

/// A library of one service; no other service depends on it. What it embeds is part of the program.
func library(
    _ name: String, at path: String, _ dependencies: [Target.Dependency] = [], _ settings: [SwiftSetting] = strict,
    embedding files: [String] = []
) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Services/\(path)", resources: files.map { .embedInCode($0) },
        swiftSettings: settings)
}

func tests(
    _ name: String, of target: String, _ dependencies: [Target.Dependency] = [], excluding others: [String] = []
) -> Target {
    .testTarget(
        name: name, dependencies: [.byName(name: target), "TestSupport"] + dependencies, path: "Tests/\(name)",
        exclude: others, swiftSettings: settings)
}

/// What a process that runs a leg needs.
let leg: [Target.Dependency] = [
    "Baton", "LegRuntime", "Kafka", "Operations", logging, lifecycle, configuration, httpTypes, hummingbird,
]

let package = Package(
    name: "production-relay",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "relay", targets: ["Relay"]),
        .executable(name: "relay-captain", targets: ["Captain"]),
        .executable(name: "relay-pipeline", targets: ["Pipeline"]),
        .executable(name: "relay-deploy", targets: ["Deploy"]),
        .executable(name: "relay-monitor", targets: ["Monitor"]),
        .executable(name: "relay-governance", targets: ["Governance"]),
        .executable(name: "relay-lane", targets: ["Lane"]),
        .executable(name: "relay-bench", targets: ["Benchmarks"]),
        .executable(name: "relay-fuzz", targets: ["Fuzz"]),
        .executable(name: "relay-chaos", targets: ["Chaos"]),
        .library(name: "SkewedClock", type: .dynamic, targets: ["SkewedClock"]),
        .library(name: "StuckExit", type: .dynamic, targets: ["StuckExit"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .systemLibrary(
            name: "CLibrdkafka", path: "Shared/CLibrdkafka", pkgConfig: "rdkafka", providers: [.apt(["librdkafka-dev"])]
        ),
        .systemLibrary(
            name: "CLibcrypto", path: "Shared/CLibcrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(
            name: "CLibzstd", path: "Shared/CLibzstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CLibxgboost", path: "Shared/CLibxgboost", providers: [.apt(["libxgboost-dev"])]),
        .target(name: "CChildProcess", path: "Shared/CChildProcess"),
        .target(name: "CChecksum", path: "Shared/CChecksum"),

        shared("Digest", ["CLibcrypto"]),
        shared("ChildProcess", ["CChildProcess"]),
        shared("Kafka", ["CLibrdkafka", logging]),
        shared("ShownText"),
        shared("StrictJSON"),
        shared("StrictYAML", [yams]),
        shared("Baton", ["Digest", "ShownText", "StrictJSON"]),
        shared("ArtifactStore", ["Digest"]),
        shared("Reports", ["ArtifactStore", "Baton"], strict),
        shared("OpenInference", ["StrictJSON"]),
        shared(
            "Operations",
            [
                "ShownText", "StrictYAML", logging, lifecycle, unixSignals, configuration, hummingbird, httpTypes,
                nioCore, nioPosix, nioHTTP1, nioSSL, yams,
            ]),
        shared("Web", ["Digest", hummingbird, httpTypes, nioCore], explicit),
        shared("LegRuntime", ["Baton", "Kafka", "Operations", logging, lifecycle, configuration]),
        shared("EmbeddedBroker", ["CChecksum", "CLibzstd", nioCore, nioPosix, logging, lifecycle]),

        process(
            "Captain", ["CaptainService", "Operations"], beside: ["Assembly", "Feed", "Intake", "Race", "View", "Web"]),
        library(
            "CaptainService", at: "Captain/Assembly",
            [
                "Baton", "CaptainFeed", "CaptainIntake", "CaptainRace", "CaptainView", "CaptainWeb", "Kafka",
                "LegRuntime", "Operations", lifecycle,
            ]),
        library("CaptainRace", at: "Captain/Race", ["Baton", "Kafka", "LegRuntime", "Operations", logging]),
        library(
            "CaptainIntake", at: "Captain/Intake",
            [
                "Baton", "CaptainRace", "Digest", "Kafka", "LegRuntime", "Operations", "Web", logging, lifecycle,
                httpTypes, hummingbird, nioCore,
            ]),
        library("CaptainView", at: "Captain/View", ["Baton"]),
        library(
            "CaptainFeed", at: "Captain/Feed",
            ["Baton", "CaptainView", "Kafka", "LegRuntime", "Operations", logging, lifecycle]),
        library(
            "CaptainWeb", at: "Captain/Web",
            [
                "Baton", "CaptainFeed", "CaptainIntake", "LegRuntime", "Web", lifecycle, httpTypes, hummingbird,
                nioCore,
            ], embedding: ["Assets"]),
        process(
            "Pipeline", ["Operations", "PipelineService"],
            beside: ["Assembly", "Building", "ConfinedFiles", "DVC", "RelayFile", "Sandbox", "YAML"]),
        library("YAML", at: "Pipeline/YAML", ["Baton", "StrictYAML", yams]),
        library("DVC", at: "Pipeline/DVC", ["Baton", "Digest", "YAML"]),
        library("RelayFile", at: "Pipeline/RelayFile", ["Baton", "DVC", "YAML"]),
        library("ConfinedFiles", at: "Pipeline/ConfinedFiles", ["Baton"], explicit),
        library(
            "Sandbox", at: "Pipeline/Sandbox",
            ["Baton", "ChildProcess", "ConfinedFiles", "DVC", "Digest", "Operations"]),
        library(
            "Building", at: "Pipeline/Building",
            [
                "ArtifactStore", "Baton", "ChildProcess", "ConfinedFiles", "DVC", "Digest", "Operations", "RelayFile",
                "Sandbox",
            ]),
        library(
            "PipelineService", at: "Pipeline/Assembly",
            ["ArtifactStore", "Baton", "Building", "LegRuntime", "Operations", "Reports", "Sandbox", logging]),
        process(
            "Deploy", ["DeployService", "Operations"],
            beside: [
                "Assembly", "GateRules", "Gates", "Reporting", "Rollout", "RolloutRules", "Routing", "RoutingRules",
                "Serving",
            ]),
        library("GateRules", at: "Deploy/GateRules", ["Baton", "OpenInference"]),
        library("RolloutRules", at: "Deploy/RolloutRules", ["Baton"]),
        library("RoutingRules", at: "Deploy/RoutingRules", ["Baton"]),
        library(
            "Serving", at: "Deploy/Serving",
            [
                "ArtifactStore", "Baton", "ChildProcess", "Digest", "LegRuntime", "Operations", "RoutingRules", logging,
                nioCore, nioHTTP1, nioPosix,
            ]),
        library(
            "Gates", at: "Deploy/Gates",
            [
                "ArtifactStore", "Baton", "Digest", "GateRules", "OpenInference", "Reports", "Serving", logging,
                nioCore, nioPosix,
            ]),
        library(
            "DeployRollout", at: "Deploy/Rollout",
            ["Baton", "LegRuntime", "Operations", "RolloutRules", "RoutingRules", "Serving", logging, lifecycle]),
        library(
            "Routing", at: "Deploy/Routing",
            [
                "Baton", "DeployRollout", "Digest", "LegRuntime", "OpenInference", "Operations", "RoutingRules",
                "Serving", "Web", httpTypes, hummingbird, logging, lifecycle, nioCore, nioHTTP1,
            ]),
        library(
            "Reporting", at: "Deploy/Reporting",
            [
                "Baton", "LegRuntime", "OpenInference", "Operations", "Routing", "RoutingRules", "Serving", logging,
                lifecycle, nioCore,
            ]),
        library(
            "DeployService", at: "Deploy/Assembly",
            [
                "ArtifactStore", "Baton", "DeployRollout", "GateRules", "Gates", "Kafka", "LegRuntime", "Operations",
                "Reporting", "RolloutRules", "Routing", "RoutingRules", "Serving", logging, lifecycle,
            ]),
        library("Statistics", at: "Monitor/Statistics"),
        library("Watching", at: "Monitor/Watching", ["Baton", "Statistics"]),
        library("MonitorService", at: "Monitor/Assembly", leg + ["ArtifactStore", "Reports", "Watching"]),
        process("Monitor", ["MonitorService", "Operations"], beside: ["Assembly", "Statistics", "Watching"]),
        library("Ledger", at: "Governance/Ledger", ["Baton", "Digest"]),
        library("Costs", at: "Governance/Costs", ["Baton", "StrictYAML"]),
        library("Access", at: "Governance/Access", ["Baton", "StrictYAML"]),
        library("GovernanceService", at: "Governance/Assembly", leg + ["Access", "Costs", "Ledger", nioCore]),
        process(
            "Governance", ["GovernanceService", "Operations"],
            beside: ["Access", "Assembly", "Costs", "Ledger"]),
        library("XGBoost", at: "Lane/XGBoost", ["Baton", "CLibxgboost"], explicit),
        library(
            "ModelServer", at: "Lane/ModelServer",
            [
                "Baton", "XGBoost", "OpenInference", "Operations", argumentParser, logging, lifecycle, unixSignals,
                httpTypes, hummingbird, nioCore, nioPosix,
            ]),
        process("Lane", ["ModelServer", argumentParser], beside: ["ModelServer", "XGBoost"]),
        process(
            "Relay", ["RelayCommands"],
            beside: [
                "Backup", "Clients", "Commands", "DeadLetters", "Doctor", "Judge", "JudgeRules", "RaceView",
                "Supervisor",
                "Terminal", "TopicAdministration",
            ]),
        library("RelayTerminal", at: "Relay/Terminal", ["Operations", "ShownText"]),
        library(
            "RelayClients", at: "Relay/Clients",
            ["Baton", "Kafka", "LegRuntime", "Operations", "ShownText", logging]),
        library("JudgeRules", at: "Relay/JudgeRules", ["Baton", "Digest"]),
        library(
            "Judge", at: "Relay/Judge",
            ["Baton", "Digest", "JudgeRules", "Kafka", "LegRuntime", "Operations", "RelayClients", "ShownText"]),
        library(
            "TopicAdministration", at: "Relay/TopicAdministration",
            ["Baton", "Kafka", "LegRuntime", "Operations", "RelayClients"]),
        library(
            "Doctor", at: "Relay/Doctor",
            ["Baton", "Kafka", "LegRuntime", "Operations", "RelayClients", "ShownText", "TopicAdministration"]),
        library(
            "Backup", at: "Relay/Backup",
            ["Baton", "Digest", "Kafka", "LegRuntime", "Operations", "RelayClients", nioPosix]),
        library("DeadLetters", at: "Relay/DeadLetters", ["Baton", "Kafka", "RelayClients", "ShownText"]),
        library(
            "RelaySupervisor", at: "Relay/Supervisor",
            [
                "Baton", "ChildProcess", "EmbeddedBroker", "Operations", "RelayClients", "RelayTerminal", "ShownText",
                nioPosix,
            ]),
        library(
            "RaceView", at: "Relay/RaceView",
            ["ArtifactStore", "Baton", "Digest", "Operations", "RelayClients", "RelayTerminal", "ShownText"]),
        library(
            "RelayCommands", at: "Relay/Commands",
            [
                "ArtifactStore", "Backup", "Baton", "DeadLetters", "Doctor", "EmbeddedBroker", "Judge", "JudgeRules",
                "Kafka", "LegRuntime", "Operations", "RaceView", "RelayClients", "RelaySupervisor", "RelayTerminal",
                "ShownText", "TopicAdministration", argumentParser, logging, lifecycle, unixSignals, yams,
            ]),

        .target(name: "TestSupport", path: "Tests/Support", swiftSettings: settings),
        .target(name: "SkewedClock", path: "Tests/SkewedClock"),
        .target(name: "StuckExit", path: "Tests/StuckExit"),
        .executableTarget(
            name: "Chaos",
            dependencies: [
                "Baton", "ChildProcess", "Kafka", "Operations", "TestSupport", argumentParser, logging, nioCore,
                nioPosix,
                unixSignals,
            ],
            path: "Tests/Chaos", swiftSettings: settings),
        tests("ChaosTests", of: "Chaos", ["Baton", "ChildProcess", "Kafka", nioCore, nioPosix]),

        tests("DigestTests", of: "Digest"),
        tests("ChildProcessTests", of: "ChildProcess"),
        tests("KafkaTests", of: "Kafka", ["CLibrdkafka", "EmbeddedBroker", logging]),
        tests("BatonTests", of: "Baton", ["ShownText"]),
        tests("ArtifactStoreTests", of: "ArtifactStore"),
        tests("ReportsTests", of: "Reports", ["ArtifactStore", "Baton", "Digest"]),
        tests("OpenInferenceTests", of: "OpenInference"),
        tests(
            "OperationsTests", of: "Operations",
            [logging, lifecycle, httpTypes, hummingbird, nioCore, nioHTTP1, nioPosix]),
        tests("WebTests", of: "Web", [httpTypes, hummingbird, nioCore]),
        tests(
            "LegRuntimeTests", of: "LegRuntime",
            ["Baton", "CLibrdkafka", "EmbeddedBroker", "Kafka", "Operations", logging, lifecycle]),
        tests(
            "EmbeddedBrokerTests", of: "EmbeddedBroker",
            ["CLibzstd", "Fuzz", "ChildProcess", nioCore, nioPosix, logging]),
        tests(
            "CaptainTests", of: "CaptainService",
            [
                "CaptainFeed", "CaptainIntake", "CaptainRace", "CaptainView", "CaptainWeb",
                httpTypes, "Baton", "Kafka", "LegRuntime", "Operations", "EmbeddedBroker", "Digest", "ShownText",
                logging, lifecycle, hummingbird, nioCore, nioPosix,
            ], excluding: ["Web/Modules"]),
        tests(
            "PipelineTests", of: "Building",
            [
                "ArtifactStore", "Baton", "ChildProcess", "ConfinedFiles", "DVC", "Digest", "Operations", "RelayFile",
                "Sandbox", "YAML",
            ]),
        tests(
            "DeployTests", of: "DeployService",
            [
                "ArtifactStore", "Baton", "DeployRollout", "Digest", "GateRules", "Gates", "Kafka", "LegRuntime",
                "OpenInference", "Operations", "Reporting", "RolloutRules", "Routing", "RoutingRules", "Serving",
                logging, lifecycle, nioCore, nioPosix, nioHTTP1,
            ]),
        tests(
            "MonitorTests", of: "MonitorService",
            [
                "ArtifactStore", "Statistics", "Watching", "Baton", "Digest", "EmbeddedBroker", "Kafka", "LegRuntime",
                "Operations", logging,
            ]),
        tests(
            "GovernanceTests", of: "GovernanceService",
            [
                "Access", "Costs", "Ledger", "StrictYAML", "Baton", "Digest", "EmbeddedBroker", "Kafka", "LegRuntime",
                "Operations", logging, lifecycle,
            ]),
        tests("LaneTests", of: "ModelServer", ["XGBoost", "OpenInference", "Operations", logging, lifecycle]),
        tests(
            "RelayTests", of: "RelayCommands",
            [
                "Backup", "Baton", "ChildProcess", "DeadLetters", "Digest", "Doctor", "EmbeddedBroker", "Judge",
                "JudgeRules", "Kafka", "LegRuntime", "Operations", "RaceView", "RelayClients", "RelaySupervisor",
                "RelayTerminal", "ShownText", "TopicAdministration", argumentParser, logging,
            ]),
        .testTarget(
            name: "Integration",
            dependencies: [
                "Baton", "ChildProcess", "Kafka", "Operations", "TestSupport", logging,
            ],
            path: "Tests/Integration", swiftSettings: settings),
        .executableTarget(
            name: "Benchmarks",
            dependencies: [
                "Baton", "ChildProcess", "CLibrdkafka", "Digest", "Kafka", "LegRuntime", "Operations", "TestSupport",
                argumentParser, logging, lifecycle, unixSignals,
            ],
            path: "Tests/Benchmarks", exclude: ["Python"], swiftSettings: settings),
        tests("BenchmarksTests", of: "Benchmarks", ["Baton"]),
        .executableTarget(
            name: "Fuzz",
            dependencies: [
                "CLibzstd", "EmbeddedBroker", "ChildProcess", "TestSupport", argumentParser, logging, nioCore, nioPosix,
            ],
            path: "Tests/Fuzz", exclude: ["Corpus"], swiftSettings: settings),
        .testTarget(name: "Style", path: "Tests/Style", swiftSettings: settings),
    ]
)
