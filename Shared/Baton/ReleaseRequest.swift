// SPDX-License-Identifier: Apache-2.0

/// What an external system asks for: the data of a `relay.release.requested.v1` event.
public struct ReleaseRequest: Codable, Sendable, Equatable {
    /// Where the project is; exactly one of the two forms.
    public struct Project: Codable, Sendable, Equatable {
        /// A directory that the pipeline service can read.
        public var directory: String?
        /// A git URL; then `commit` is required.
        public var git: String?
        /// A full or abbreviated commit id.
        public var commit: String?
        /// Where the project is inside the repository; its root unless given.
        public var path: String?

        public init(directory: String? = nil, git: String? = nil, commit: String? = nil, path: String? = nil) {
            self.directory = directory
            self.git = git
            self.commit = commit
            self.path = path
        }
    }

    public var project: Project
    /// The model that the project must declare.
    public var model: String
    /// Who asks.
    public var requester: String
    /// Why.
    public var reason: String?
    /// Parameters that replace the project's own: `train.max_depth` to `4`, as a `dvc` parameter path.
    public var parameters: [String: JSONValue]?

    public init(
        project: Project, model: String, requester: String, reason: String? = nil,
        parameters: [String: JSONValue]? = nil
    ) {
        self.project = project
        self.model = model
        self.requester = requester
        self.reason = reason
        self.parameters = parameters
    }

    /// Reads and checks the event of a request.
    /// - Throws: `Refusal` with all problems.
    public static func read(_ event: CloudEvent) throws(Refusal) -> ReleaseRequest {
        guard event.type == EventType.releaseRequested else {
            throw Refusal(
                "the type \"\(event.type)\" is not known here; a release is asked for by \(EventType.releaseRequested)"
            )
        }
        guard let data = event.data, !data.isEmpty else { throw Refusal("the event has no data") }
        guard case .object(let members) = try JSONValue.parse(data) else {
            throw Refusal("the data must be a JSON object")
        }
        let problems = check(members)
        guard problems.isEmpty else { throw Refusal(problems) }
        return try JSON.decode(ReleaseRequest.self, from: data)
    }

    private static func check(_ members: [String: JSONValue]) -> [String] {
        var problems = unknown(members, ["project", "model", "requester", "reason", "parameters"], in: "")
        for name in ["model", "requester"] { problems += text(members[name], name, required: true) }
        problems += text(members["reason"], "reason", required: false)
        if let parameters = members["parameters"] {
            if case .object = parameters {} else { problems.append("parameters must be an object") }
        }
        guard case .object(let project)? = members["project"] else {
            return problems + ["project is missing: give {\"directory\": ...} or {\"git\": ..., \"commit\": ...}"]
        }
        problems += unknown(project, ["directory", "git", "commit", "path"], in: "project.")
        for name in ["directory", "git", "commit", "path"] {
            problems += text(project[name], "project." + name, required: false)
        }
        if case .string(let url)? = project["git"], RepositoryURL(url).holdsCredentials {
            problems.append(
                "project.git holds credentials, which everybody who reads the event could read: leave them out, and "
                    + "give them to the pipeline service in RELAY_PIPELINE_GIT_CREDENTIALS_FILE")
        }
        switch (project["directory"], project["git"]) {
        case (nil, nil): problems.append("project.directory or project.git is missing")
        case (.some, .some): problems.append("project.directory and project.git exclude each other")
        case (nil, .some):
            if project["commit"] == nil { problems.append("project.commit is missing beside project.git") }
        case (.some, nil): if project["commit"] != nil { problems.append("project.commit goes with project.git only") }
        }
        return problems
    }

    private static func unknown(_ members: [String: JSONValue], _ known: Set<String>, in path: String) -> [String] {
        members.keys.filter { !known.contains($0) }.sorted().map { "\(path)\($0) is not a known member" }
    }

    private static func text(_ value: JSONValue?, _ name: String, required: Bool) -> [String] {
        switch value {
        case nil, .null?: required ? ["\(name) is missing"] : []
        case .string(let text)?: text.isEmpty ? ["\(name) is empty"] : []
        default: ["\(name) must be a string"]
        }
    }
}
