// SPDX-License-Identifier: Apache-2.0

import ArtifactStore
import Baton
import ConfinedFiles
import DVC
import Digest
import Sandbox

/// What a stage once wrote, kept under its key.
struct StageRecord: Codable, Sendable {
    private static let kind = "stage-run"

    /// By path in the project.
    var outputs: [String: HashedPath]

    /// What the store holds under a key cannot be read as a record.
    struct Damaged: Error, CustomStringConvertible {
        let key: StageKey
        let reason: String
        var description: String { "the record of its results under \(key.digest) cannot be read: \(reason)" }
    }

    /// The record of a key, when all that it names is still in the store.
    /// - Throws: ``Damaged``.
    static func find(_ key: StageKey, in store: any ArtifactStore) throws -> StageRecord? {
        guard let bytes = try store.record(kind: kind, key: key.digest) else { return nil }
        let record: StageRecord
        do {
            record = try JSON.decode(StageRecord.self, from: bytes)
        } catch {
            throw Damaged(key: key, reason: error.description)
        }
        return record.outputs.values.flatMap(\.stored).allSatisfy(store.contains) ? record : nil
    }

    func save(_ key: StageKey, in store: any ArtifactStore) throws {
        try store.setRecord(kind: Self.kind, key: key.digest, JSON.encode(self))
    }

    /// Puts every output at its place as it was, hashing it on the way.
    func materialise(in project: ConfinedDirectory, from store: any ArtifactStore) throws {
        for (path, output) in outputs.sorted(by: { $0.key < $1.key }) {
            for file in output.contents {
                let place = file.path.isEmpty ? path : "\(path)/\(file.path)"
                try project.makeDirectory(above: place)
                if let target = file.link {
                    try project.link(place, to: target)
                } else {
                    // Copied, not linked: a later stage that wrongly writes to it must not change the store's file.
                    try project.write(place, permissions: file.isExecutable ? 0o755 : 0o644) { descriptor in
                        try store.copy(file.digest, to: descriptor, name: place)
                    }
                }
            }
            if output.files != nil {
                try project.makeDirectory(path)
                try store.verify(output.digest)
            }
            for bare in output.bare ?? [] {
                let place = "\(path)/\(bare.path)"
                try project.makeDirectory(above: place)
                if let target = bare.link {
                    try project.link(place, to: target)
                } else {
                    try project.makeDirectory(place)
                }
            }
        }
    }
}

extension HashedPath {
    /// Stores the content of what is at a path and was hashed before.
    /// - Returns: how many bytes the store did not have before.
    /// - Throws: `Refusal` when the content is no longer what was hashed.
    func store(_ path: String, of project: ConfinedDirectory, in store: any ArtifactStore) throws -> Int {
        var added = 0
        for file in contents {
            let place = file.path.isEmpty ? path : "\(path)/\(file.path)"
            let stored = try project.withFile(place) { try store.put(descriptor: $0, name: place) }
            if stored.isNew { added += stored.bytes }
            guard stored.digest == file.digest else {
                throw Refusal(
                    "\(place) was changed after it was hashed: it was \(file.digest), it is \(stored.digest)")
            }
        }
        if let listing {
            let list = try store.put(bytes: listing)
            if list.isNew { added += list.bytes }
        }
        return added
    }
}
