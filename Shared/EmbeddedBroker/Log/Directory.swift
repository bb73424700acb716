// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// The few things that the broker does with directories.
enum Directory {
    /// Ends the names of files that count only once they are renamed.
    static let unfinished = ".new"

    /// Renames a file, replacing one that has the new name.
    static func rename(_ path: String, to newPath: String) throws(StorageError) {
        guard Glibc.rename(path, newPath) == 0 else { throw StorageError("rename", path) }
    }

    static func rename(ifThere path: String, to newPath: String) throws(StorageError) {
        guard Glibc.rename(path, newPath) == 0 || errno == ENOENT else { throw StorageError("rename", path) }
    }

    static func create(_ path: String) throws(StorageError) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw StorageError("create directory", path, errno: posixNumber(error))
        }
    }

    static func entries(_ path: String) throws(StorageError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path).sorted()
        } catch {
            throw StorageError("list", path, errno: posixNumber(error))
        }
    }

    static func remove(_ path: String) throws(StorageError) {
        guard FileManager.default.fileExists(atPath: path) else { return }
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            throw StorageError("remove", path, errno: posixNumber(error))
        }
    }

    /// Makes the creation, renaming or removal of a file in the directory durable.
    static func sync(_ path: String) throws(StorageError) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw StorageError("open", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw StorageError("fsync", path) }
    }

    private static func posixNumber(_ error: any Error) -> Int32 {
        let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
        return Int32(underlying?.code ?? (error as NSError).code)
    }
}
