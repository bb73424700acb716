// SPDX-License-Identifier: Apache-2.0

import Glibc

/// An open file, closed with its owner.
struct Descriptor: ~Copyable {
    private let number: CInt

    init(opening path: String, _ flags: CInt, mode: mode_t = 0) throws(ArtifactStoreError) {
        number = open(path, flags | O_CLOEXEC, mode)
        guard number >= 0 else { throw .inputOutput("open", path: path, code: errno) }
    }

    deinit { _ = close(number) }

    /// For as long as `body` runs.
    func lend<Value>(_ body: (CInt) throws(ArtifactStoreError) -> Value) throws(ArtifactStoreError) -> Value {
        try body(number)
    }

    func write(_ bytes: ArraySlice<UInt8>, _ path: String) throws(ArtifactStoreError) {
        try writeAll(bytes, to: number, path)
    }

    func readAll(_ path: String) throws(ArtifactStoreError) -> [UInt8] {
        var bytes: [UInt8] = []
        try forEachChunk(of: number, path) { bytes.append(contentsOf: $0) }
        return bytes
    }

    /// Sets the mode and waits until the content is on the disk.
    func settle(mode: mode_t, _ path: String) throws(ArtifactStoreError) {
        guard fchmod(number, mode) == 0 else { throw .inputOutput("set the mode of", path: path, code: errno) }
        try synchronise(path)
    }

    func synchronise(_ path: String) throws(ArtifactStoreError) {
        guard fsync(number) == 0 else { throw .inputOutput("synchronise", path: path, code: errno) }
    }
}

func writeAll(_ bytes: ArraySlice<UInt8>, to descriptor: CInt, _ path: String) throws(ArtifactStoreError) {
    var rest = bytes
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        if count < 0 {
            if errno == EINTR { continue }
            throw .inputOutput("write", path: path, code: errno)
        }
        rest = rest.dropFirst(count)
    }
}

/// What an open file holds from where it stands, 1 MiB at a time.
func forEachChunk(
    of descriptor: CInt, _ path: String, _ body: (ArraySlice<UInt8>) throws(ArtifactStoreError) -> Void
) throws(ArtifactStoreError) {
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
        let count = buffer.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
        if count == 0 { return }
        if count < 0 {
            if errno == EINTR { continue }
            throw .inputOutput("read", path: path, code: errno)
        }
        try body(buffer[..<count])
    }
}

func makeDirectories(_ path: String) throws(ArtifactStoreError) {
    if mkdir(path, 0o755) == 0 || errno == EEXIST { return }
    guard errno == ENOENT, case let above = parent(of: path), above != path else {
        throw .inputOutput("make the directory", path: path, code: errno)
    }
    try makeDirectories(above)
    guard mkdir(path, 0o755) == 0 || errno == EEXIST else {
        throw .inputOutput("make the directory", path: path, code: errno)
    }
}

func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
}

func systemMessage(_ code: CInt) -> String {
    // strerror's buffer is its own per thread since glibc 2.32.
    String(cString: strerror(code))
}
