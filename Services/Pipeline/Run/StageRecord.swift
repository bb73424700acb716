// SPDX-License-Identifier: Apache-2.0

import ArtifactStore
import Baton
import Digest
import Foundation

/// What a stage once wrote, kept under its key.
struct StageRecord: Codable, Sendable {
    private static let kind = "stage-run"

    /// By path in the project.
    var outputs: [String: HashedPath]

    /// The record of a key, when all that it names is still in the store.
    static func find(_ key: StageKey, in store: any ArtifactStore) throws -> StageRecord? {
        guard let bytes = try store.record(kind: kind, key: key.digest) else { return nil }
        let record = try JSON.decode(StageRecord.self, from: bytes)
        return record.outputs.values.flatMap(\.contents).allSatisfy { store.contains($0.digest) } ? record : nil
    }

    func save(_ key: StageKey, in store: any ArtifactStore) throws {
        try store.setRecord(kind: Self.kind, key: key.digest, JSON.encode(self))
    }

    /// Puts every output at its place, hashing it on the way.
    func materialise(in project: String, from store: any ArtifactStore) throws {
        for (path, output) in outputs {
            if output.files != nil {
                try FileManager.default.createDirectory(
                    atPath: "\(project)/\(path)", withIntermediateDirectories: true)
            }
            for file in output.contents {
                // A copy of one's own: a later stage that wrongly writes to it must not reach the store's.
                try store.materialise(
                    file.digest, at: file.path.isEmpty ? "\(project)/\(path)" : "\(project)/\(path)/\(file.path)",
                    writable: true, executable: file.isExecutable)
            }
        }
    }
}

extension HashedPath {
    /// The files that hold the content: itself, under an empty path, or those of the directory.
    var contents: [File] {
        files ?? [File(path: "", digest: digest, md5: md5, bytes: bytes, isExecutable: isExecutable)]
    }

    /// Stores the content of what is at a path and was hashed before.
    /// - Returns: how many bytes the store did not have before.
    /// - Throws: `Refusal` when the content is no longer what was hashed.
    func store(from path: String, name: String, in store: any ArtifactStore) throws -> Int {
        var added = 0
        for file in contents {
            let stored = try store.put(file: file.path.isEmpty ? path : "\(path)/\(file.path)")
            if stored.isNew { added += stored.bytes }
            guard stored.digest == file.digest else {
                let changed = file.path.isEmpty ? name : "\(name)/\(file.path)"
                throw Refusal(
                    "\(changed) was changed after it was hashed: it was \(file.digest), it is \(stored.digest)")
            }
        }
        if let files {
            let list = try store.put(bytes: JSON.encode(files))
            if list.isNew { added += list.bytes }
        }
        return added
    }
}
