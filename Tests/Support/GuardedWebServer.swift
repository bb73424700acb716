// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Serves a directory over HTTP to who has the password; Python's server, because git is to meet a stranger's.
public final class GuardedWebServer {
    /// Chosen by the kernel.
    public let port: Int
    private let process = Process()

    private static let program = """
        import base64, functools, http.server, sys
        directory, expected = sys.argv[1], "Basic " + base64.b64encode(sys.stdin.readline().strip().encode()).decode()
        class Guarded(http.server.SimpleHTTPRequestHandler):
            def do_GET(self):
                if self.headers.get("Authorization") == expected:
                    return super().do_GET()
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="git"')
                self.send_header("Content-Length", "0")
                self.end_headers()
            def log_message(self, *_): pass
        server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), functools.partial(Guarded, directory=directory))
        print(server.server_address[1], flush=True)
        server.serve_forever()
        """

    /// - Throws: when Python does not start.
    public init(directory: String, user: String, password: String) throws {
        let (input, output) = (Pipe(), Pipe())
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = ["-c", Self.program, directory]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data("\(user):\(password)\n".utf8))
        let answer = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard let port = Int(answer.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw CocoaError(.executableLoad)
        }
        self.port = port
    }

    public func stop() {
        // It inherits the signals that this process blocks, the gentle ones among them.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}
