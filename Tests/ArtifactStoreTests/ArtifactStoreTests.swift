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

    @Test("A file is materialised as a read-only link, or copied into an open file of one's own")
    func materialise() throws {
        let store = try store()
        let digest = try store.put(bytes: [1, 2, 3]).digest
        let linked = scratch.file("deep/er/linked")
        try store.materialise(digest, at: linked)
        #expect(try content(linked) == [1, 2, 3])
        #expect(try mode(linked) == 0o444)
        let own = scratch.file("own.bin")
        let descriptor = open(own, O_RDWR | O_CREAT, 0o600)
        try store.copy(digest, to: descriptor, name: own)
        #expect(close(descriptor) == 0)
        #expect(try content(own) == [1, 2, 3])
        #expect(try store.contents(of: digest) == [1, 2, 3])
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

    /// Overwrites an object in place, as only somebody who ignores its mode can.
    private func forge(_ digest: ContentDigest, in store: LocalArtifactStore) throws {
        let path = try store.path(for: digest)
        #expect(chmod(path, 0o644) == 0)
        try Data("forged".utf8).write(to: URL(filePath: path))
    }

    private func expectPutAside(
        _ digest: ContentDigest, in store: LocalArtifactStore, _ body: () throws -> Void
    ) throws {
        let error = #expect(throws: ArtifactStoreError.self, performing: body)
        guard case .corrupt(digest, SHA256.hash("forged"), _, let kept?)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(kept.hasPrefix("\(store.directory)/quarantine/\(digest.hex)-"))
        #expect(try content(kept) == Array("forged".utf8))
        #expect(error?.description.contains(kept) == true)
        #expect(store.contains(digest) == false)
        #expect(throws: ArtifactStoreError.missing(digest), performing: body)
    }

    @Test("Content that was changed behind the store's back is put aside by whoever reads it, and never handed on")
    func corrupt() throws {
        let store = try store()
        func forged() throws -> ContentDigest {
            let digest = try store.put(bytes: Array("honest".utf8)).digest
            try forge(digest, in: store)
            return digest
        }
        var digest = try forged()
        try expectPutAside(digest, in: store) { try store.verify(digest) }
        digest = try forged()
        try expectPutAside(digest, in: store) { try store.materialise(digest, at: scratch.file("a")) }
        digest = try forged()
        try expectPutAside(digest, in: store) { _ = try store.contents(of: digest) }
        digest = try forged()
        try expectPutAside(digest, in: store) {
            let descriptor = open("/dev/null", O_WRONLY)
            defer { close(descriptor) }
            try store.copy(digest, to: descriptor, name: "null")
        }
        #expect(FileManager.default.fileExists(atPath: scratch.file("a")) == false)
        #expect(try FileManager.default.contentsOfDirectory(atPath: store.directory + "/quarantine").count == 4)
    }

    @Test("Storing content again whose object was altered keeps what was found, and is new")
    func mended() throws {
        let store = try store()
        let digest = try store.put(bytes: Array("honest".utf8)).digest
        try forge(digest, in: store)
        #expect(try store.put(bytes: Array("honest".utf8)).isNew)
        try store.verify(digest)
        let kept = try FileManager.default.contentsOfDirectory(atPath: store.directory + "/quarantine")
        #expect(kept.count == 1)
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
