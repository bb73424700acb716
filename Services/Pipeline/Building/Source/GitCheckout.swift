// SPDX-License-Identifier: Apache-2.0

import Baton
import ChildProcess
import ConfinedFiles
import DVC
import Operations
import Sandbox

/// One commit of a git repository.
struct GitCheckout: Sendable, Equatable {
    let url: String
    let commit: String
    /// Where the project is in the repository; empty for its root.
    let path: String
    /// A file of git's `store` credential helper: a URL with user and password in each line.
    let credentialsFile: String?

    private static let git = "/usr/bin/git"

    /// - Throws: `Refusal` for a commit that is no commit id or a URL of an unknown kind.
    init(url: String, commit: String, path: String, credentialsFile: String? = nil) throws(Refusal) {
        let isHexadecimal = commit.utf8.allSatisfy {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
        }
        guard isHexadecimal, (7...64).contains(commit.utf8.count) else {
            throw Refusal(
                "\"\(commit)\" is not a commit id: give 7 to 64 of the digits 0-9 and a-f, no branch and no tag, "
                    + "because they move")
        }
        guard !url.hasPrefix("-"), !url.contains("::") else { throw Refusal("the git URL is of a kind not allowed") }
        self.url = url
        self.commit = commit
        self.path = try ProjectPath.normalise(path)
        self.credentialsFile = credentialsFile
    }

    /// The URL without a user's name and password.
    var publicURL: String { redact(url) }

    /// The repository and the place in it, whatever the commit and whoever reads it.
    var identity: String {
        var repository = Substring(publicURL)
        while repository.hasSuffix("/") { repository = repository.dropLast() }
        if repository.hasSuffix(".git") { repository = repository.dropLast(4) }
        return "git \(repository) \(path)"
    }

    /// Clones the repository and checks out exactly the commit.
    func checkOut(into workspace: Workspace) async throws -> ProjectSource.CheckedOut {
        try await run(["clone", "--quiet", "--no-checkout", "--", url, workspace.checkout.path], in: workspace)
            .orRefuse("\(publicURL) cannot be cloned")
        let parsed = try await run(["rev-parse", "--verify", "--quiet", "\(commit)^{commit}"], in: workspace)
        // A branch or tag may be named like an abbreviated id. What it leads to does not begin with that name.
        guard parsed.report.succeeded, let full = parsed.lines.first, full.hasPrefix(commit) else {
            throw Refusal("\(publicURL) has no commit \(commit)")
        }
        try await run(["checkout", "--quiet", "--detach", full], in: workspace)
            .orRefuse("the commit \(full) of \(publicURL) cannot be checked out")
        return try await onThreadOfItsOwn {
            guard try workspace.checkout.kind(".gitmodules") == nil else {
                throw Refusal("the commit \(full) of \(publicURL) has submodules, which are not supported")
            }
            guard let project = try workspace.checkout.subdirectory(path) else {
                throw Refusal("the commit \(full) of \(publicURL) has no directory \(path)")
            }
            // Removed, so that no stage can ask git for more than the commit's files.
            try workspace.checkout.remove(".git")
            return .init(project: project, path: path, commit: full)
        }
    }

    private func run(_ arguments: [String], in workspace: Workspace) async throws -> Answer {
        let lines = RecentLines(limit: 20)
        let command = Command(
            executable: Self.git, arguments: options + arguments,
            environment: [
                "PATH": StagePath.system.text, "HOME": workspace.home, "LC_ALL": "C.UTF-8",
                "GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_NOSYSTEM": "1",
                "GIT_SSH_COMMAND": "ssh -o BatchMode=yes",
            ],
            workingDirectory: workspace.checkout.path, output: .lines { lines.add($1) })
        let report: ExitReport
        do {
            report = try await ChildProcess.run(command)
        } catch {
            throw Refusal("git is needed for projects from git: \(error)")
        }
        try Task.checkCancellation()
        return Answer(report: report, lines: lines.all.map(redact))
    }

    private var options: [String] {
        let fixed = ["-c", "core.hooksPath=/dev/null", "-c", "core.autocrlf=false", "-c", "protocol.ext.allow=never"]
        guard let credentialsFile else { return fixed }
        // The file's name is in the process list, what is in it is not.
        let quoted = "'" + credentialsFile.replacing("'", with: "'\\''") + "'"
        return fixed + ["-c", "credential.helper=", "-c", "credential.helper=store --file=\(quoted)"]
    }

    private func redact(_ text: String) -> String { RepositoryURL(url).redact(text) }

    private struct Answer {
        let report: ExitReport
        let lines: [String]

        func orRefuse(_ problem: String) throws(Refusal) {
            guard !report.succeeded else { return }
            throw Refusal("\(problem): git ended with \(report.status): \(lines.joined(separator: " "))")
        }
    }
}
