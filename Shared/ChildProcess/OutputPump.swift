// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Reads a child's pipes and delivers their lines until the child has ended and what it wrote is read.
struct OutputPump {
    private struct Source {
        let stream: Command.Stream
        let descriptor: CInt
        var splitter = LineSplitter()
        var isOpen = true
    }

    private var sources: [Source]
    private let report: CInt

    /// - Parameter report: a descriptor that becomes readable when the child has ended.
    init(_ pumps: [OutputPlan.Pump], until report: CInt) {
        sources = pumps.map { Source(stream: $0.stream, descriptor: $0.descriptor) }
        self.report = report
    }

    consuming func run(_ deliver: (Command.Stream, String) -> Void) {
        var hasEnded = false
        // Once the child has ended its group is dead, and what it wrote is in the pipes. A process that left the group
        // may hold a pipe open for ever: its output is not waited for.
        while !hasEnded && sources.contains(where: \.isOpen) {
            var watched = sources.map { pollfd(fd: $0.isOpen ? $0.descriptor : -1, events: Int16(POLLIN), revents: 0) }
            watched.append(pollfd(fd: report, events: Int16(POLLIN), revents: 0))
            guard poll(&watched, nfds_t(watched.count), -1) >= 0 || errno == EINTR else { break }
            hasEnded = watched[watched.count - 1].revents != 0
            for index in sources.indices where hasEnded || watched[index].revents != 0 {
                drain(index, deliver)
            }
        }
        for index in sources.indices {
            if let rest = sources[index].splitter.rest() { deliver(sources[index].stream, rest) }
        }
    }

    private mutating func drain(_ index: Int, _ deliver: (Command.Stream, String) -> Void) {
        guard sources[index].isOpen else { return }
        withUnsafeTemporaryAllocation(byteCount: 16 * 1024, alignment: 16) { buffer in
            while true {
                let count = read(sources[index].descriptor, buffer.baseAddress, buffer.count)
                if count < 0 && errno == EINTR { continue }
                if count < 0 && errno == EAGAIN { return }
                guard count > 0 else {
                    sources[index].isOpen = false
                    return
                }
                let chunk = UnsafeRawBufferPointer(rebasing: buffer[..<count])
                for line in sources[index].splitter.lines(afterAdding: chunk) { deliver(sources[index].stream, line) }
            }
        }
    }
}
