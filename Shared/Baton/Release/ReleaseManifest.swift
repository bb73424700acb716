// SPDX-License-Identifier: Apache-2.0

public import Digest

/// Everything that the pipeline locked: what a release is made of. Its files travel by digest.
///
/// A baton carries a summary: the outputs that `relay.yaml` names, and as many stages and metrics as are small.
public struct ReleaseManifest: Codable, Sendable, Equatable {
    /// One file or directory that a stage wrote.
    public struct Output: Codable, Sendable, Equatable {
        /// Relative to the project.
        public var path: String
        public var digest: ContentDigest
        public var bytes: Int64
        public init(path: String, digest: ContentDigest, bytes: Int64) {
            self.path = path
            self.digest = digest
            self.bytes = bytes
        }
    }

    public struct Stage: Codable, Sendable, Equatable {
        public enum Result: String, Codable, Sendable { case ran, unchanged }
        public var name: String
        public var result: Result
        /// User and system time of the stage's processes; zero when it was unchanged.
        public var cpuSeconds: Double
        /// Digest over command, inputs, parameters, declared outputs and environment.
        public var key: ContentDigest
        public init(name: String, result: Result, cpuSeconds: Double, key: ContentDigest) {
            self.name = name
            self.result = result
            self.cpuSeconds = cpuSeconds
            self.key = key
        }
    }

    public var declaration: ReleaseDeclaration
    /// The model file.
    public var artifact: Output
    /// Outputs of the pipeline by path, the model file included: all of them where `whole` is nil.
    public var outputs: [Output]
    /// The metrics file's numbers by dotted name.
    public var metrics: [String: Double]
    public var stages: [Stage]
    /// Digest of the project's files as they were checked out.
    public var source: ContentDigest
    /// The commit, when the project came from git.
    public var commit: String?
    /// Digest of the `dvc.lock` that was written; the file is in the store.
    public var lock: ContentDigest
    /// Where all of it is; nil when this is all of it.
    public var whole: StoredReport?

    public init(
        declaration: ReleaseDeclaration, artifact: Output, outputs: [Output], metrics: [String: Double],
        stages: [Stage],
        source: ContentDigest, commit: String?, lock: ContentDigest
    ) {
        self.declaration = declaration
        self.artifact = artifact
        self.outputs = outputs
        self.metrics = metrics
        self.stages = stages
        self.source = source
        self.commit = commit
        self.lock = lock
    }

    /// The output at a path.
    /// - Throws: `Refusal` when the pipeline wrote no such output.
    public func output(_ path: String) throws(Refusal) -> Output {
        guard let output = outputs.first(where: { $0.path == path }) else {
            throw Refusal("relay.yaml names \(path), which no stage of the pipeline wrote")
        }
        return output
    }
}
