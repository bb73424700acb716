// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// What a machine can check of the house's style; each failure names the place.
@Suite("Style")
struct StyleTests {
    static let sources = SourceFile.all(below: ["Services", "Shared"])
    static let tests = SourceFile.all(below: ["Tests"])
    /// What a browser reads, and its tests.
    static let web = SourceFile.all(below: ["Services", "Tests"], endings: [".html", ".css", ".js", ".svg"])

    @Test("files are found at all")
    func found() {
        #expect(Self.sources.count > 100)
        #expect(Self.tests.count > 20)
        #expect(Self.web.count > 20)
    }

    @Test("every file starts with its licence", arguments: sources + tests + web)
    func licence(file: SourceFile) {
        let line = "SPDX-License-Identifier: Apache-2.0"
        #expect(["// \(line)", "/* \(line) */", "<!-- \(line) -->"].contains(file.lines.first))
    }

    @Test("no file is longer than 400 lines, no line than 120 columns", arguments: sources + tests + web)
    func length(file: SourceFile) {
        #expect(file.lines.count <= 400)
        for (index, line) in file.lines.enumerated() where line.count > 120 {
            Issue.record("\(file.path):\(index + 1) has \(line.count) columns")
        }
    }

    @Test("half of the files are shorter than 150 lines")
    func median() {
        let lengths = Self.sources.map(\.lines.count).sorted()
        #expect(lengths[lengths.count / 2] < 150)
    }

    @Test("no function is longer than 70 lines", arguments: sources)
    func functions(file: SourceFile) {
        for function in file.functions where function.lines > 70 {
            Issue.record("\(file.path):\(function.line) is \(function.lines) lines long")
        }
    }

    @Test("nothing that is banned is called", arguments: sources)
    func banned(file: SourceFile) {
        for ban in Ban.all where !ban.exempt.contains(where: file.path.contains) {
            for (index, line) in file.code.enumerated() where line.contains(ban.text) {
                Issue.record("\(file.path):\(index + 1) holds \(ban.text): \(ban.instead)")
            }
        }
    }

    /// Whatever a command catches it tells to a person.
    @Test("no command tells an error as its library describes it", arguments: sources)
    func errors(file: SourceFile) {
        guard file.path.hasPrefix("Services/Relay/") else { return }
        // A programmer's mistake is told to programmers.
        for (index, line) in file.lines.enumerated()
        where !line.contains("preconditionFailure(")
            && (line.contains("\\(error)") || line.contains("String(describing: error"))
        {
            Issue.record("\(file.path):\(index + 1) tells an error as it comes: say it with inPlainWords")
        }
    }

    @Test("what is unchecked says why it is safe", arguments: sources)
    func unchecked(file: SourceFile) {
        for (index, line) in file.code.enumerated()
        where line.contains("@unchecked Sendable") || line.contains("nonisolated(unsafe)") {
            let above = file.lines[max(0, index - 6)...index]
            if !above.contains(where: { $0.contains("//") }) {
                Issue.record("\(file.path):\(index + 1) is unchecked without its proof beside it")
            }
        }
    }

    @Test("services do not import each other, and the rules import no I/O", arguments: sources)
    func imports(file: SourceFile) {
        let services: Set = ["Captain", "Pipeline", "Deploy", "Monitor", "Governance", "Lane", "Relay"]
        #expect(services.isDisjoint(with: file.imports), "\(file.path)")
        if file.path.hasPrefix("Shared/Baton/") {
            let pure: Set = ["Digest", "FoundationEssentials", "ShownText", "StrictJSON", "Synchronization"]
            #expect(file.imports.isSubset(of: pure), "\(file.path)")
        }
        if !file.path.hasPrefix("Shared/Kafka/") { #expect(!file.imports.contains("CLibrdkafka"), "\(file.path)") }
    }

    /// Libraries of rules: what they are asked is all that they know.
    static let rules = sources.filter { file in
        [
            "Captain/View", "Pipeline/YAML", "Pipeline/DVC", "Pipeline/RelayFile", "Deploy/GateRules",
            "Deploy/RolloutRules", "Deploy/RoutingRules", "Monitor/Statistics", "Monitor/Watching", "Governance/Ledger",
            "Governance/Costs", "Governance/Access", "Relay/JudgeRules",
        ].contains { file.path.hasPrefix("Services/\($0)/") }
    }

    @Test("rules read no file and no clock, and wait for nothing", arguments: rules)
    func purity(file: SourceFile) {
        let known: Set = [
            "Baton", "Digest", "DVC", "Foundation", "OpenInference", "Statistics", "StrictYAML", "YAML", "Yams",
        ]
        #expect(file.imports.subtracting(known).sorted() == [], "\(file.path)")
        for word in ["FileManager", "FileHandle", "ProcessInfo", "URLSession", "Clock.now", "Date()", "await "] {
            #expect(!file.code.contains { $0.contains(word) }, "\(file.path) holds \(word)")
        }
    }

    @Test("each library of rules is there")
    func ruleLibraries() {
        let libraries = Set(Self.rules.map { $0.path.split(separator: "/").prefix(3).joined(separator: "/") })
        #expect(libraries.count == 13)
    }
}

/// A call that is not wanted, and what is wanted instead.
struct Ban {
    let text: String
    let instead: String
    var exempt: [String] = []

    static let all = [
        Ban(text: "try!", instead: "handle the error"),
        Ban(text: "as!", instead: "use as? and say what is wrong"),
        Ban(text: "fatalError(", instead: "throw, or precondition what only a programmer can get wrong"),
        Ban(text: "print(", instead: "log, or write to the terminal that was passed in"),
        Ban(text: "Thread.sleep", instead: "wait for the event", exempt: ["Shared/Operations/RunProcess.swift"]),
        Ban(text: "FileHandle.standardOutput", instead: "use StandardOutput: the handle traps when nobody reads it"),
        Ban(text: "FileHandle.standardError", instead: "use StandardErrorLines: the handle traps when it is closed"),
        Ban(
            text: "localizedDescription", instead: "say it with inPlainWords",
            exempt: ["Shared/Operations/PlainWords.swift"]),
        Ban(text: "DispatchQueue", instead: "use structured concurrency or a thread of your own"),
        Ban(
            text: ".socketOption(.tcp", instead: "write .tcpOption: at the socket's level the number means SO_DEBUG"),
        Ban(text: "TODO", instead: "file an issue"),
        Ban(text: "FIXME", instead: "file an issue"),
    ]
}
