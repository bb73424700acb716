// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import Synchronization
import Testing

/// `compose/provenance.sh` with a stand-in for docker, so that no engine is needed.
@Suite("Provenance of the images", .timeLimit(.minutes(1)))
struct ProvenanceTests {
    private let directory: URL
    private let image = "production-relay/services:dev"

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "provenance-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    /// Makes keys, and a docker whose images have these digests.
    private func prepare(digest: String, revision: String = String(repeating: "c", count: 40)) async throws {
        let docker = """
            #!/bin/sh
            case "$*" in
            *revision*) echo \(revision) ;;
            *configuration*) echo release ;;
            *target*) echo services ;;
            *Created*) echo 2026-01-01T00:00:00Z ;;
            run*) echo "\(String(repeating: "5", count: 64))  /usr/share/relay/sbom.spdx.json" ;;
            *Id*) echo sha256:\(digest) ;;
            esac
            """
        let file = directory.appending(path: "docker")
        try Data(docker.utf8).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
        guard !FileManager.default.fileExists(atPath: path("key.pem")) else { return }
        try await makeKey("key.pem", public: "public.pem")
    }

    private func makeKey(_ key: String, public: String) async throws {
        let openssl = "/usr/bin/openssl"
        try #require(try await run(openssl, "genpkey", "-algorithm", "ed25519", "-out", path(key)).succeeded)
        try #require(try await run(openssl, "pkey", "-in", path(key), "-pubout", "-out", path(`public`)).succeeded)
    }

    private func path(_ name: String) -> String { directory.appending(path: name).path }

    private func run(_ arguments: String...) async throws -> (succeeded: Bool, output: String) {
        let lines = Mutex<[String]>([])
        let report = try await ChildProcess.run(
            Command(
                executable: arguments[0], arguments: Array(arguments.dropFirst()),
                environment: ["PATH": "\(directory.path):/usr/bin:/bin"],
                output: .lines { _, line in lines.withLock { $0.append(line) } }))
        return (report.succeeded, lines.withLock { $0.joined(separator: "\n") })
    }

    private func provenance(_ verb: String, key: String) async throws -> (succeeded: Bool, output: String) {
        try await run(
            TestRelay.package + "/compose/provenance.sh", verb, path(key), image, path("envelope.json"))
    }

    private func change(_ change: (inout String) -> Void) throws {
        var text = try String(contentsOfFile: path("envelope.json"), encoding: .utf8)
        change(&text)
        try Data(text.utf8).write(to: directory.appending(path: "envelope.json"))
    }

    private func signed() throws -> [String: Any] {
        let data = try Data(contentsOf: directory.appending(path: "envelope.json"))
        let envelope = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let payload = try #require(Data(base64Encoded: envelope["payload"] as? String ?? ""))
        return try #require(try JSONSerialization.jsonObject(with: payload) as? [String: Any])
    }

    private let digest = String(repeating: "a", count: 64)

    @Test("what was signed is verified, and names image, commit, base images and list of contents")
    func verified() async throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        try await prepare(digest: digest)
        let answer = try await provenance("sign", key: "key.pem")
        try #require(answer.succeeded, "\(answer.output)")
        #expect(try await provenance("verify", key: "public.pem").succeeded)
        let statement = try signed()
        #expect(statement["predicateType"] as? String == "https://slsa.dev/provenance/v1")
        let text = try String(data: JSONSerialization.data(withJSONObject: statement), encoding: .utf8) ?? ""
        let (commit, contents) = (String(repeating: "c", count: 40), String(repeating: "5", count: 64))
        for part in [digest, commit, contents, "debian:bookworm-slim"] {
            #expect(text.replacing("\\/", with: "/").contains(part), "\(part)")
        }
    }

    @Test("another image, another statement and another key are all refused")
    func refused() async throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        try await prepare(digest: digest)
        try #require(try await provenance("sign", key: "key.pem").succeeded)
        try await prepare(digest: String(repeating: "b", count: 64))
        #expect(try await provenance("verify", key: "public.pem").output.contains("is not the image of"))
        try await prepare(digest: digest)
        try await makeKey("other.pem", public: "stranger.pem")
        #expect(try await provenance("verify", key: "stranger.pem").output.contains("is not signed by the owner"))
        try change { text in
            let payload = text.matches(of: /"payload":"([^"]+)"/).map { String($0.1) }.first ?? ""
            let statement = Data(base64Encoded: payload).map { String(decoding: $0, as: UTF8.self) } ?? ""
            let forged = Data(statement.replacing("\"release\"", with: "\"debug\"").utf8).base64EncodedString()
            text = text.replacing(payload, with: forged)
        }
        #expect(try await provenance("verify", key: "public.pem").output.contains("was changed since"))
    }

    @Test("an image that does not say which commit it is of is not signed")
    func unknownCommit() async throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        try await prepare(digest: digest, revision: "unknown")
        let answer = try await provenance("sign", key: "key.pem")
        #expect(!answer.succeeded && answer.output.contains("does not say which commit"))
    }
}
