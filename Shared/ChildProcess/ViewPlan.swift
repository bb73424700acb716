// SPDX-License-Identifier: Apache-2.0

import CChildProcess
import Glibc

/// A ``Command/View`` as the kernel is told it: what is directly below the root, each entry bound to a new one.
struct ViewPlan: ~Copyable {
    let pointer: UnsafePointer<relay_view>?
    private let view: UnsafeMutablePointer<relay_view>?
    private let entries: UnsafeMutableBufferPointer<relay_view_entry>
    private let texts: CStrings

    /// - Throws: ``SpawnError`` with step `view`.
    init(_ command: Command) throws(SpawnError) {
        guard let wanted = command.view else {
            texts = CStrings([])
            (view, pointer, entries) = (nil, nil, .init(start: nil, count: 0))
            return
        }
        let plan = try Self.entries(of: wanted, command)
        texts = CStrings([wanted.base] + plan.flatMap { [$0.source, wanted.base + $0.target] })
        entries = .allocate(capacity: plan.count)
        for (index, entry) in plan.enumerated() {
            entries.initializeElement(
                at: index,
                to: relay_view_entry(
                    kind: entry.kind, source: texts.pointer[2 * index + 1], target: texts.pointer[2 * index + 2]))
        }
        let view = UnsafeMutablePointer<relay_view>.allocate(capacity: 1)
        view.initialize(
            to: relay_view(
                base: texts.pointer[0], entries: UnsafePointer(entries.baseAddress), count: CInt(entries.count)))
        (self.view, pointer) = (view, UnsafePointer(view))
    }

    deinit {
        view?.deallocate()
        entries.deallocate()
    }

    private typealias Entry = (kind: CInt, source: String, target: String)

    private static func entries(of view: Command.View, _ command: Command) throws(SpawnError) -> [Entry] {
        guard let root = opendir("/") else { throw failure(command) }
        defer { closedir(root) }
        var entries: [Entry] = []
        while let entry = readdir(root) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            let path = "/" + name
            var status = stat()
            // What is added hides what has its name; what cannot be looked at cannot be shown.
            guard name != ".", name != "..", view.adding[path] == nil, lstat(path, &status) == 0 else { continue }
            switch status.st_mode & S_IFMT {
            case S_IFDIR: entries.append((CInt(RELAY_VIEW_DIRECTORY.rawValue), path, path))
            case S_IFREG: entries.append((CInt(RELAY_VIEW_FILE.rawValue), path, path))
            case S_IFLNK:
                if let target = linkTarget(path) { entries.append((CInt(RELAY_VIEW_LINK.rawValue), target, path)) }
            default: continue
            }
        }
        return entries + view.adding.map { (CInt(RELAY_VIEW_DIRECTORY.rawValue), $0.value, $0.key) }
    }

    private static func linkTarget(_ path: String) -> String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX) + 1) { buffer in
            guard let start = buffer.baseAddress else { return nil }
            let count = readlink(path, start, buffer.count - 1)
            guard count >= 0 else { return nil }
            buffer[count] = 0
            return String(cString: start)
        }
    }

    private static func failure(_ command: Command) -> SpawnError {
        SpawnError(step: .view, code: errno, executable: command.executable, subject: "")
    }
}
