// SPDX-License-Identifier: Apache-2.0

import ArtifactStore
import Digest
import Foundation
import Testing

/// A directory that is gone after the test.
private final class Scratch: Sendable {
    let path = FileManager.default.temporaryDirectory.appending(path: "store-\(UUID())").path
    func file(_ name: String) -> String { path + "/" + name }
    deinit { try? FileManager.default.removeItem(atPath: path) }
}

private func content(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: path))) }

private func mode(_ path: String) throws -> Int {
    try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int ?? -1
}

@Suite struct ArtifactStoreTests {
    private let scratch = Scratch()

    private func store() throws -> LocalArtifactStore { try LocalArtifactStore(directory: scratch.file("store")) }

    @Test("A file is stored under the hash of its content, read-only, once")
    func putFile() throws {
        let store = try store()
        let source = scratch.file("model.json")
        try Data("model".utf8).write(to: URL(filePath: source))
        let first = try store.put(file: source)
        let second = try store.put(bytes: Array("model".utf8))
        #expect(first == StoredArtifact(digest: SHA256.hash("model"), bytes: 5, isNew: true))
        #expect(second == StoredArtifact(digest: SHA256.hash("model"), bytes: 5, isNew: false))
        let path = try store.path(for: first.digest)
        #expect(path.hasSuffix("/objects/sha256/\(first.digest.hex.prefix(2))/\(first.digest.hex.dropFirst(2))"))
        #expect(try content(path) == Array("model".utf8))
        #expect(try mode(path) == 0o444)
        #expect(try store.size(of: first.digest) == 5)
        #expect(try FileManager.default.contentsOfDirectory(atPath: store.directory + "/incoming").isEmpty)
    }

    @Test("A file is materialised as a read-only link or as a copy of one's own")
    func materialise() throws {
        let store = try store()
        let digest = try store.put(bytes: [1, 2, 3]).digest
        let linked = scratch.file("deep/er/linked")
        try store.materialise(digest, at: linked)
        #expect(try content(linked) == [1, 2, 3])
        #expect(try mode(linked) == 0o444)
        let own = scratch.file("own.sh")
        try Data("old".utf8).write(to: URL(filePath: own))
        try store.materialise(digest, at: own, writable: true, executable: true)
        #expect(try mode(own) == 0o755)
        try Data("changed".utf8).write(to: URL(filePath: own))
        try store.verify(digest)
    }

    @Test("Materialising over a link to the same object leaves nothing beside it")
    func materialiseTwice() throws {
        let store = try store()
        let digest = try store.put(bytes: [1]).digest
        for _ in 0..<2 { try store.materialise(digest, at: scratch.file("out/a")) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.file("out")) == ["a"])
    }

    @Test("Content that is not there is an error that names its digest")
    func missing() throws {
        let store = try store()
        let digest = SHA256.hash("never stored")
        #expect(store.contains(digest) == false)
        #expect(throws: ArtifactStoreError.missing(digest)) { try store.path(for: digest) }
        #expect(throws: ArtifactStoreError.missing(digest)) { try store.size(of: digest) }
        #expect(throws: ArtifactStoreError.missing(digest)) { try store.verify(digest) }
        #expect(ArtifactStoreError.missing(digest).description.contains(digest.description))
    }

    @Test(
        "Content that was changed behind the store's back is found out, not handed on, and mended by storing it again")
    func corrupt() throws {
        let store = try store()
        let digest = try store.put(bytes: Array("honest".utf8)).digest
        let path = try store.path(for: digest)
        #expect(chmod(path, 0o644) == 0)
        try Data("forged".utf8).write(to: URL(filePath: path))
        let expected = ArtifactStoreError.corrupt(expected: digest, found: SHA256.hash("forged"), path: path)
        #expect(throws: expected) { try store.verify(digest) }
        #expect(throws: expected) { try store.materialise(digest, at: scratch.file("a")) }
        #expect(throws: expected) {
            try store.materialise(digest, at: scratch.file("b"), writable: true, executable: false)
        }
        #expect(try store.put(bytes: Array("honest".utf8)).isNew == false)
        try store.verify(digest)
        #expect(FileManager.default.fileExists(atPath: scratch.file("a")) == false)
        #expect(FileManager.default.fileExists(atPath: scratch.file("b")) == false)
    }

    @Test("A record is what was last recorded under its kind and key")
    func records() throws {
        let store = try store()
        let key = SHA256.hash("stage")
        #expect(try store.record(kind: "run", key: key) == nil)
        try store.setRecord(kind: "run", key: key, [1])
        try store.setRecord(kind: "run", key: key, [2, 3])
        #expect(try store.record(kind: "run", key: key) == [2, 3])
        #expect(try store.record(kind: "other", key: key) == nil)
        #expect(throws: ArtifactStoreError.badRecordKind("../up")) { try store.record(kind: "../up", key: key) }
    }

    @Test("Many writers of one content and one record at once leave whole files", .timeLimit(.minutes(1)))
    func concurrentWriters() async throws {
        let directory = scratch.file("store")
        let bytes = [UInt8](repeating: 42, count: 100_000)
        let key = SHA256.hash("stage")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<16 {
                group.addTask {
                    let store = try LocalArtifactStore(directory: directory)
                    let stored = try store.put(bytes: bytes)
                    try store.setRecord(kind: "run", key: key, [UInt8](repeating: UInt8(writer), count: 1000))
                    try store.verify(stored.digest)
                }
            }
            try await group.waitForAll()
        }
        let record = try #require(try store().record(kind: "run", key: key))
        #expect(record.count == 1000 && Set(record).count == 1)
    }

    @Test("A source that cannot be read says so with its path")
    func unreadable() throws {
        let store = try store()
        let error = #expect(throws: ArtifactStoreError.self) { try store.put(file: "/no/such/file") }
        #expect(error?.description == "the artifact store cannot open /no/such/file: No such file or directory")
    }
}
