// SPDX-License-Identifier: Apache-2.0

import ArtifactStore
import Baton
import Building
import Foundation
import LegRuntime
import Logging
import Operations
import Reports
import Sandbox

/// The pipeline leg's one duty: from a project to a manifest.
///
/// Repeating it is safe: each attempt has a workspace of its own, and what it makes is found by content.
struct BuildWork: LegWork {
    let leg = Leg.pipeline
    let store: any ArtifactStore
    let workspaces: WorkspaceDirectory
    /// The directory with the stages' logs, by baton and attempt.
    let logs: String
    let stageLimit: Int
    let stagePath: StagePath
    let gitCredentialsFile: String?

    static let settings = SettingGroup(
        "Pipeline",
        [stageLimitSetting.declaration, stagePathSetting.declaration, gitCredentialsSetting.declaration])

    private static let stageLimitSetting = Setting<Int>.int(
        "stage-limit", default: 2, in: 1...64,
        "stages of one build that run at once, of those that are declared independent")
    private static let stagePathSetting = Setting<StagePath>(
        "stage-path", scope: .service, form: "absolute directories between colons", default: .system,
        shown: "`\(StagePath.system.text)`",
        "`PATH` of the stages; `relay up` and `relay run` pass on their own to what they start", parse: StagePath.init)
    private static let gitCredentialsSetting = Setting<String?>.text(
        "git-credentials-file", form: "an absolute path",
        "file with what git needs to read private repositories, as its `store` helper has it: one "
            + "`https://user:token@host` a line. Projects whose URLs hold credentials are refused"
    ) { $0.hasPrefix("/") }

    /// - Throws: `ConfigurationError`, `ArtifactStoreError`.
    init(_ configuration: ProcessConfiguration) throws {
        // Messages name the logs' paths to people who are not where this process is.
        let data = URL(filePath: configuration.dataDirectory).standardizedFileURL.path
        stageLimit = try configuration.value(Self.stageLimitSetting)
        stagePath = try configuration.value(Self.stagePathSetting)
        gitCredentialsFile = try configuration.value(Self.gitCredentialsSetting)
        store = try LocalArtifactStore(directory: URL(filePath: configuration.storeDirectory).standardizedFileURL.path)
        workspaces = WorkspaceDirectory(path: data + "/pipeline/workspaces")
        logs = data + "/pipeline/logs"
    }

    func perform(_ assignment: Assignment, _ context: WorkContext) async throws -> Results {
        guard assignment.duty == .build else {
            throw WorkFailure(
                reason: "the pipeline leg has no duty \(assignment.duty.rawValue): captain and pipeline are of "
                    + "different versions", retryable: false)
        }
        let meter = BuildMeter()
        defer {
            let reading = meter.reading
            context.use(.cpuSeconds, reading.cpu.seconds)
            context.use(.storedBytes, Double(reading.storedBytes))
        }
        let place = "\(assignment.baton)-\(assignment.attempt)-\(assignment.lane.rawValue)"
        do {
            let claim = try await onThreadOfItsOwn { try workspaces.claim(place) }
            let build = Build(
                request: assignment.request, store: store, workspaceDirectory: claim.workspace,
                logs: "\(logs)/\(place)", stageLimit: stageLimit, stagePath: stagePath,
                gitCredentialsFile: gitCredentialsFile, meter: meter,
                progress: { context.progress($0, $1) },
                notice: { notice in
                    context.logger.warning("\(notice)")
                    context.journal(notice)
                })
            let manifest = try await withClaim(claim) { try await build.run() }
            context.journal(Self.summary(of: manifest))
            var results = Results()
            results.build = try await onThreadOfItsOwn { [store] in
                try WholeReports(store).keep(manifest, of: assignment.key)
            }
            return results
        } catch let error as ArtifactStoreError {
            throw WorkFailure(reason: "the manifest cannot be kept: \(error)", retryable: true)
        } catch let failure as BuildFailure {
            throw WorkFailure(reason: failure.reason, retryable: failure.isRetryable)
        } catch let failure as WorkspaceFailure {
            throw WorkFailure(reason: failure.description, retryable: true)
        }
    }

    private func withClaim<Value>(
        _ claim: WorkspaceDirectory.Claim, _ body: () async throws -> Value
    ) async throws -> Value {
        let result: Result<Value, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        // Left-overs are swept when the next pipeline process starts.
        try? await onThreadOfItsOwn { claim.release() }
        return try result.get()
    }

    static func summary(of manifest: ReleaseManifest) -> String {
        let ran = manifest.stages.filter { $0.result == .ran }.map(\.name)
        let unchanged = manifest.stages.count - ran.count
        return "built \(manifest.artifact.digest): "
            + (ran.isEmpty
                ? "all \(unchanged) stages unchanged" : "ran \(ran.joined(separator: ", ")), \(unchanged) unchanged")
    }
}
