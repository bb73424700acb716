// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import Logging
import Testing

@testable import Operations

@Suite("Exporting spans by TLS", .timeLimit(.minutes(2)))
struct TraceTLSTests {
    /// An authority that nobody knows, and what it certifies.
    private struct Authority {
        let directory = FileManager.default.temporaryDirectory.path + "/tls-\(UUID().uuidString)"
        var file: String { directory + "/ca.pem" }

        init() async throws {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            try await openssl(
                ["req", "-x509", "-subj", "/CN=test", "-addext", "basicConstraints=critical,CA:TRUE"], out: "ca")
        }

        func remove() { try? FileManager.default.removeItem(atPath: directory) }

        /// - Returns: A file of key and certificate for whoever is meant.
        func certificate(for name: String) async throws -> String {
            let chain = [
                "-CA", file, "-CAkey", directory + "/ca.key", "-addext", "subjectAltName=\(name)", "-addext",
                "basicConstraints=critical,CA:FALSE",
            ]
            try await openssl(["req", "-x509", "-subj", "/CN=collector"] + chain, out: "server")
            let parts = try ["key", "pem"].map {
                try String(contentsOfFile: "\(directory)/server.\($0)", encoding: .utf8)
            }
            let path = directory + "/collector.pem"
            try parts.joined().write(toFile: path, atomically: true, encoding: .utf8)
            return path
        }

        private func openssl(_ arguments: [String], out name: String) async throws {
            let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
            let files = ["-keyout", "\(directory)/\(name).key", "-out", "\(directory)/\(name).pem"]
            let child = try await ChildProcess.spawn(
                Command(
                    executable: "/usr/bin/openssl", arguments: arguments + key + files,
                    environment: ["PATH": "/usr/bin:/bin"]))
            try #require(await child.exit().succeeded)
        }
    }

    private static let span = Span(
        "work", .init(traceID: String(repeating: "a", count: 32), spanID: String(repeating: "b", count: 16)),
        parentID: nil, kind: .consumer, startedAtMilliseconds: 1_764_000_000_000, endedAtMilliseconds: 1_764_000_001_000
    )

    /// Exports one span, with no patience.
    /// - Returns: How many were exported, and how many were not.
    private func export(to url: String, authorities: String?) async throws -> (exported: String?, refused: String?) {
        var environment = ["RELAY_TRACES_ENDPOINT": url]
        environment["RELAY_TRACES_CA_FILE"] = authorities
        let context = ProcessContext(
            configuration: try .load(service: "test", arguments: ["test"], environment: environment),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, traces: Traces())
        var exporter = try #require(try TraceExporter(context))
        // The collector turns the first request away.
        exporter.timing.patience = .seconds(1)
        exporter.timing.firstPause = .seconds(1)
        exporter.pause = { _ in }
        context.traces.record([Self.span])
        _ = try await exporter.exportBatch()
        func total(_ outcome: String) -> String? {
            context.metrics.exposition().split(separator: "\n")
                .first { $0.hasPrefix("relay_spans_total{outcome=\"\(outcome)\"}") }
                .map { String($0.split(separator: " ")[1]) }
        }
        return (total("exported"), total("refused"))
    }

    @Test("a collector whose authority is in the file gets the spans")
    func known() async throws {
        let authority = try await Authority()
        defer { authority.remove() }
        try await TestCollector.with(tls: [try await authority.certificate(for: "IP:127.0.0.1")]) { collector in
            let totals = try await export(to: collector.url, authorities: authority.file)
            #expect(totals.exported == "1")
            #expect(try collector.spans().map(\.name) == ["work"])
        }
    }

    @Test("a collector whose authority nobody knows gets nothing")
    func unknown() async throws {
        let authority = try await Authority()
        defer { authority.remove() }
        try await TestCollector.with(tls: [try await authority.certificate(for: "IP:127.0.0.1")]) { collector in
            let totals = try await export(to: collector.url, authorities: nil)
            #expect(totals.refused == "1")
            #expect(collector.lines() == [])
        }
    }

    @Test("a collector with a certificate for another name gets nothing")
    func otherName() async throws {
        let authority = try await Authority()
        defer { authority.remove() }
        try await TestCollector.with(tls: [try await authority.certificate(for: "DNS:elsewhere")]) { collector in
            let totals = try await export(to: collector.url, authorities: authority.file)
            #expect(totals.refused == "1")
            #expect(collector.lines() == [])
        }
    }

    @Test("a collector that speaks nothing newer than TLS 1.1 gets nothing")
    func old() async throws {
        let authority = try await Authority()
        defer { authority.remove() }
        try await TestCollector.with(tls: [try await authority.certificate(for: "IP:127.0.0.1"), "old"]) { collector in
            let totals = try await export(to: collector.url, authorities: authority.file)
            #expect(totals.refused == "1")
            #expect(collector.lines() == [])
        }
    }

    @Test("a file without certificates, and one that is of no use, are named with their key")
    func wrongFile() throws {
        func problem(_ environment: [String: String]) -> ConfigurationError? {
            #expect(throws: ConfigurationError.self) {
                _ = try TraceExporter(
                    ProcessContext(
                        configuration: try .load(service: "test", arguments: ["test"], environment: environment),
                        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
            }
        }
        let missing = problem(["RELAY_TRACES_ENDPOINT": "https://a", "RELAY_TRACES_CA_FILE": "/nowhere/ca.pem"])
        #expect(missing?.reason == "RELAY_TRACES_CA_FILE: /nowhere/ca.pem cannot be read")
        let empty = problem(["RELAY_TRACES_ENDPOINT": "https://a", "RELAY_TRACES_CA_FILE": "/dev/null"])
        #expect(empty?.reason == "RELAY_TRACES_CA_FILE: /dev/null has no certificates in PEM")
        let useless = problem(["RELAY_TRACES_ENDPOINT": "http://a", "RELAY_TRACES_CA_FILE": "/etc/hostname"])
        #expect(useless?.reason.contains("is of no use") == true)
    }
}
