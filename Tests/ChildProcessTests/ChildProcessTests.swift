// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import Synchronization
import Testing

/// The lines a child wrote, as they came.
private final class Lines: Sendable {
    private let all = Mutex<[String]>([])
    var value: [String] { all.withLock { $0 } }

    func collect(_ stream: Command.Stream, _ line: String) {
        all.withLock { $0.append((stream == .standardError ? "error: " : "") + line) }
    }
}

private func shell(_ script: String, environment: [String: String] = [:], output: Command.Output = .discard) -> Command
{
    Command(executable: "/bin/sh", arguments: ["-c", script], environment: environment, output: output)
}

/// Whether a process exists and is not a zombie.
private func isAlive(_ id: Int32) -> Bool {
    guard let status = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8) else { return false }
    return status.split(separator: ")").last?.split(separator: " ").first != "Z"
}

/// The kernel has been told to kill it: it is only a matter of its being scheduled.
private func waitForEnd(of id: Int32) {
    while isAlive(id) { sched_yield() }
}

@Suite(.timeLimit(.minutes(1)))
struct ChildProcessTests {
    @Test("A program's exit code comes back", arguments: [0, 3, 255])
    func exitCode(code: Int) async throws {
        let report = try await ChildProcess.run(shell("exit \(code)"))
        #expect(report.status == .exited(code))
    }

    @Test("A program ended by a signal says which")
    func signalled() async throws {
        let report = try await ChildProcess.run(shell("kill -USR1 $$"))
        #expect(report.status == .signalled(10))
        #expect(report.status.description == "signal 10 (User defined signal 1)")
    }

    @Test("Both streams are delivered by line, the last one also without a line feed")
    func lines() async throws {
        let lines = Lines()
        let report = try await ChildProcess.run(
            shell("echo one; echo oops >&2; printf two", output: .lines { lines.collect($0, $1) }))
        #expect(report.succeeded)
        #expect(Set(lines.value) == ["one", "error: oops", "two"])
    }

    @Test("A line without an end comes in bounded pieces and nothing is lost")
    func longLine() async throws {
        let lines = Lines()
        _ = try await ChildProcess.run(
            shell("head -c 200000 /dev/zero | tr '\\0' x", output: .lines { lines.collect($0, $1) }))
        #expect(lines.value.map(\.utf8.count) == [65536, 65536, 65536, 200_000 - 3 * 65536])
    }

    @Test("The child sees the environment given and no other, and nothing on standard input")
    func environment() async throws {
        let lines = Lines()
        let command = Command(
            executable: "/usr/bin/env", environment: ["B": "2", "A": "1"], output: .lines { lines.collect($0, $1) })
        _ = try await ChildProcess.run(command)
        #expect(lines.value == ["A=1", "B=2"])
        #expect(try await ChildProcess.run(shell("read line")).status == .exited(1))
    }

    @Test("No descriptor of ours reaches the child, whatever its flags")
    func descriptors() async throws {
        var ends: [CInt] = [0, 0]
        #expect(pipe(&ends) == 0)
        defer { ends.forEach { _ = close($0) } }
        let lines = Lines()
        _ = try await ChildProcess.run(shell("cd /proc/self/fd && echo *", output: .lines { lines.collect($0, $1) }))
        #expect(lines.value == ["0 1 2"] || lines.value == ["0 1 2 3"], "3 is the shell's own reading of the directory")
    }

    @Test("The child starts in its working directory and appends to its log")
    func workingDirectory() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "child-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let log = directory.appending(path: "log").path
        for _ in 0..<2 {
            let command = Command(
                executable: "/bin/pwd", workingDirectory: directory.path, output: .appending(toFile: log))
            #expect(try await ChildProcess.run(command).succeeded)
        }
        let path = directory.path
        #expect(try String(contentsOfFile: log, encoding: .utf8) == "\(path)\n\(path)\n")
    }

    @Test("What cannot start says which step failed and why")
    func refusals() async throws {
        let missing = await #expect(throws: SpawnError.self) {
            try await ChildProcess.spawn(Command(executable: "/no/such/program"))
        }
        #expect(missing?.description == "cannot run /no/such/program: No such file or directory")
        let notExecutable = await #expect(throws: SpawnError.self) {
            try await ChildProcess.spawn(Command(executable: "/etc/passwd"))
        }
        #expect(notExecutable?.step == .executable)
        let directory = await #expect(throws: SpawnError.self) {
            try await ChildProcess.spawn(Command(executable: "/bin/true", workingDirectory: "/no/such/place"))
        }
        #expect(directory?.step == .workingDirectory)
        #expect(directory?.description.contains("/no/such/place") == true)
        let text = await #expect(throws: SpawnError.self) {
            try await ChildProcess.spawn(Command(executable: "/bin/echo", arguments: ["a\0b"]))
        }
        #expect(text?.step == .command)
        let log = await #expect(throws: SpawnError.self) {
            try await ChildProcess.spawn(Command(executable: "/bin/true", output: .appending(toFile: "/no/log")))
        }
        #expect(log?.step == .output)
    }

    @Test("Processor time and memory are what the operating system counted for the child")
    func usage() async throws {
        let script = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done"
        let report = try await ChildProcess.run(shell(script))
        #expect(report.cpu > .milliseconds(10))
        #expect(report.cpu < report.elapsed + .milliseconds(50))
        #expect(report.maximumResidentBytes > 100_000)
        #expect(ResourceUsage.ofThisProcess().cpu > .zero)
    }

    @Test("Several callers see the same end, also after it")
    func manyWaiters() async throws {
        let child = try await ChildProcess.spawn(shell("exit 4"))
        async let first = child.exit()
        async let second = child.exit()
        let reports = await [first, second, child.exit()]
        #expect(Set(reports.map(\.status)) == [.exited(4)])
        #expect(child.signal(.terminate) == false)
    }
}

@Suite(.timeLimit(.minutes(1)))
struct ChildViewTests {
    private let directory = FileManager.default.temporaryDirectory.appending(path: "view-\(UUID())").path

    /// The lines of a script that runs in a view in which `directory/files` is at /relay-view.
    private func run(_ script: String) async throws -> [String] {
        for name in ["base", "files"] {
            try FileManager.default.createDirectory(atPath: "\(directory)/\(name)", withIntermediateDirectories: true)
        }
        let lines = Lines()
        let report = try await ChildProcess.run(
            Command(
                executable: "/bin/sh", arguments: ["-c", script], environment: ["PATH": "/usr/bin:/bin"],
                workingDirectory: "/relay-view", output: .lines { lines.collect($0, $1) },
                view: .init(base: directory + "/base", adding: ["/relay-view": directory + "/files"])))
        #expect(report.succeeded, "\(lines.value)")
        return lines.value
    }

    @Test("A child with a view finds what was added to it beside all the rest, and is who it was")
    func view() async throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let lines = try await run("pwd; echo x > made; cat \(directory)/files/made; id -u; ls -A /")
        #expect(lines.prefix(3) == ["/relay-view", "x", "\(getuid())"])
        let root = try FileManager.default.contentsOfDirectory(atPath: "/")
        #expect(Set(lines.dropFirst(3)) == Set(root + ["relay-view"]))
        #expect(try String(contentsOfFile: directory + "/files/made", encoding: .utf8) == "x\n")
    }

    @Test("Nothing of a view is left to anybody else, and nothing is made directly below its root")
    func leavesNothing() async throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let mounts = try String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8)
        #expect(try await run("mkdir /relay-made 2>/dev/null || echo refused") == ["refused"])
        #expect(try String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8) == mounts)
        #expect(FileManager.default.fileExists(atPath: "/relay-view") == false)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory + "/base") == [])
    }

    @Test("A view that cannot be put together says so")
    func refusal() async throws {
        let error = await #expect(throws: SpawnError.self) {
            try await ChildProcess.run(
                Command(
                    executable: "/bin/true", view: .init(base: "/no/such/base", adding: ["/relay-view": "/tmp"])))
        }
        #expect(error?.step == .view)
        #expect(error?.description.contains("view of the file system of its own: No such file") == true)
    }
}

@Suite(.timeLimit(.minutes(1)))
struct ChildGroupTests {
    @Test("Termination reaches the whole group")
    func wholeGroup() async throws {
        let (ids, continuation) = AsyncStream.makeStream(of: Int32.self, bufferingPolicy: .bufferingNewest(1))
        let child = try await ChildProcess.spawn(
            shell(
                "sleep 1000 & echo $!; wait", environment: ["PATH": "/usr/bin:/bin"],
                output: .lines { _, line in continuation.yield(Int32(line) ?? -1) }))
        var iterator = ids.makeAsyncIterator()
        let grandchild = try #require(await iterator.next())
        #expect(isAlive(grandchild))
        let report = await child.terminate(grace: .seconds(30))
        #expect(report.status == .signalled(15))
        waitForEnd(of: grandchild)
    }

    @Test("A group that will not listen is killed when the grace is over")
    func grace() async throws {
        let (lines, continuation) = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingNewest(1))
        let child = try await ChildProcess.spawn(
            shell("trap '' TERM; echo ready; while :; do sleep 1; done", output: .lines { continuation.yield($1) }))
        var iterator = lines.makeAsyncIterator()
        _ = await iterator.next()
        let report = await child.terminate(grace: .milliseconds(100))
        #expect(report.status == .signalled(9))
    }

    @Test("What a program leaves in its group ends with it")
    func leftovers() async throws {
        let lines = Lines()
        let report = try await ChildProcess.run(shell("sleep 1000 & echo $!", output: .lines { lines.collect($0, $1) }))
        #expect(report.succeeded)
        waitForEnd(of: try #require(Int32(lines.value.first ?? "")))
    }

    @Test("What a program moves to another session ends with it, and what that used is counted")
    func leftoversElsewhere() async throws {
        let lines = Lines()
        let busy = "echo $$; i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; echo done; exec sleep 1000"
        // Twice removed: the shell between has ended before the program has.
        let script = "(setsid sh -c '\(busy)' & ) | while read line; do echo $line; [ $line = done ] && exit; done"
        let report = try await ChildProcess.run(
            shell(script, environment: ["PATH": "/usr/bin:/bin"], output: .lines { lines.collect($0, $1) }))
        #expect(report.succeeded)
        #expect(isAlive(try #require(Int32(lines.value.first ?? ""))) == false)
        #expect(report.cpu > .milliseconds(10))
    }

    @Test("A cancelled run ends the group")
    func cancellation() async throws {
        let (ids, continuation) = AsyncStream.makeStream(of: Int32.self, bufferingPolicy: .bufferingNewest(1))
        let command = shell("sleep 1000 & echo $!; wait", output: .lines { continuation.yield(Int32($1) ?? -1) })
        try await withThrowingTaskGroup(of: ExitReport.self) { group in
            group.addTask { try await ChildProcess.run(command) }
            var iterator = ids.makeAsyncIterator()
            let grandchild = try #require(await iterator.next())
            group.cancelAll()
            let report = try await group.next()
            #expect(report?.status == .signalled(15))
            waitForEnd(of: grandchild)
        }
    }

    @Test("A child is handed a socket as descriptor 3, under its own id, and what it starts is not")
    func listeningSocket() async throws {
        let socket = Glibc.socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        defer { close(socket) }
        let lines = Lines()
        var command = shell(
            #"[ "$LISTEN_PID" = $$ ] && echo "mine $LISTEN_FDS"; readlink /proc/$$/fd/3; ls /proc/$$/fd | wc -l"#,
            environment: ["PATH": "/usr/bin:/bin"], output: .lines { lines.collect($0, $1) })
        command.listeningSocket = socket
        #expect(try await ChildProcess.run(command).succeeded)
        #expect(lines.value.first == "mine 1")
        #expect(
            lines.value.dropFirst().first
                == (try FileManager.default.destinationOfSymbolicLink(
                    atPath: "/proc/self/fd/\(socket)")))
        #expect(lines.value.last == "4")
    }

    @Test("A child can be frozen and thawed")
    func freeze() async throws {
        let child = try await ChildProcess.spawn(shell("exec sleep 1000"))
        #expect(child.signal(.stop))
        while try state(of: child.processID) != "T" { sched_yield() }
        #expect(child.signal(.continue))
        while try state(of: child.processID) == "T" { sched_yield() }
        await child.terminate(grace: .seconds(30))
    }

    private func state(of id: Int32) throws -> Substring? {
        let status = try String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8)
        return status.split(separator: ")").last?.split(separator: " ").first
    }
}
