// SPDX-License-Identifier: Apache-2.0

import Foundation

extension Metrics {
    /// Adds the suite's version, and what the operating system accounts for this process: processor time and resident
    /// memory.
    public func observeProcess() {
        observe(
            "relay_build_info", help: "Always 1; the label has the version of the suite.",
            labels: ["version": SuiteVersion.current]
        ) { 1 }
        observe("process_cpu_seconds_total", help: "User and system processor time, in seconds.", grows: true) {
            ProcessAccounting.cpuSeconds()
        }
        observe("process_resident_memory_bytes", help: "Resident memory, in bytes.") {
            ProcessAccounting.residentBytes().map(Double.init)
        }
    }
}

/// What the operating system knows about this process.
public enum ProcessAccounting {
    /// User and system time so far; nil when the system does not say.
    public static func cpuSeconds() -> Double? {
        var usage = rusage()
        guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return nil }
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    /// Resident memory; nil when the system does not say. Source: proc(5), `/proc/self/statm`, second field in pages.
    public static func residentBytes() -> Int? {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return nil }
        let fields = text.split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { return nil }
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }
}
