// SPDX-License-Identifier: Apache-2.0

/// What a child process is to run, and in which surroundings. Nothing is inherited that is not named here.
public struct Command: Sendable {
    /// The program's path. It is not searched for: a relative path is relative to the working directory.
    public var executable: String
    /// What the program is given after its own name.
    public var arguments: [String]
    /// The whole environment of the child.
    public var environment: [String: String]
    /// Where the child starts; nil for where this process is.
    public var workingDirectory: String?
    /// Where standard output and standard error go. Standard input is always empty.
    public var output: Output
    /// What the child sees of the file system; nil for what this process sees.
    public var view: View?
    /// A socket of this process that the child finds as its descriptor 3, with `LISTEN_FDS` and `LISTEN_PID` set as
    /// systemd sets them. The caller keeps it open until ``ChildProcess/spawn(_:)`` has returned.
    public var listeningSocket: CInt?

    /// A command with an empty environment whose output nobody wants, unless said otherwise.
    public init(
        executable: String, arguments: [String] = [], environment: [String: String] = [:],
        workingDirectory: String? = nil, output: Output = .discard, view: View? = nil,
        listeningSocket: CInt? = nil
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.output = output
        self.listeningSocket = listeningSocket
        self.view = view
    }

    /// A view of the file system in a mount namespace of the child's own: what this process sees, and some directories
    /// besides, directly below the root. It ends with the child and what the child started; nobody else sees it.
    /// Directly below the root, where nothing lasts in it, nothing can be made.
    public struct View: Sendable {
        /// An empty directory on which the view is put together.
        public var base: String
        /// Directories by the paths at which the child finds them, `/name` each.
        public var adding: [String: String]

        /// A view that adds directories to what this process sees.
        public init(base: String, adding: [String: String]) {
            (self.base, self.adding) = (base, adding)
        }
    }

    /// Where a child's output goes.
    public enum Output: Sendable {
        /// To nobody.
        case discard
        /// To the end of a file, created when it is missing; both streams in the order written.
        case appending(toFile: String)
        /// To open descriptors of the caller, who closes them after ``ChildProcess/spawn(_:)`` has returned.
        case descriptors(standardOutput: CInt, standardError: CInt)
        /// To a function, a line at a time without its line feed, in the order written per stream.
        ///
        /// It runs on the child's own thread and may block: the child then waits, so nothing piles up. A line longer
        /// than ``Command/maximumLineBytes`` comes in pieces. Bytes that are not UTF-8 are replaced by U+FFFD.
        case lines(@Sendable (Stream, String) -> Void)
    }

    /// One of a child's two output streams.
    public enum Stream: Sendable, Hashable {
        /// Descriptor 1.
        case standardOutput
        /// Descriptor 2.
        case standardError
    }

    /// The longest line delivered in one piece.
    public static let maximumLineBytes = 64 * 1024
}

/// A child that did not come to run its program.
public struct SpawnError: Error, Sendable, CustomStringConvertible {
    /// What failed.
    public enum Step: Sendable, Hashable {
        /// A text of the command holds a NUL, or a variable's name is empty or holds "=".
        case command
        /// A thread or process could not be made.
        case process
        /// A descriptor could not be opened or passed on.
        case output
        /// The working directory could not be entered.
        case workingDirectory
        /// The system does not let the child have a view of its own.
        case view
        /// The executable is missing, is not executable, or is no program for this machine.
        case executable
    }

    /// What failed.
    public let step: Step
    /// The system's `errno`.
    public let code: CInt
    /// The program that was to run.
    public let executable: String
    /// What the step was about: the directory, the log file, the offending text; empty for none.
    public let subject: String

    /// One sentence for people.
    public var description: String {
        let reason = systemMessage(code)
        return switch step {
        case .command: "cannot start \(executable): \(subject)"
        case .process: "cannot start \(executable): no process could be made: \(reason)"
        case .output: "cannot start \(executable): its output cannot be opened\(about): \(reason)"
        case .workingDirectory: "cannot start \(executable): cannot enter its working directory\(about): \(reason)"
        case .view: "cannot start \(executable): it cannot have a view of the file system of its own: \(reason)"
        case .executable: "cannot run \(executable): \(reason)"
        }
    }

    private var about: String { subject.isEmpty ? "" : " (\(subject))" }
}
