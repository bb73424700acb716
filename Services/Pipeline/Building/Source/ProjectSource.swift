// SPDX-License-Identifier: Apache-2.0

import Baton
import ConfinedFiles
import DVC
import Glibc
import Operations
import Sandbox

/// Where a project comes from.
enum ProjectSource: Sendable, Equatable {
    case directory(String)
    case git(GitCheckout)

    /// A project in a workspace.
    struct CheckedOut: Sendable {
        /// The directory with the project's `dvc.yaml`.
        let project: ConfinedDirectory
        /// Where that is in the checkout; empty for its root.
        var path = ""
        /// The full commit id, from git.
        let commit: String?
    }

    /// - Parameter gitCredentialsFile: As in ``GitCheckout``.
    init(_ request: ReleaseRequest.Project, gitCredentialsFile: String?) throws(Refusal) {
        switch (request.directory, request.git, request.commit) {
        case (let directory?, nil, nil):
            let path = try request.path.map { (path) throws(Refusal) in try ProjectPath.normalise(path) }
            guard directory.hasPrefix("/") else {
                throw Refusal("the project directory \"\(directory)\" must be an absolute path")
            }
            self = .directory(path.map { "\(directory)/\($0)" } ?? directory)
        case (nil, let url?, let commit?):
            self = .git(
                try GitCheckout(
                    url: url, commit: commit, path: request.path ?? "", credentialsFile: gitCredentialsFile))
        default:
            throw Refusal("a project is either a directory, or a git URL with a commit")
        }
    }

    /// Names the project across runs: by its directory, or by its repository and the place in it. Part of every stage's
    /// key, because a stage may read files that it does not declare, and they differ between projects.
    var identity: String {
        switch self {
        case .git(let git): return git.identity
        case .directory(let directory):
            // Safe: the text that the call makes is this scope's alone, and is copied before it is freed.
            guard let real = unsafe realpath(directory, nil) else { return "directory \(directory)" }
            defer { unsafe free(real) }
            return unsafe "directory \(String(cString: real))"
        }
    }

    /// Puts the project's files into a workspace.
    /// - Throws: `Refusal` when there is no such project.
    func checkOut(into workspace: Workspace) async throws -> CheckedOut {
        switch self {
        case .directory(let directory):
            try await onThreadOfItsOwn { try DirectoryCopy.copy(directory, to: workspace.checkout) }
            return CheckedOut(project: workspace.checkout, commit: nil)
        case .git(let git):
            return try await git.checkOut(into: workspace)
        }
    }
}
