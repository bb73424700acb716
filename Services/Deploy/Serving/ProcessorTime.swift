// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Processor time of another process, from the kernel's accounting.
enum ProcessorTime {
    /// User and system time so far; nil when there is no such process. Source: proc(5), /proc/[pid]/stat.
    static func of(_ processID: Int32) -> Duration? {
        // Safe: the stream is this scope's alone, and the buffer outlives the call that fills it.
        guard let file = unsafe fopen("/proc/\(processID)/stat", "re") else { return nil }
        defer { unsafe fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1024)
        let count = unsafe fread(&bytes, 1, bytes.count, file)
        return parse(String(decoding: bytes.prefix(count), as: UTF8.self))
    }

    /// The second field is the program's name in parentheses and may hold spaces, so fields count from the last ")":
    /// utime and stime are fields 14 and 15, in clock ticks.
    static func parse(_ text: String) -> Duration? {
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[end...].split(separator: " ").dropFirst()
        let ticksPerSecond = sysconf(Int32(_SC_CLK_TCK))
        guard fields.count > 12, ticksPerSecond > 0 else { return nil }
        let values = Array(fields)
        guard let user = Int(values[11]), let system = Int(values[12]) else { return nil }
        return .milliseconds((user + system) * 1000 / ticksPerSecond)
    }
}
