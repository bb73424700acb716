// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Answers GET requests from a script: of each path its bodies in turn, and the last one from then on. Stands for a
/// service that says what a test needs it to say.
public final class ScriptedWebServer {
    /// Chosen by the kernel.
    public let port: Int
    private let process = Process()

    private static let program = """
        import http.server, json, sys
        script = json.loads(sys.stdin.readline())
        class Scripted(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                bodies = script.get(self.path)
                if not bodies:
                    return self.send_error(404)
                body = (bodies.pop(0) if len(bodies) > 1 else bodies[0]).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def log_message(self, *_): pass
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Scripted)
        print(server.server_address[1], flush=True)
        server.serve_forever()
        """

    /// - Parameter script: Bodies by path.
    /// - Throws: when Python does not start.
    public init(_ script: [String: [String]]) throws {
        let (input, output) = (Pipe(), Pipe())
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = ["-c", Self.program]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: JSONEncoder().encode(script) + Data("\n".utf8))
        let answer = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard let port = Int(answer.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw CocoaError(.executableLoad)
        }
        self.port = port
    }

    /// Its base URL.
    public var url: String { "http://127.0.0.1:\(port)" }

    public func stop() {
        // It inherits the signals that this process blocks, the gentle ones among them.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}
