// SPDX-License-Identifier: Apache-2.0

import CLibrdkafka
import ChildProcess
import Foundation
import Synchronization

/// What the numbers were measured on.
struct Machine: Codable, Sendable {
    var processor: String
    var cores: Int
    var memoryGibibytes: Double
    var disk: String
    var kernel: String
    var system: String
    var librdkafka: String
    var python: String
    var kafka: String
    var commit: String
    var date: String
    /// Processes that wanted a core just before the run, as the kernel's one-minute load says.
    var loadBefore: Double

    static func describe(kafka: String, python: String) async -> Machine {
        let info = text(of: "/proc/cpuinfo")
        let model = info.split(separator: "\n").first { $0.hasPrefix("model name") }?.split(separator: ":").last
        let memory = text(of: "/proc/meminfo").split(separator: "\n").first?.split(separator: " ")
        let kibibytes = memory.flatMap { $0.count > 1 ? Double($0[1]) : nil } ?? 0
        let release = text(of: "/etc/os-release").split(separator: "\n").first { $0.hasPrefix("PRETTY_NAME=") }
        return Machine(
            processor: model.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown",
            cores: ProcessInfo.processInfo.activeProcessorCount,
            memoryGibibytes: kibibytes / 1_048_576,
            disk: disk(of: FileManager.default.temporaryDirectory.path),
            kernel: text(of: "/proc/sys/kernel/osrelease").trimmingCharacters(in: .whitespacesAndNewlines),
            system: release.map { $0.dropFirst(12).trimmingCharacters(in: ["\""]) } ?? "unknown",
            librdkafka: rd_kafka_version_str().map { String(cString: $0) } ?? "unknown",
            python: python, kafka: kafka,
            commit: await firstLine("/usr/bin/git", ["rev-parse", "--short", "HEAD"]) ?? "unknown",
            date: await firstLine("/bin/date", ["-u", "+%Y-%m-%d %H:%M UTC"]) ?? "unknown",
            loadBefore: Double(text(of: "/proc/loadavg").split(separator: " ").first ?? "") ?? .nan)
    }

    /// The device and file system that hold a path, from the longest mount point above it.
    private static func disk(of path: String) -> String {
        let mounts = text(of: "/proc/mounts").split(separator: "\n").map { $0.split(separator: " ") }
        let above = mounts.filter { mount in
            mount.count > 2 && (path == mount[1] || path.hasPrefix(mount[1].hasSuffix("/") ? mount[1] : mount[1] + "/"))
        }
        guard let mount = above.max(by: { $0[1].count < $1[1].count }) else { return "unknown" }
        return "\(mount[2]) on \(mount[0])"
    }

    private static func text(of path: String) -> String {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    private static func firstLine(_ executable: String, _ arguments: [String]) async -> String? {
        let lines = Mutex<[String]>([])
        let command = Command(
            executable: executable, arguments: arguments,
            output: .lines { stream, line in
                if stream == .standardOutput { lines.withLock { $0.append(line) } }
            })
        guard let report = try? await ChildProcess.run(command), report.succeeded else { return nil }
        return lines.withLock { $0.first }
    }

    /// The description as a list.
    var markdown: String {
        """
        - \(date), commit \(commit), release build, load before the run \(loadBefore.short)
        - \(cores) cores (\(processor)), \(memoryGibibytes.short) GiB, \(disk), Linux \(kernel), \(system)
        - librdkafka \(librdkafka); \(python)
        - broker: \(kafka)
        """
    }
}
