// SPDX-License-Identifier: Apache-2.0

import Baton
import Glibc

/// A directory of which nothing leads out: the one way to the files of a workspace.
///
/// Each step of a path is opened from the step before it, and links are resolved here, a step at a time. So no link
/// reaches anything outside, not even one that a program makes while something is being done.
package final class ConfinedDirectory: Sendable {
    /// Where it is: for messages, and for programs that are started in it.
    package let path: String
    /// From the outermost directory that links may lead to, to this one.
    private let ancestors: [DirectoryHandle]

    private init(path: String, ancestors: [DirectoryHandle]) {
        (self.path, self.ancestors) = (path, ancestors)
    }

    /// A directory that is there, by a path that is trusted.
    package convenience init(trusted path: String) throws {
        try self.init(path: path, ancestors: [.open(trusted: path)])
    }

    /// What to do about symbolic links on the way.
    package enum Links {
        /// Follow them, the last name's too.
        case follow
        /// Refuse them, except for the last name, which is not followed.
        case refuse
    }

    /// A name in a directory that was reached.
    struct Place {
        fileprivate(set) var steps: [DirectoryHandle]
        /// Empty for the directory itself.
        let name: String

        var directory: DirectoryHandle { steps[steps.count - 1] }
    }

    /// As many as Linux follows.
    private static let maximumLinks = 40

    /// Where a path leads.
    /// - Returns: nil when a directory on the way is missing.
    /// - Throws: `Refusal` for a path that leads out, or has a link in it where none may be.
    func place(_ path: String, _ links: Links) throws -> Place? {
        var steps = ancestors
        var pending = Array(path.split(separator: "/").map(String.init).reversed())
        var followed = 0
        while let name = pending.popLast() {
            let directory = steps[steps.count - 1]
            if name == "." { continue }
            if name == ".." {
                guard steps.count > 1 else { throw Refusal("\(path) leads out of the project by a symbolic link") }
                steps.removeLast()
                continue
            }
            if links == .refuse && pending.isEmpty { return Place(steps: steps, name: name) }
            if let target = directory.target(name) {
                guard links == .follow else {
                    throw Refusal(
                        "\(path) has a symbolic link in it, \(name) to \(target): what is made lies in directories of "
                            + "the project itself")
                }
                followed += 1
                guard followed <= Self.maximumLinks else { throw Refusal("\(path) is a cycle of symbolic links") }
                guard !target.hasPrefix("/") else {
                    throw Refusal("\(path) leads out of the project by the symbolic link \(name) to \(target)")
                }
                pending += target.split(separator: "/").map(String.init).reversed()
                continue
            }
            if pending.isEmpty { return Place(steps: steps, name: name) }
            guard let next = directory.directory(name) else {
                if errno == ENOENT || errno == ENOTDIR { return nil }
                throw FileFailure("open", "\(self.path)/\(path)")
            }
            steps.append(next)
        }
        return Place(steps: steps, name: "")
    }

    /// A directory in this one; links in it may lead as far as links in this one may.
    /// - Returns: nil when there is no such directory.
    package func subdirectory(_ path: String) throws -> ConfinedDirectory? {
        guard var place = try place(path, .follow) else { return nil }
        if !place.name.isEmpty {
            guard let inner = place.directory.directory(place.name) else {
                if errno == ENOENT || errno == ENOTDIR { return nil }
                throw FileFailure("open", "\(self.path)/\(path)")
            }
            place.steps.append(inner)
        }
        return ConfinedDirectory(path: path.isEmpty ? self.path : "\(self.path)/\(path)", ancestors: place.steps)
    }

    /// The same directory, out of which links may not lead.
    package var alone: ConfinedDirectory { ConfinedDirectory(path: path, ancestors: ancestors.suffix(1)) }

    /// What is at a path; nil when nothing is.
    package func kind(_ path: String, _ links: Links = .follow) throws -> FileKind? {
        guard let place = try place(path, links) else { return nil }
        if place.name.isEmpty { return .directory }
        if let kind = place.directory.kind(place.name) { return kind }
        if errno == ENOENT || errno == ENOTDIR { return nil }
        throw FileFailure("look at", "\(self.path)/\(path)")
    }

    /// The names in a directory, sorted.
    package func names(_ path: String = "") throws -> [String] {
        guard let directory = try subdirectory(path) else { throw FileFailure("list", path, code: ENOENT) }
        return try directory.ancestors[directory.ancestors.count - 1].names(directory.path)
    }

    /// What a symbolic link holds; nil for anything else.
    package func target(_ path: String) throws -> String? {
        try place(path, .refuse).flatMap { $0.directory.target($0.name) }
    }
}
