// SPDX-License-Identifier: Apache-2.0

import Baton
import Testing

@testable import DVC
@testable import YAML

/// A project of which only these files are there.
private struct WrittenFiles: ProjectFiles {
    let texts: [String: String]

    func content(of path: String) -> [UInt8]? { texts[path].map { Array($0.utf8) } }
}

@Suite struct PipelineFileTests {
    private func stages(_ pipeline: String, parameters: String = "") throws -> [StageDefinition] {
        try PipelineFile.read(project: WrittenFiles(texts: ["dvc.yaml": pipeline, "params.yaml": parameters]))
    }

    private func problems(_ pipeline: String, parameters: String = "") -> [String] {
        do {
            _ = try stages(pipeline, parameters: parameters)
            return []
        } catch let refusal as Refusal {
            return refusal.problems
        } catch {
            return ["\(error)"]
        }
    }

    private func command(_ template: String, _ parameters: String) throws -> YAMLValue? {
        try stages("stages:\n  s:\n    cmd: \(template)\n", parameters: parameters).first?.command
    }

    @Test("A stage is read with its commands, paths, parameters and flags")
    func whole() throws {
        let stage = try #require(
            try stages(
                """
                stages:
                  train:
                    cmd: [python a.py, python b.py]
                    wdir: sub
                    desc: trains
                    always_changed: true
                    deps: [../data/, code.py]
                    params: [lr, a.b, other.json: [x], {all.yaml: null}]
                    outs: [out/model, big: {cache: false}]
                    metrics: [m.json]
                    plots: [curve.csv: {x: step, y: loss}]
                """
            ).first)
        #expect(stage.commands == ["python a.py", "python b.py"])
        #expect(stage.directory == "sub")
        #expect(stage.isAlwaysChanged)
        #expect(stage.dependencies.map(\.inProject) == ["data", "sub/code.py"])
        #expect(stage.dependencies.map(\.written) == ["../data/", "code.py"])
        #expect(stage.outputs.map(\.inProject) == ["sub/out/model", "sub/big", "sub/m.json", "sub/curve.csv"])
        #expect(stage.parameters.map(\.file.inProject) == ["sub/params.yaml", "sub/other.json", "sub/all.yaml"])
        #expect(stage.parameters.map(\.keys) == [["lr", "a.b"], ["x"], nil])
    }

    @Test("All problems of a file are named at once, each with its place")
    func allProblems() {
        let found = problems(
            """
            stages:
              one:
                cmd: true
                wut: 1
              two:
                cmd: echo ${nope}
                outs: [/abs, ../up, "s3://b/k"]
              three:
                deps: [a, 3]
                frozen: true
                outs: [x: {persist: true, color: red}]
              bad.name: {cmd: ok}
            datasets: []
            extra: 1
            """)
        #expect(
            found == [
                "dvc.yaml: datasets: data outside the project is not supported",
                "dvc.yaml: stages.one.cmd: must be a text or a list of texts",
                "dvc.yaml: stages.one.wut: is not a known key; known are always_changed, cmd, deps, desc, frozen, "
                    + "meta, metrics, outs, params, plots, vars, wdir",
                "dvc.yaml: stages.two.cmd: ${nope} is not defined",
                "dvc.yaml: stages.three.cmd: is missing",
                "dvc.yaml: stages.three.deps[1]: must be a text, not an integer",
                "dvc.yaml: stages.three.outs[0].x.persist: an output that goes on from the run before cannot "
                    + "be made again",
                "dvc.yaml: stages.three.outs[0].x.color: is not a known key; known are cache, checkpoint, desc, "
                    + "labels, meta, persist, push, remote, type",
                "dvc.yaml: stages.three.frozen: a frozen stage cannot be made again from its inputs; thaw it",
                "dvc.yaml: stages.bad.name: a stage's name may hold letters, digits, \"_\" and \"-\" only",
                "dvc.yaml: extra: is not a known key; known are artifacts, datasets, metrics, params, plots, stages, "
                    + "vars",
            ])
    }

    @Test(
        "Paths outside the project are refused",
        arguments: [
            ("/abs", "must be relative to the project"), ("../up", "leads out of the project"),
            ("s3://b/k", "is not in the project"), (".", "the project itself cannot be an output"),
        ])
    func outside(path: String, reason: String) {
        let found = problems("stages: {s: {cmd: x, outs: [\"\(path)\"]}}")
        #expect(found.count == 1)
        #expect(found.first?.contains(reason) == true)
    }

    @Test("Text that is not YAML is refused with the line", arguments: ["stages: {s: [}", "a: 1\na: 2", "a: *nothing"])
    func notYAML(text: String) {
        let found = problems(text)
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("dvc.yaml is not valid YAML: ") == true)
        #expect(found.first?.contains("line") == true)
    }

    @Test("A document whose aliases multiply is refused before it fills the memory")
    func aliasBomb() {
        let levels = (1...20).map {
            "a\($0): &a\($0) [\(Array(repeating: "*a\($0 - 1)", count: 9).joined(separator: ", "))]"
        }
        #expect(
            problems((["a0: &a0 [x]"] + levels).joined(separator: "\n")) == [
                "dvc.yaml: it holds more than 200000 values"
            ])
    }

    @Test("Templates stand for values by path, keep types alone, and can be escaped")
    func templates() throws {
        let parameters = "a: {b: [10, 20.5], t: yes, f: true}\n"
        #expect(try command("run ${a.b[1]} ${ a.b.0 } ${a.f} ${a.t}", parameters) == .text("run 20.5 10 true yes"))
        #expect(try command(#"'echo \${HOME} ${a.f}'"#, parameters) == .text("echo ${HOME} true"))
    }

    // Expected texts as DVC 3.67.1 gives them.
    @Test("A map in a command becomes options")
    func options() throws {
        let parameters = """
            t: {lr: 1e-05, name: it's here, plain: sgd, on: true, off: false, none: null, list: [1, a b], n: {d: 2}}
            """
        #expect(
            try command("run ${t}", parameters)
                == .text(
                    "run --lr 1e-05 --name 'it'\"'\"'s here' --plain sgd --on --none None --list 1 'a b' --n.d 2"))
    }

    @Test("A map or list cannot stand in any other text")
    func composite() {
        let found = problems("stages: {s: {cmd: x, wdir: 'a-${m}'}}", parameters: "m: {a: 1}")
        #expect(found == ["dvc.yaml: stages.s.wdir: ${m} is a map, which cannot stand in a text"])
    }

    @Test("vars add to params.yaml and may not define again")
    func vars() throws {
        let pipeline = """
            vars: [{x: 1, m: {b: 2}}]
            stages:
              s: {cmd: "echo ${x} ${m.a} ${m.b} ${y}", vars: [{y: 3}]}
            """
        #expect(try stages(pipeline, parameters: "m: {a: 0}").first?.command == .text("echo 1 0 2 3"))
        #expect(
            problems("vars: [{m: {a: 1}}]\nstages: {s: {cmd: x}}", parameters: "m: {a: 0}")
                == ["dvc.yaml: vars[0]: m.a is defined already"])
    }

    @Test("foreach makes a stage for each item, named by value, index or key")
    func foreach() throws {
        let pipeline = """
            stages:
              a: {foreach: [1, two], do: {cmd: "echo ${item}"}}
              b: {foreach: [{n: 1}, {n: 2}], do: {cmd: "echo ${item.n}"}}
              c: {foreach: "${models}", do: {cmd: "echo ${key} ${item.lr}"}}
            """
        let found = try stages(pipeline, parameters: "models: {x: {lr: 1}, y: {lr: 2}}")
        #expect(found.map(\.name) == ["a@1", "a@two", "b@0", "b@1", "c@x", "c@y"])
        #expect(found.flatMap(\.commands) == ["echo 1", "echo two", "echo 1", "echo 2", "echo x 1", "echo y 2"])
    }

    @Test("matrix makes a stage for each combination, in the order of the axes")
    func matrix() throws {
        let pipeline = """
            stages:
              two: {matrix: {x: [1, b], y: [{q: 1}]}, cmd: "echo ${item.x} ${item.y.q} ${key}"}
            """
        let found = try stages(pipeline)
        #expect(found.map(\.name) == ["two@1-y0", "two@b-y0"])
        #expect(found.flatMap(\.commands) == ["echo 1 1 1-y0", "echo b 1 b-y0"])
    }
}
