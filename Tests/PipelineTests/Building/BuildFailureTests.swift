// SPDX-License-Identifier: Apache-2.0

import ArtifactStore
import Baton
import Foundation
import Testing

@testable import Building

@Suite(.timeLimit(.minutes(2)))
struct BuildFailureTests {
    @Test("A stage that fails is named with its exit code, its log and the end of it")
    func failingStage() async throws {
        let fixture = try ProjectFixture()
        try fixture.change("tr a-z A-Z < raw.txt > data.txt", to: "echo no disk >&2; exit 3", in: "dvc.yaml")
        let failure = try #require(try await fixture.failure())
        #expect(
            failure.reason.hasPrefix("stage prepare failed with exit code 3: `echo no disk >&2; exit 3`; its log is "))
        #expect(failure.reason.hasSuffix("\nno disk"))
        #expect(failure.isRetryable == false)
        let log = try String(contentsOfFile: "\(fixture.root)/logs/prepare.log", encoding: .utf8)
        #expect(log == "$ echo no disk >&2; exit 3\nno disk\n")
    }

    @Test(
        "A stage that was killed may be tried again, one that died by a signal of its own not",
        arguments: [
            ("kill -9 $$", "signal 9 (Killed)", true), ("sh -c 'kill -9 $$'; exit $?", "exit code 137", true),
            ("kill -TERM $$", "signal 15 (Terminated)", true),
            ("kill -SEGV $$", "signal 11 (Segmentation fault)", false),
            ("kill -ABRT $$", "signal 6 (Aborted)", false), ("exit 139", "exit code 139", false),
        ])
    func killedStage(command: String, status: String, isRetryable: Bool) async throws {
        let fixture = try ProjectFixture()
        try fixture.change("tr a-z A-Z < raw.txt > data.txt", to: command, in: "dvc.yaml")
        let failure = try #require(try await fixture.failure())
        #expect(failure.reason.hasPrefix("stage prepare failed with \(status)"))
        #expect(failure.isRetryable == isRetryable)
    }

    @Test("An output that is not written is named with its stage")
    func missingOutput() async throws {
        let fixture = try ProjectFixture()
        try fixture.change("> model.json", to: "> wrong.json", in: "dvc.yaml")
        let failure = try #require(try await fixture.failure())
        #expect(failure.reason.hasPrefix("stage train did not write its output model.json; "))
    }

    @Test("An output left over in the project does not stand in for one that is not written")
    func leftOverOutput() async throws {
        let fixture = try ProjectFixture()
        try fixture.write("model.json", "old")
        try fixture.change("> model.json", to: "> wrong.json", in: "dvc.yaml")
        #expect(try await fixture.failure()?.reason.hasPrefix("stage train did not write") == true)
    }

    @Test("An output changed after it was hashed fails the build, with what it was and what it is")
    func changedAfterHashing() async throws {
        let fixture = try ProjectFixture()
        try fixture.change("mkdir serving", to: "mkdir serving; echo changed >> model.json", in: "dvc.yaml")
        try fixture.change(
            "deps: [data.txt]\n    outs: [serving]", to: "deps: [metrics.json]\n    outs: [serving]", in: "dvc.yaml")
        let failure = try #require(try await fixture.failure())
        #expect(
            failure.reason.hasPrefix(
                "model.json was changed after stage train had written it and it was hashed: it was sha256:"))
        #expect(failure.isRetryable == false)
    }

    @Test("An output changed after it was hashed is not read by the stage after it")
    func changedBeforeUse() async throws {
        let fixture = try ProjectFixture()
        try fixture.change(
            "outs: [model.json]",
            to: "outs: [model.json]\n  spoil:\n    cmd: echo x >> data.txt; touch spoilt\n"
                + "    deps: [model.json]\n    outs: [spoilt]", in: "dvc.yaml")
        try fixture.change(
            "deps: [data.txt]\n    outs: [serving]", to: "deps: [data.txt, spoilt]\n    outs: [serving]", in: "dvc.yaml"
        )
        let failure = try #require(try await fixture.failure())
        #expect(failure.reason.hasPrefix("data.txt was changed after it was hashed: it was sha256:"))
        #expect(failure.reason.contains("and stage package finds sha256:"))
    }

    @Test("A stage that writes to its own input fails")
    func changedInput() async throws {
        let fixture = try ProjectFixture()
        try fixture.change("> model.json", to: "> model.json; echo more >> data.txt", in: "dvc.yaml")
        #expect(try await fixture.failure()?.reason == "stage train changed data.txt, which it depends on")
    }

    @Test("A model that the project does not declare is refused by name")
    func unknownModel() async throws {
        let failure = try await ProjectFixture().failure(model: "other")
        #expect(failure?.reason == "the project declares the model \"toy\" in relay.yaml, not \"other\"")
    }

    @Test("A project that is not there is refused by name")
    func missingProject() async throws {
        let fixture = try ProjectFixture()
        try FileManager.default.removeItem(atPath: fixture.project)
        #expect(try await fixture.failure()?.reason == "there is no project directory \(fixture.project)")
    }

    @Test("A missing dvc.yaml or relay.yaml is refused by name", arguments: ["dvc.yaml", "relay.yaml"])
    func missingFile(name: String) async throws {
        let fixture = try ProjectFixture()
        try FileManager.default.removeItem(atPath: "\(fixture.project)/\(name)")
        #expect(try await fixture.failure()?.reason == "\(name) is missing")
    }

    @Test("What relay.yaml names and no stage writes is found before anything runs")
    func namedOutputs() async throws {
        let fixture = try ProjectFixture()
        try fixture.change("artifact: model.json", to: "artifact: models/model.json", in: "relay.yaml")
        try fixture.change("reference: serving/", to: "reference: ", in: "relay.yaml")
        #expect(
            try await fixture.failure()?.reason == "relay.yaml: model.artifact: no stage of dvc.yaml writes "
                + "models/model.json; relay.yaml: watch.reference: no stage of dvc.yaml writes reference.csv")
        #expect(FileManager.default.fileExists(atPath: "\(fixture.root)/logs") == false)
    }

    @Test("A file that relay.yaml names inside an output directory must be written")
    func namedInside() async throws {
        let fixture = try ProjectFixture()
        try fixture.change("> serving/golden.json", to: "> serving/other.json", in: "dvc.yaml")
        let failure = try await fixture.failure()
        #expect(failure?.reason == "relay.yaml: gates.golden.file: no stage wrote serving/golden.json")
    }

    @Test("A dependency that is not there and that no stage writes is found before anything runs")
    func missingDependency() async throws {
        let fixture = try ProjectFixture()
        try fixture.change("deps: [raw.txt]", to: "deps: [raw.csv]", in: "dvc.yaml")
        #expect(
            try await fixture.failure()?.reason
                == "dvc.yaml: stage prepare depends on raw.csv, which is not in the project and which no stage writes")
    }

    @Test("A cycle is named with the stages in it")
    func cycle() async throws {
        let fixture = try ProjectFixture()
        try fixture.change("deps: [raw.txt]", to: "deps: [raw.txt, metrics.json]", in: "dvc.yaml")
        #expect(
            try await fixture.failure()?.reason
                == "dvc.yaml: stages need each other in a cycle: prepare needs evaluate "
                + "needs train needs prepare")
    }

    @Test("An output of two stages is named with both")
    func sharedOutput() async throws {
        let fixture = try ProjectFixture()
        try fixture.change("outs: [serving]", to: "outs: [serving, model.json]", in: "dvc.yaml")
        #expect(
            try await fixture.failure()?.reason
                == "dvc.yaml: the output model.json belongs to two stages, train and package")
    }

    @Test("A parameter that is not in its file is named with its stage")
    func missingParameter() async throws {
        let fixture = try ProjectFixture()
        try fixture.change("params: [train.depth]", to: "params: [train.width]", in: "dvc.yaml")
        #expect(
            try await fixture.failure()?.reason == "stage train: params.yaml has no parameter \"train.width\"")
    }

    @Test("params.yaml that is a link is refused")
    func link() async throws {
        let fixture = try ProjectFixture()
        try FileManager.default.moveItem(
            atPath: fixture.project + "/params.yaml", toPath: fixture.project + "/other.yaml")
        try FileManager.default.createSymbolicLink(
            atPath: fixture.project + "/params.yaml", withDestinationPath: "other.yaml")
        let failure = try await fixture.failure(parameters: ["train.depth": .number(4)])
        #expect(failure?.reason.contains("params.yaml is a symbolic link") == true)
    }
}
