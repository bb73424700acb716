// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The few things that the broker does with directories.
enum Directory {
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
