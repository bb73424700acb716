// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A file being written, which goes away with its owner unless it was given its final name.
struct UnfinishedFile: ~Copyable {
    let path: String
    private let file: Descriptor

    /// A file in a store's own place for them.
    init(in directory: String) throws(ArtifactStoreError) {
        try self.init(path: "\(directory)/incoming/\(Self.uniqueSuffix())")
    }

    /// A file next to where it is to appear, and so on the same file system.
    init(besides final: String) throws(ArtifactStoreError) {
        try self.init(path: "\(final).\(Self.uniqueSuffix())")
    }

    private init(path: String) throws(ArtifactStoreError) {
        self.path = path
        file = try Descriptor(opening: path, O_RDWR | O_CREAT | O_EXCL, mode: 0o600)
    }

    deinit { _ = unlink(path) }

    func write(_ bytes: [UInt8]) throws(ArtifactStoreError) {
        try file.write(bytes[...], path)
    }

    func copy(from source: CInt, _ sourcePath: String) throws(ArtifactStoreError) {
        try file.lend { target throws(ArtifactStoreError) in
            try forEachChunk(of: source, sourcePath) { chunk throws(ArtifactStoreError) in
                try writeAll(chunk, to: target, path)
            }
        }
    }

    /// Puts the finished file on the disk and gives it its final name, replacing what had it.
    func appear(at final: String, mode: mode_t) throws(ArtifactStoreError) {
        try file.settle(mode: mode, path)
        let directory = parent(of: final)
        try makeDirectories(directory)
        guard rename(path, final) == 0 else { throw .inputOutput("rename to", path: final, code: errno) }
        // The name is only durable when its directory is.
        try Descriptor(opening: directory, O_RDONLY | O_DIRECTORY).synchronise(directory)
    }

    /// Unlike any other, also on another machine that shares the directory.
    static func uniqueSuffix() -> String {
        "incoming-\(String(UInt64.random(in: .min ... .max), radix: 36))"
    }
}
