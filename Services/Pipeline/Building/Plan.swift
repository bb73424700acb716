// SPDX-License-Identifier: Apache-2.0

import Baton
import ConfinedFiles
import DVC
import Digest
import RelayFile
import Sandbox

/// The stages that will be run, checked before any of them is.
struct Plan: Sendable {
    let declaration: ReleaseDeclaration
    let graph: StageGraph
    /// The digest of the project's files as they were checked out.
    let source: ContentDigest

    /// Reads the project, puts the request's parameters in, and removes what the pipeline makes, once all is in order.
    /// - Throws: `Refusal` with all problems of the part that was wrong; then nothing was removed.
    init(project: ConfinedDirectory, request: ReleaseRequest) throws {
        declaration = try ReleaseDeclaration.read(project.document("relay.yaml"))
        guard declaration.model.name == request.model else {
            throw Refusal(
                "the project declares the model \"\(declaration.model.name)\" in relay.yaml, not \"\(request.model)\"")
        }
        let original = try PipelineFile.read(project: project)
        source = try SourceDigest.of(project, without: original.flatMap { $0.outputs.map(\.inProject) })
        try Self.set(request.parameters ?? [:], in: project)
        let stages = try PipelineFile.read(project: project)
        graph = try StageGraph(stages)
        let outputs = Set((original + stages).flatMap(\.outputs).map(\.inProject))
        let problems = try outputProblems(outputs, project) + inputProblems(project) + namedOutputProblems(outputs)
        guard problems.isEmpty else { throw Refusal(problems) }
        for path in outputs { try project.remove(path) }
    }

    /// Writes the request's parameters into the project's file.
    private static func set(_ parameters: [String: JSONValue], in project: ConfinedDirectory) throws {
        if parameters.isEmpty { return }
        let file = ParameterChange.file
        guard let kind = try project.kind(file, .refuse) else {
            throw Refusal("the request sets parameters, but the project has no \(file)")
        }
        guard kind != .link else {
            throw Refusal(
                "the request sets parameters, but \(file) is a symbolic link, and who reads the file that it leads to "
                    + "would not see them")
        }
        try project.write(file, ParameterChange.apply(parameters, to: project.text(file)).utf8)
    }

    /// What would be removed and written outside of the project.
    private func outputProblems(_ outputs: Set<String>, _ project: ConfinedDirectory) throws -> [String] {
        try outputs.sorted().flatMap { path in
            try Self.problems { _ = try project.kind(path, .refuse) }.map { "dvc.yaml: the output \($0)" }
        }
    }

    private func inputProblems(_ project: ConfinedDirectory) throws -> [String] {
        let made = graph.stages.flatMap(\.outputs).map(\.inProject)
        return try graph.stages.flatMap { stage in
            try directoryProblems(of: stage, made, project)
                + stage.inputs.filter { input in !made.contains { ProjectPath.overlap($0, input.inProject) } }
                .flatMap { try inputProblems($0, of: stage, project) }
        }
    }

    private func directoryProblems(
        of stage: StageDefinition, _ made: [String], _ project: ConfinedDirectory
    ) throws -> [String] {
        if stage.directory.isEmpty { return [] }
        let place = "dvc.yaml: stages.\(stage.name).wdir:"
        var isThere = false
        let problems = try Self.problems { isThere = try project.kind(stage.directory) == .directory }
        // Outputs are removed before the first stage runs, so a stage cannot run in one.
        let isMade = made.contains { stage.directory == $0 || stage.directory.hasPrefix($0 + "/") }
        if problems.isEmpty && (!isThere || isMade) { return ["\(place) there is no directory \(stage.directory)"] }
        return problems.map { "\(place) \($0)" }
    }

    private func inputProblems(
        _ input: StageDefinition.Path, of stage: StageDefinition, _ project: ConfinedDirectory
    ) throws -> [String] {
        let subject = "dvc.yaml: stage \(stage.name) depends on"
        var problems: [String] = []
        let reached = try Self.problems {
            if try project.kind(input.inProject) == nil {
                problems = ["\(subject) \(input.written), which is not in the project and which no stage writes"]
            } else {
                problems = try LargeFilePointer.found(at: input.inProject, in: project).map {
                    "\(subject) \($0), which is a pointer of Git LFS and not the file: have the project's directory "
                        + "hold the file (`git lfs pull`); from git it cannot be built yet"
                }
            }
        }
        return problems + reached.map { "\(subject) \($0)" }
    }

    private func namedOutputProblems(_ outputs: Set<String>) -> [String] {
        declaration.namedOutputs.filter { named in
            !outputs.contains { named.path == $0 || named.path.hasPrefix($0 + "/") }
        }.map { "relay.yaml: \($0.key): no stage of dvc.yaml writes \($0.path)" }
    }

    /// The problems of a refusal, so that they can be named together with others.
    private static func problems(_ body: () throws -> Void) throws -> [String] {
        do {
            try body()
            return []
        } catch let refusal as Refusal {
            return refusal.problems
        }
    }
}
