// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import Operations
import TestSupport
import Testing

extension Data {
    /// Looked for as bytes: some of these are large, and some are no text.
    fileprivate func holds(_ text: String) -> Bool { range(of: Data(text.utf8)) != nil }
}

extension WholeRelay {
    @Suite("Secrets given to a relay")
    struct Secrets {
        private let password = "pw-\(UUID().uuidString)"
        private let token = "tk-\(UUID().uuidString)"
        private let files = FileManager.default.temporaryDirectory.path + "/secrets-\(UUID().uuidString)"

        @Test("are in no log, event, page, process list or file of it", .timeLimit(.minutes(3)))
        func nowhere() async throws {
            try FileManager.default.createDirectory(atPath: files, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: files) }
            let commit = try await repository()
            let server = try GuardedWebServer(directory: "\(files)/quick/.git", user: "ci", password: token)
            defer { server.stop() }
            let host = "127.0.0.1:\(server.port)"
            try write("kafka.properties", "sasl.password=\(password)\n")
            try write("git-credentials", "http://ci:\(token)@\(host)\n")
            let environment = [
                "RELAY_KAFKA_PROPERTIES_FILE": "\(files)/kafka.properties", "RELAY_LOG_LEVEL": "trace",
                "RELAY_PIPELINE_GIT_CREDENTIALS_FILE": "\(files)/git-credentials",
            ]
            try await TestRelay.with(environment: environment) { relay in
                // Seen while git runs, too.
                async let processes = watchProcesses()
                let good = try await relay.finish(relay.release(body: request("http://\(host)/", commit)))
                #expect(good.state.ending?.kind == "finished", "\(good.state.ending?.reason ?? "")")
                let bad = try await relay.finish(relay.release(body: request("http://\(host)/nothing", commit)))
                #expect(bad.state.ending?.reason?.contains("cannot be cloned") == true)
                let refused = try await relay.post(request("http://ci:\(token)@\(host)/", commit), id: "refused")
                #expect(refused.status == 400)
                #expect(refused.text.contains("project.git holds credentials"))
                try await relay.outside.publish(
                    request("http://ci@\(host)/", commit), to: "relay.inbox", headers: ["ce_id": "no event"])
                let seen = try await everything(of: relay) + processes
                for (place, bytes) in seen {
                    #expect(!bytes.holds(password) && !bytes.holds(token), "a secret is in \(place)")
                }
                // What is no secret was found by the same search, so a secret would have been.
                #expect(seen.contains { $0.bytes.holds(host) && $0.place.hasPrefix("topic relay.") })
                #expect(seen.contains { $0.bytes.holds("git-credentials") && $0.place.hasPrefix("process") })
                #expect(seen.contains { $0.bytes.holds(commit) && $0.place.hasPrefix("page") })
                #expect(seen.contains { $0.place.hasSuffix("/pipeline.log") && $0.bytes.holds("work started") })
            }
        }

        private typealias Seen = (place: String, bytes: Data)

        private func everything(of relay: TestRelay) async throws -> [Seen] {
            var seen: [Seen] = []
            for topic in try await relay.outside.topics() {
                let lines = try await relay.outside.lines(of: topic, format: "%k %h %s\\n")
                seen.append(("topic \(topic)", Data(lines.joined(separator: "\n").utf8)))
            }
            let batons = try await HTTPClient().get(relay.captain + "/batons").text
            let ids = batons.matches(of: #/"id"\s*:\s*"([^"]+)"/#).map { String($0.output.1) }
            for path in ["/", "/metrics", "/health/ready", "/batons"] + ids.map({ "/batons/\($0)" }) {
                seen.append(("page \(path)", Data(try await HTTPClient().get(relay.captain + path).body)))
            }
            // The broker's own log is not left out: the topics are in it, and so is what no reader is shown.
            for case let path as String in try #require(FileManager.default.enumerator(atPath: relay.directory)) {
                guard let data = FileManager.default.contents(atPath: "\(relay.directory)/\(path)") else { continue }
                seen.append(("file \(relay.directory)/\(path)", data))
            }
            return seen
        }

        /// The command lines and environments of all processes, looked at until git is seen at work.
        private func watchProcesses() async throws -> [Seen] {
            var seen: [Seen] = []
            var known: Set<Data> = []
            return try await eventually(within: .seconds(90), pause: .milliseconds(5), "git at work") {
                for id in try FileManager.default.contentsOfDirectory(atPath: "/proc") where Int(id) != nil {
                    for name in ["cmdline", "environ"] {
                        // A process may end while it is looked at.
                        guard let data = FileManager.default.contents(atPath: "/proc/\(id)/\(name)"),
                            name == "cmdline" || data.holds("RELAY_"), known.insert(data).inserted
                        else { continue }
                        seen.append(("process \(id) \(name)", data))
                        if data.holds("credential.helper=store") { return seen }
                    }
                }
                return nil
            }
        }

        private func request(_ url: String, _ commit: String) -> String {
            #"{"project":{"git":"\#(url)","commit":"\#(commit)"},"model":"quick","requester":"tester"}"#
        }

        private func write(_ name: String, _ text: String) throws {
            try text.write(toFile: "\(files)/\(name)", atomically: true, encoding: .utf8)
        }

        /// A repository with a project; gives its commit.
        private func repository() async throws -> String {
            try FileManager.default.copyItem(
                atPath: "\(TestRelay.package)/Tests/Fixtures/quick", toPath: "\(files)/quick")
            let script = """
                set -e; cd '\(files)/quick'; export GIT_CONFIG_NOSYSTEM=1 HOME='\(files)'
                git init --quiet --initial-branch=main; git add .
                git -c user.name=t -c user.email=t@example.org commit --quiet --message=one
                git update-server-info; git rev-parse HEAD >'\(files)/commit'
                """
            let report = try await ChildProcess.run(
                Command(executable: "/bin/sh", arguments: ["-c", script], environment: TestRelay.environment))
            try #require(report.succeeded)
            return try String(contentsOfFile: "\(files)/commit", encoding: .utf8)
                .trimmingCharacters(in: .whitespacesAndNewlines)
        }
    }
}
