// SPDX-License-Identifier: Apache-2.0

import Baton
import Foundation
import ShownText
import Testing

/// Runs the tests of the page's modules in node, and tells them what the suite has that the page must have too.
@Suite("The page's modules")
struct ModuleTests {
    private static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path
    private static let assets = "Services/Captain/Web/Assets"
    private static let modules = "Tests/CaptainTests/Web/Modules"
    private static let node = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        .flatMap { ["\($0)/node", "\($0)/nodejs"] }.first { FileManager.default.isExecutableFile(atPath: $0) }
    private static let files = ((try? FileManager.default.contentsOfDirectory(atPath: "\(package)/\(modules)")) ?? [])
        .filter { $0.hasSuffix(".test.js") }.sorted()

    private struct Told: Encodable {
        let hidden = HiddenCharacters.all.map { [$0.lowerBound, $0.upperBound] }
        let longest = shownTextLimit
        let course = Duty.allCases.map { [$0.rawValue, $0.leg.rawValue] }
        let actions = JournalEntry.Action.allCases.map(\.rawValue)
    }

    @Test("there are tests of modules")
    func found() {
        #expect(Self.files.count > 5)
    }

    @Test("do what they say", .enabled(if: node != nil, "skipped: no node"), arguments: files)
    func passes(file: String) throws {
        // Beside a package that says that these are modules, which older versions of node do not find out.
        let directory = FileManager.default.temporaryDirectory.appending(path: "modules-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        for folder in [Self.assets, Self.modules] {
            let parent = URL(filePath: "\(directory)/\(folder)").deletingLastPathComponent().path
            try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
            try FileManager.default.copyItem(
                atPath: "\(Self.package)/\(folder)", toPath: "\(directory)/\(folder)")
        }
        try #"{"type": "module"}"#.write(toFile: "\(directory)/package.json", atomically: true, encoding: .utf8)
        let process = Process()
        process.executableURL = URL(filePath: try #require(Self.node))
        process.arguments = ["--test", "\(directory)/\(Self.modules)/\(file)"]
        let output = Pipe()
        (process.standardOutput, process.standardError) = (output, output)
        process.environment = ["SUITE": String(decoding: JSON.encode(Told()), as: UTF8.self), "HOME": directory]
        try process.run()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(text)")
        #expect(text.contains("skipped 0"), "\(text)")
    }
}
