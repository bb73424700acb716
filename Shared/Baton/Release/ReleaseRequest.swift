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
}
