// SPDX-License-Identifier: Apache-2.0

public import ArtifactStore
public import Baton

/// Whole reports in the artifact store, of which batons carry summaries.
///
/// Every call may wait for a disk: make them from a thread that may block.
public struct WholeReports: Sendable {
    /// Records of this kind say which attempt a report is of. Whoever collects the store keeps what they name.
    public static let recordKind = "reports"

    private let store: any ArtifactStore

    /// Reports in a store.
    public init(_ store: any ArtifactStore) { self.store = store }

    /// Stores a whole report.
    /// - Parameter attempt: who made it.
    /// - Returns: what the baton carries of it, with where the whole is.
    /// - Throws: ``ArtifactStoreError/inputOutput(_:path:code:)``.
    public func keep<Part: SummarisedPart>(
        _ part: Part, of attempt: AttemptKey
    ) throws(ArtifactStoreError) -> Part {
        let stored = try store.put(bytes: JSON.encode(part))
        try store.setRecord(kind: Self.recordKind, key: stored.digest, Array(attempt.description.utf8))
        var summary = part
        let leftOut = summary.shorten()
        summary.whole = StoredReport(digest: stored.digest, bytes: Int64(stored.bytes), leftOut: leftOut)
        return summary
    }

    /// The whole report behind a summary; the part itself, when it is no summary.
    /// - Throws: `ArtifactStoreError`, or `Refusal` when it is none of ours.
    public func whole<Part: SummarisedPart>(of part: Part) throws -> Part {
        guard let place = part.whole else { return part }
        return try JSON.decode(Part.self, from: store.contents(of: place.digest))
    }

    /// The output of a release at a path, also one that the baton does not carry.
    /// - Throws: `ArtifactStoreError`, or `Refusal` when the pipeline wrote no such output.
    public func output(_ path: String, of manifest: ReleaseManifest) throws -> ReleaseManifest.Output {
        let isCarried = manifest.outputs.contains { $0.path == path }
        return try (isCarried ? manifest : whole(of: manifest)).output(path)
    }
}
