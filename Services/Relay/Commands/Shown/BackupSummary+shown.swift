// SPDX-License-Identifier: Apache-2.0

import Backup
import Baton
import RelayClients
import RelayTerminal

extension BackupSummary {
    func write(to terminal: Terminal, _ output: OutputFormat, done: String) {
        switch output {
        case .json: terminal.line(String(decoding: JSON.encode(self), as: UTF8.self))
        case .text:
            terminal.line(
                "\(done): \(records) records of \(partitions) partitions in \(topics) topics, the offsets of \(groups) "
                    + "groups; \(bytes) bytes in \(directory)")
        }
    }
}

extension BackupWriting.Stage {
    var name: String {
        switch self {
        case .waiting: line
        case .reading: "reading"
        case .summing: "summing"
        }
    }

    var line: String {
        switch self {
        case .waiting(let topics): "waiting for \(topics.joined(separator: ", ")) to stand still"
        case .reading(let read, let total): ProgressBar.line("reading", Int(read), of: Int(total), "offsets")
        case .summing(let done, let total): ProgressBar.line("summing", done, of: total, "topics")
        }
    }
}

extension Restoring.Stage {
    var name: String {
        switch self {
        case .summing: "checking"
        case .writing: "writing"
        case .reading: "comparing"
        }
    }

    var line: String {
        switch self {
        case .summing(let done, let total): ProgressBar.line("checking", done, of: total, "files")
        case .writing(let done, let total): ProgressBar.line("writing", done, of: total, "records")
        case .reading(let done, let total): ProgressBar.line("comparing", done, of: total, "records")
        }
    }
}
