// SPDX-License-Identifier: Apache-2.0

import Baton
import ChildProcess
import Foundation
import Synchronization
import TestSupport

/// A headless Chromium, spoken to over its DevTools protocol: JSON with a NUL behind it, on its descriptors 3 and 4.
///
/// Source: https://chromedevtools.github.io/devtools-protocol/
final class Browser: Sendable {
    /// Where it is installed; nil where it is not.
    static let executable = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    private struct State {
        var lastID = 0
        var answers: [Int: JSONValue] = [:]
        var events: [JSONValue] = []
        var unread = Data()
        var hasEnded = false
    }

    private let socket: FileHandle
    private let state = Mutex(State())

    private init(socket: FileHandle) { self.socket = socket }

    /// Starts one with a profile of its own, and ends it with all that it started.
    static func with(_ body: (Browser) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.path + "/browser-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        var ends: [Int32] = [0, 0]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw NeverHappened(description: "a pair of sockets: errno \(errno)")
        }
        let (ours, theirs) = (FileHandle(fileDescriptor: ends[0], closeOnDealloc: true), ends[1])
        let nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC)
        let options = [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
            "--no-first-run", "--disable-background-networking", "--disable-component-update",
            "--remote-debugging-pipe", "--user-data-dir=\(directory)", "about:blank",
        ]
        let command = Command(
            executable: "/bin/sh", arguments: ["-c", "exec \"$0\" \"$@\" 3<&1 4>&1 1>&2", executable ?? ""] + options,
            environment: TestRelay.environment.merging(["HOME": directory]) { $1 },
            output: .descriptors(standardOutput: theirs, standardError: nowhere))
        let child: ChildProcess
        do {
            child = try await ChildProcess.spawn(command)
        } catch {
            for descriptor in [theirs, nowhere] { close(descriptor) }
            throw error
        }
        for descriptor in [theirs, nowhere] { close(descriptor) }
        let browser = Browser(socket: ours)
        browser.listen()
        do {
            try await body(browser)
        } catch {
            await browser.end(child)
            throw error
        }
        await browser.end(child)
    }

    private func end(_ child: ChildProcess) async {
        socket.readabilityHandler = nil
        await child.terminate(grace: .seconds(2))
    }

    private func listen() {
        socket.readabilityHandler = { [weak self] handle in
            let data = handle.availableData
            if data.isEmpty { handle.readabilityHandler = nil }
            self?.take(data)
        }
    }

    private func take(_ data: Data) {
        state.withLock { state in
            state.hasEnded = data.isEmpty
            state.unread += data
            while let end = state.unread.firstIndex(of: 0) {
                let bytes = Array(state.unread[state.unread.startIndex..<end])
                state.unread.removeSubrange(state.unread.startIndex...end)
                guard let message = try? JSONValue.parse(bytes) else { continue }
                if let id = message["id"]?.int { state.answers[id] = message } else { state.events.append(message) }
            }
        }
    }

    /// What happened so far on a page, in order.
    func events(on session: String) -> [JSONValue] {
        state.withLock { $0.events.filter { $0["sessionId"]?.text == session } }
    }

    /// Asks for something and waits for the answer.
    @discardableResult
    func call(
        _ method: String, _ parameters: [String: JSONValue] = [:], on session: String? = nil
    ) async throws -> JSONValue {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        var message: [String: JSONValue] = [
            "id": .number(.init(id)), "method": .string(method), "params": .object(parameters),
        ]
        if let session { message["sessionId"] = .string(session) }
        try socket.write(contentsOf: Data(JSONValue.object(message).encoded() + [0]))
        let answer = try await eventually(within: .seconds(20), pause: .milliseconds(5), "\(method) of the browser") {
            try state.withLock { state -> JSONValue? in
                if let answer = state.answers.removeValue(forKey: id) { return answer }
                if state.hasEnded { throw NeverHappened(description: "the browser ended before it did \(method)") }
                return nil
            }
        }
        guard let result = answer["result"] else {
            throw NeverHappened(description: "\(method): \(String(decoding: answer.encoded(), as: UTF8.self))")
        }
        return result
    }
}

extension JSONValue {
    subscript(name: String) -> JSONValue? {
        if case .object(let members) = self { members[name] } else { nil }
    }

    var text: String? { if case .string(let text) = self { text } else { nil } }
    var int: Int? { if case .number(let number) = self { number.int } else { nil } }
    var items: [JSONValue] { if case .array(let items) = self { items } else { [] } }
}
