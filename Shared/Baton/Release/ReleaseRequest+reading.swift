// SPDX-License-Identifier: Apache-2.0

extension ReleaseRequest {
    /// Reads and checks the event of a request.
    /// - Throws: `Refusal` with all problems, each with its place in the event's JSON form.
    public static func read(_ event: CloudEvent) throws(Refusal) -> ReleaseRequest {
        guard event.type == EventType.releaseRequested else {
            throw Refusal([
                Problem(
                    "the type \"\(event.type)\" is not known here; a release is asked for by "
                        + EventType.releaseRequested, at: .root / "type")
            ])
        }
        let place = JSONPointer.root / "data"
        guard let data = event.data, !data.isEmpty else { throw Refusal([Problem("the event has no data", at: place)]) }
        let value: JSONValue
        do { value = try JSONValue.parse(data) } catch { throw error.below(place) }
        guard case .object(let members) = value else {
            throw Refusal([Problem("the data must be a JSON object, not \(value.kind)", at: place)])
        }
        return try read(JSONMembers(members, at: place))
    }

    private static func read(_ members: JSONMembers) throws(Refusal) -> ReleaseRequest {
        var members = members
        let model = members.text("model", .model, required: true)
        let requester = members.text("requester", .person, required: true)
        let reason = members.text("reason", .reason)
        let parameters = members.object("parameters")
        for (place, number) in Self.largeIntegers(in: .object(parameters ?? [:]), at: ["parameters"]) {
            members.note(
                "\(number) is an integer beyond 64 bits, which the pipeline cannot set: send it as a string", at: place)
        }
        let hasProject = members.has("project")
        let project = members.object("project").map { project in
            var inner = members.inner(project, of: "project")
            defer { members.absorb(inner) }
            return readProject(&inner)
        }
        if !hasProject {
            members.note(
                "project is missing: give {\"directory\": ...} or {\"git\": ..., \"commit\": ...}", at: "project")
        }
        members.finish()
        guard members.problems.isEmpty, let project, let model, let requester else { throw Refusal(members.problems) }
        return ReleaseRequest(
            project: project, model: model, requester: requester, reason: reason,
            parameters: parameters.flatMap { $0.isEmpty ? nil : $0 })
    }

    /// Integers that would not reach the project as they are.
    private static func largeIntegers(in value: JSONValue, at steps: [String]) -> [(JSONPointer, JSONValue.Number)] {
        switch value {
        case .number(let number): number.isInteger && number.int == nil ? [(JSONPointer(steps), number)] : []
        case .array(let items): items.enumerated().flatMap { largeIntegers(in: $1, at: steps + [String($0)]) }
        case .object(let members):
            members.sorted { $0.key < $1.key }.flatMap { largeIntegers(in: $0.value, at: steps + [$0.key]) }
        case .null, .bool, .string: []
        }
    }

    private static func readProject(_ members: inout JSONMembers) -> Project {
        let project = Project(
            directory: members.text("directory", .path), git: members.text("git", .path),
            commit: members.text("commit", .path), path: members.text("path", .path))
        members.finish()
        if let directory = project.directory, !directory.hasPrefix("/") {
            members.note(
                "project.directory must be an absolute path, which begins with /: what is relative depends on where "
                    + "the pipeline service was started", at: "directory")
        }
        if let git = project.git, RepositoryURL(git).holdsCredentials {
            members.note(
                "project.git holds credentials, which everybody who reads the event could read: leave them out, and "
                    + "give them to the pipeline service in RELAY_PIPELINE_GIT_CREDENTIALS_FILE", at: "git")
        }
        switch (members.has("directory"), members.has("git")) {
        case (false, false):
            members.note("project.directory or project.git is missing", at: "directory")
        case (true, true): members.note("project.directory and project.git exclude each other", at: "git")
        case (false, true):
            if !members.has("commit") { members.note("project.commit is missing beside project.git", at: "commit") }
        case (true, false):
            if members.has("commit") { members.note("project.commit goes with project.git only", at: "commit") }
        }
        return project
    }

    /// The members in which another request under the same source and id says something else; nobody means two releases
    /// by one name.
    /// - Parameter parameters: Whether those of `other` are known.
    public func differences(from other: ReleaseRequest, parameters isKnown: Bool = true) -> [String] {
        [
            ("project", project != other.project), ("model", model != other.model),
            ("requester", requester != other.requester), ("reason", reason != other.reason),
            ("parameters", isKnown && (parameters ?? [:]) != (other.parameters ?? [:])),
        ]
        .compactMap { $0.1 ? $0.0 : nil }
    }
}
