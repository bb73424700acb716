// SPDX-License-Identifier: Apache-2.0

import Baton
import ChildProcess
import Foundation
import TestSupport
import Testing

@testable import Building
@testable import Sandbox

@Suite(.timeLimit(.minutes(2)))
struct GitTests {
    private let fixture: ProjectFixture

    init() throws { fixture = try ProjectFixture() }

    @discardableResult
    private func git(_ arguments: String...) async throws -> String {
        let lines = RecentLines(limit: 50)
        let command = Command(
            executable: "/usr/bin/git", arguments: ["-c", "user.name=t", "-c", "user.email=t@example.org"] + arguments,
            environment: ["PATH": "/usr/bin:/bin", "HOME": fixture.root], workingDirectory: fixture.project,
            output: .lines { lines.add($1) })
        let report = try await ChildProcess.run(command)
        try #require(report.succeeded, "\(lines.all)")
        return lines.all.first ?? ""
    }

    private func commitAll() async throws -> String {
        try await git("init", "--quiet", "--initial-branch=main")
        try await git("add", ".")
        try await git("commit", "--quiet", "--message=one")
        return try await git("rev-parse", "HEAD")
    }

    @Test("A commit is built as it was, whatever the branch has become, and gives what the directory gives")
    func commit() async throws {
        let commit = try await commitAll()
        let fromDirectory = try await fixture.build()
        try fixture.write("raw.txt", "later\n")
        try await git("commit", "--quiet", "--all", "--message=two")
        let manifest = try await fixture.build(
            .init(git: "file://\(fixture.project)", commit: String(commit.prefix(10))))
        #expect(manifest.commit == commit)
        #expect(manifest.artifact == fromDirectory.artifact)
        #expect(manifest.source == fromDirectory.source)
        #expect(manifest.ran == fromDirectory.ran)
        try await git("checkout", "--quiet", "-b", "other", commit)
        let again = try await fixture.build(.init(git: "file://\(fixture.project)/", commit: commit))
        #expect(again.ran == [])
    }

    @Test("A commit that the repository does not have is refused by name")
    func unknownCommit() async throws {
        _ = try await commitAll()
        let commit = "0123456789abcdef0123456789abcdef01234567"
        let failure = await #expect(throws: BuildFailure.self) {
            try await fixture.build(.init(git: "file://\(fixture.project)", commit: commit))
        }
        #expect(failure?.reason == "file://\(fixture.project) has no commit \(commit)")
        #expect(failure?.isRetryable == false)
    }

    @Test("A branch, a tag or a ref named like a commit is refused", arguments: ["main", "HEAD", "deadbeef"])
    func notACommit(name: String) async throws {
        _ = try await commitAll()
        try await git("branch", "deadbeef")
        let failure = await #expect(throws: BuildFailure.self) {
            try await fixture.build(.init(git: "file://\(fixture.project)", commit: name))
        }
        #expect(failure?.reason.contains(name) == true)
    }

    @Test("A repository that cannot be reached is refused without the password in its URL")
    func credentials() async throws {
        let url = "file://me:secret@\(fixture.root)/nothing"
        let failure = await #expect(throws: BuildFailure.self) {
            try await fixture.build(.init(git: url, commit: "0123456789"))
        }
        #expect(failure?.reason.contains("cannot be cloned") == true)
        #expect(failure?.reason.contains("secret") == false)
    }

    @Test("A private repository is read with the credentials of a file, and without them refused")
    func privateRepository() async throws {
        let commit = try await commitAll()
        try await git("update-server-info")
        let server = try GuardedWebServer(directory: "\(fixture.project)/.git", user: "ci", password: "s3cret word")
        defer { server.stop() }
        let project = ReleaseRequest.Project(git: "http://127.0.0.1:\(server.port)/", commit: commit)
        let failure = await #expect(throws: BuildFailure.self) { try await fixture.build(project) }
        #expect(failure?.reason.contains("cannot be cloned") == true)
        let credentials = "\(fixture.root)/it's credentials"
        try Data("http://ci:s3cret%20word@127.0.0.1:\(server.port)\n".utf8).write(to: URL(filePath: credentials))
        let manifest = try await fixture.build(project, gitCredentialsFile: credentials)
        #expect(manifest.commit == commit)
    }

    @Test("A helper of git that runs commands is not reached through a URL")
    func helper() async throws {
        let failure = await #expect(throws: BuildFailure.self) {
            try await fixture.build(.init(git: "ext::sh -c true", commit: "0123456789"))
        }
        #expect(failure?.reason == "the git URL is of a kind not allowed")
    }
}
