// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import ModelServer

/// The executable itself, as `relay-deploy` starts it.
@Suite("relay-lane", .timeLimit(.minutes(1)))
struct LaneProcessTests {
    struct Ended {
        let code: Int32
        let error: String
    }

    let directory: URL

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "lane-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    func process(_ model: String, _ arguments: [String] = []) -> (Process, Pipe) {
        let process = Process()
        process.executableURL = Bundle.main.executableURL?.deletingLastPathComponent().appending(path: "relay-lane")
        process.arguments = ["--model-file", model, "--model-name", "m", "--model-version", "1"] + arguments
        let error = Pipe()
        process.standardError = error
        return (process, error)
    }

    func runToEnd(_ model: String, _ arguments: [String] = []) throws -> Ended {
        let (process, error) = process(model, arguments)
        try process.run()
        let text = try error.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Ended(code: process.terminationStatus, error: String(decoding: text, as: UTF8.self))
    }

    @Test("ends with one clear line when the model file is missing or no model")
    func badModel() throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        let missing = try runToEnd("/nowhere/model.json")
        #expect(missing.code != 0)
        #expect(missing.error == "Error: cannot read /nowhere/model.json: there is no such file\n")
        let file = directory.appending(path: "model.json")
        try Data(#"{"learner":1}"#.utf8).write(to: file)
        let invalid = try runToEnd(file.path)
        #expect(invalid.code != 0)
        #expect(invalid.error.hasPrefix("Error: cannot serve \(file.path): loading the model: "))
        #expect(invalid.error.split(separator: "\n").count == 1)
    }

    @Test("ends with one clear line when the model file is newer than the library, or has other features")
    func unfitModel() throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        let newer = try runToEnd(Fixture.directory.appending(path: "xgb32_reg.json").path)
        #expect(newer.code == 1)
        #expect(newer.error.contains("loading the model: the file was written by XGBoost 3.2.0"))
        #expect(newer.error.split(separator: "\n").count == 1)
        let names = directory.appending(path: "names.json")
        try Data(#"["f0","f1","f2"]"#.utf8).write(to: names)
        let named = Fixture.directory.appending(path: "named.json").path
        let other = try runToEnd(named, ["--features-file", names.path])
        #expect(other.code == 1)
        #expect(other.error.contains("it has 3 (f1, f0, f2), and input.features are 3 (f0, f1, f2)"))
        try Data("{}".utf8).write(to: names)
        let broken = try runToEnd(named, ["--features-file", names.path])
        #expect(broken.error == "Error: \(names.path) is not a JSON list of names\n")
    }

    @Test("writes its address when ready and ends cleanly on SIGTERM")
    func terminates() async throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        let address = directory.appending(path: "address.json")
        let model = Fixture.directory.appending(path: "binary.ubj").path
        let (process, _) = process(model, ["--address-file", address.path, "--parent-watch"])
        try process.run()
        let found = try await eventually(within: .seconds(30), "the lane's address") {
            try #require(process.isRunning)
            return try? JSONDecoder().decode(LaneAddress.self, from: Data(contentsOf: address))
        }
        #expect(found.host == "127.0.0.1")
        let ready = try await LiveLane(base: "http://127.0.0.1:\(found.port)").get("/v2/health/ready")
        #expect(ready.status == 200)
        let start = ContinuousClock.now
        process.terminate()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(.now - start < .seconds(10))
    }

    @Test("ends when the process that started it is gone")
    func parentGone() async throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        let address = directory.appending(path: "address.json")
        let model = Fixture.directory.appending(path: "binary.ubj").path
        let lane = process(model).0.executableURL!.path
        let shell = Process()
        shell.executableURL = URL(filePath: "/bin/sh")
        // The shell is the lane's parent, and ends as soon as the lane is ready.
        shell.arguments = [
            "-c",
            "'\(lane)' --model-file '\(model)' --model-name m --model-version 1 --parent-watch "
                + "--address-file '\(address.path)' & echo $!; while [ ! -e '\(address.path)' ]; do sleep 0.02; done",
        ]
        let output = Pipe()
        shell.standardOutput = output
        try shell.run()
        // The lane holds the pipe open: its end is the lane's end.
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        shell.waitUntilExit()
        #expect(Int32(String(decoding: text, as: UTF8.self).trimmingCharacters(in: .newlines)) != nil)
        #expect(FileManager.default.fileExists(atPath: address.path), "the lane was ready before its parent ended")
    }
}
