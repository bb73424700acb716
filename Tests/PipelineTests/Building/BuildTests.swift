// SPDX-License-Identifier: Apache-2.0

import ArtifactStore
import Baton
import Digest
import Foundation
import Operations
import Synchronization
import Testing

@testable import Building
@testable import Sandbox

@Suite(.timeLimit(.minutes(2)))
struct BuildTests {
    @Test("A project runs in the order of its dependencies and hands over everything that it wrote")
    func manifest() async throws {
        let fixture = try ProjectFixture()
        let meter = BuildMeter()
        let manifest = try await fixture.build(meter: meter)
        #expect(manifest.ran == ["prepare", "train", "evaluate", "package"])
        #expect(try fixture.content(of: "model.json", in: manifest) == "HELLO\ndepth 3\n")
        #expect(manifest.artifact.digest == SHA256.hash("HELLO\ndepth 3\n"))
        #expect(manifest.artifact.bytes == 14)
        #expect(manifest.metrics == ["accuracy": 0.95, "more.auc": 0.5])
        #expect(
            manifest.outputs.map(\.path) == [
                "data.txt", "metrics.json", "model.json", "serving", "serving/golden.json", "serving/reference.csv",
            ])
        #expect(manifest.commit == nil)
        #expect(try manifest.outputs.allSatisfy { try fixture.store.contains($0.digest) })
        #expect(meter.reading.cpu > .zero)
        #expect(meter.reading.storedBytes > 40)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: fixture.root).sorted() == ["logs", "project", "store"])
    }

    @Test("A second build runs nothing, stores nothing and gives the same manifest")
    func unchanged() async throws {
        let fixture = try ProjectFixture()
        let first = try await fixture.build()
        let meter = BuildMeter()
        let second = try await fixture.build(meter: meter)
        #expect(second.ran == [])
        #expect(second.outputs == first.outputs)
        #expect(second.lock == first.lock)
        #expect(second.source == first.source)
        #expect(second.stages.map(\.key) == first.stages.map(\.key))
        #expect(meter.reading == BuildMeter.Reading())
    }

    @Test("The same project gives the same bytes in another directory and another store")
    func reproducible() async throws {
        let one = try await ProjectFixture().build()
        let other = try await ProjectFixture().build()
        #expect(one.outputs == other.outputs)
        #expect(one.lock == other.lock)
        #expect(one.source == other.source)
    }

    @Test("A changed parameter runs the stages that depend on it and no others")
    func changedParameter() async throws {
        let fixture = try ProjectFixture()
        let first = try await fixture.build()
        try fixture.change("depth: 3", to: "depth: 4", in: "params.yaml")
        let second = try await fixture.build()
        #expect(second.ran == ["train", "evaluate"])
        #expect(second.artifact.digest != first.artifact.digest)
        try fixture.change("unused", to: "still unused", in: "params.yaml")
        #expect(try await fixture.build().ran == [])
    }

    @Test("A parameter of the request stands in for the project's own")
    func requestedParameter() async throws {
        let fixture = try ProjectFixture()
        let manifest = try await fixture.build(parameters: ["train.depth": .number(9)])
        #expect(try fixture.content(of: "model.json", in: manifest) == "HELLO\ndepth 9\n")
        let plain = try await fixture.build()
        #expect(plain.source == manifest.source)
        let failure = try await fixture.failure(parameters: ["train.dept": .number(9)])
        #expect(failure?.reason == "params.yaml has no parameter \"train.dept\"")
    }

    @Test("A changed input that gives the same output runs no stage after it")
    func earlyCut() async throws {
        let fixture = try ProjectFixture()
        _ = try await fixture.build()
        try fixture.change("hello", to: "Hello", in: "raw.txt")
        #expect(try await fixture.build().ran == ["prepare"])
    }

    @Test("An output whose content left the store is made again")
    func lostObject() async throws {
        let fixture = try ProjectFixture()
        let first = try await fixture.build()
        try FileManager.default.removeItem(atPath: fixture.store.path(for: first.artifact.digest))
        let second = try await fixture.build()
        #expect(second.ran == ["train"])
        #expect(second.artifact == first.artifact)
    }

    @Test(
        "An altered object is put aside, its stage runs again and everybody is told",
        arguments: ["model.json", "serving"])
    func alteredObject(output: String) async throws {
        let fixture = try ProjectFixture()
        let first = try await fixture.build()
        let object = try fixture.store.path(for: first.output(output).digest)
        #expect(chmod(object, 0o644) == 0)
        try Data("forged".utf8).write(to: URL(filePath: object))
        let notices = Mutex<[String]>([])
        let second = try await fixture.build(notice: { notice in notices.withLock { $0.append(notice) } })
        #expect(second.ran == [output == "serving" ? "package" : "train"])
        #expect(second.outputs == first.outputs)
        let digest = try first.output(output).digest
        #expect(notices.withLock { $0 }.contains { $0.contains("runs again: the artifact \(digest) was changed") })
        let kept = try FileManager.default.contentsOfDirectory(atPath: fixture.root + "/store/quarantine")
        #expect(kept.count == 1)
        #expect(try await fixture.build().ran == [])
    }

    @Test("A record of a stage that cannot be read is as if there were none")
    func damagedRecord() async throws {
        let fixture = try ProjectFixture()
        let first = try await fixture.build()
        let key = try #require(first.stages.first { $0.name == "train" }?.key)
        try fixture.store.setRecord(kind: "stage-run", key: key, [])
        #expect(try await fixture.build().ran == ["train"])
    }

    @Test("Another project with the same stages runs its own, and the same one in another workspace does not")
    func projectsApart() async throws {
        let one = try ProjectFixture()
        let pipeline =
            "stages: {train: {cmd: sh train.sh > model.json, outs: [model.json]},\n"
            + "  rest: {cmd: 'mkdir serving; echo {} > metrics.json; cp metrics.json serving/golden.json; "
            + "cp metrics.json serving/reference.csv', outs: [serving, metrics.json]}}\n"
        for name in ["project", "other"] {
            for file in ["relay.yaml", "params.yaml"] {
                try one.write("../\(name)/\(file)", file == "relay.yaml" ? ProjectFixture.release : "")
            }
            try one.write("../\(name)/dvc.yaml", pipeline)
            try one.write("../\(name)/train.sh", "echo model of \(name)")
        }
        let first = try await one.build()
        let second = try await one.build(.init(directory: one.root + "/other"))
        #expect(try one.content(of: "model.json", in: first) == "model of project\n")
        #expect(try one.content(of: "model.json", in: second) == "model of other\n")
        #expect(second.ran == ["train", "rest"])
        #expect(try await one.build(.init(directory: one.root + "/./other")).ran == [])
    }

    @Test("Progress goes from 0 to 1 and never back, and names what runs")
    func progress() async throws {
        let fixture = try ProjectFixture()
        let seen = Mutex<[(Double, String)]>([])
        _ = try await fixture.build(progress: { fraction, note in seen.withLock { $0.append((fraction, note)) } })
        let all = seen.withLock { $0 }
        #expect(all.map(\.0) == all.map(\.0).sorted())
        #expect(all.allSatisfy { (0...1).contains($0.0) })
        #expect(all.contains { $0.1.hasPrefix("running train") })
    }

    @Test("A cancelled build ends what its stage has started")
    func cancellation() async throws {
        let fixture = try ProjectFixture()
        let marker = "\(fixture.root)/started"
        #expect(mkfifo(marker, 0o600) == 0)
        try fixture.change(
            "tr a-z A-Z < raw.txt > data.txt", to: "sleep 1000 & echo $! > \(marker); wait", in: "dvc.yaml")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { _ = try await fixture.build() }
            // Reading the pipe waits until the stage has written to it.
            let line = try await onThreadOfItsOwn {
                try FileHandle(forReadingFrom: URL(filePath: marker)).readToEnd() ?? Data()
            }
            let id = try #require(Int32(String(decoding: line, as: UTF8.self).dropLast()))
            group.cancelAll()
            await #expect(throws: CancellationError.self) { try await group.next() }
            while kill(id, 0) == 0 && !isZombie(id) { sched_yield() }
        }
    }

    private func isZombie(_ id: Int32) -> Bool {
        let status = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8)
        return status?.split(separator: ")").last?.split(separator: " ").first == "Z"
    }
}
