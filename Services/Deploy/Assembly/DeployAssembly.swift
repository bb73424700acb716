// SPDX-License-Identifier: Apache-2.0

import ArtifactStore
import Baton
import DeployRollout
import FoundationEssentials
import Gates
import Kafka
import LegRuntime
import Logging
package import Operations
import Reporting
import RolloutRules
import Routing
import RoutingRules
import ServiceLifecycle
import Serving

/// The composition root of the deploy service.
package enum DeployAssembly {
    /// What the service can be told.
    package static let settings = [RuntimeSettings.exactlyOnce, RuntimeSettings.leg, DeploySettings.settings]

    /// The parts of the process: gates, lanes, router and reports.
    /// - Throws: `ConfigurationError`, `ArtifactStoreError`, or what keeps a client of Kafka from being made.
    package static func assemble(_ context: ProcessContext) throws -> ProcessParts {
        let settings = try DeploySettings(context.configuration)
        try prepare(settings.directory)
        let clock = SystemClock()
        let now: @Sendable () -> Timestamp = { clock.now() }
        let factory = LaneFactory(
            store: try LocalArtifactStore(directory: context.configuration.storeDirectory),
            directory: settings.directory, executable: settings.laneExecutable,
            environment: inheritedEnvironment.merging(TraceDestination.environment(of: context.configuration)) { $1 },
            startTimeout: settings.laneStartTimeout)
        let usage = ServingMeter()
        let producer = try KafkaProducer(context.kafka, logger: context.logger)
        let sink = KafkaSink(producer: producer)
        let signals = LaneSignals(
            sink: sink, topic: context.topics.signals, source: context.eventSource,
            instance: context.configuration.instance, logger: context.logger, now: now)
        let releases = ServedReleases(logger: context.logger, now: now) { record in
            ReleaseLanes(
                record: record, count: record.manifest.declaration.lanes, usage: usage, logger: context.logger,
                changed: signals.tell
            ) { try await factory.specification(for: record.manifest) }
        }
        observe(releases, context.metrics)
        let predictions = PredictionReports(
            usage: usage, sink: sink, topic: context.topics.predictions, source: context.eventSource,
            router: RouterID(instance: context.configuration.instance, startedAt: now()), metrics: context.metrics,
            logger: context.logger)
        let marks = RouterMarks(
            reports: predictions,
            serving: { releases.view.value.serving.values.map { ($0.release.record, $0.since) } },
            logger: context.logger, now: now
        ) { try await producer.send($0, context) }
        let usageReports = UsageReports(
            meter: usage, sink: sink, topic: context.topics.usage, source: context.eventSource,
            instance: context.configuration.instance,
            interval: settings.usageInterval, logger: context.logger, now: now)
        let bound = Watched<RouterAddress?>(nil)
        let drain = RouterDrain(duration: settings.routerDrain)
        let routes = RouterRoutes(
            relay: InferenceRelay(
                releases: releases, budget: settings.budget, metrics: RouterMetrics(context.metrics),
                logger: context.logger), reports: predictions, drain: drain, traces: context.traces, now: now)
        let router = try router(settings, context, routes, RouterGate(releases: releases), bound)
        let worker = try LegWorker(
            context: context,
            work: DeployWork(
                gates: ReleaseGates(factory: factory, logger: context.logger), releases: releases,
                endpoint: { try await endpoint(settings, bound) }, clock: clock),
            topics: context.topics, clock: clock)
        // Services are stopped from the last to the first: new work ends first, then requests, lanes, and reports last.
        return ProcessParts(
            services: [
                sink, marks, predictions, usageReports, releases, follower(context, releases), router, drain,
                RouterReadiness(releases: releases, readiness: context.readiness), worker, drain.beginning,
            ])
    }

    private static func router(
        _ settings: DeploySettings, _ context: ProcessContext, _ routes: RouterRoutes, _ gate: RouterGate,
        _ bound: Watched<RouterAddress?>
    ) throws -> RouterServer {
        let inherited = try ListeningSocket.inherited()
        // Where another router may accept in this one's place, it does while this one has nothing to serve.
        var sharing: RouterServer.Gate?
        if inherited != nil { sharing = { accepts in await gate.run(accepts) } }
        return RouterServer(
            routes: routes,
            socket: {
                if let inherited { return inherited }
                return try await ListeningSocket.bound(
                    host: settings.routerHost, port: settings.routerPort, setting: "RELAY_DEPLOY_ROUTER_PORT")
            },
            gate: sharing,
            hosts: try context.configuration.allowedHosts.and(settings.routerHost),
            limits: try EdgeLimits(context.configuration), metrics: context.metrics, bound: bound,
            logger: context.logger)
    }

    private static func follower(_ context: ProcessContext, _ releases: ServedReleases) -> TopicFollower {
        TopicFollower(context: context, topics: [context.topics.releases], from: .beginning) { records in
            for record in records {
                do {
                    releases.hear(try ReleaseLogItem(record))
                } catch {
                    // Not copied to the dead letters: every instance reads the record again at every start.
                    context.logger.error(
                        "a record of the releases topic is ignored",
                        metadata: ["offset": "\(record.offset)", "reason": "\(error)"])
                }
            }
        } caughtUp: {
            releases.hear(.caughtUp)
        }
    }

    private static func endpoint(_ settings: DeploySettings, _ bound: Watched<RouterAddress?>) async throws -> String {
        if let endpoint = settings.endpoint { return endpoint }
        return try await bound.first { $0 }.url(settings)
    }

    /// Nothing in the directory outlives the process: models are links into the store.
    private static func prepare(_ directory: String) throws {
        if FileManager.default.fileExists(atPath: directory) { try FileManager.default.removeItem(atPath: directory) }
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    /// What a dynamically linked program may need to start; all else stays out of the lanes.
    private static var inheritedEnvironment: [String: String] {
        ProcessInfo.processInfo.environment.filter { ["LD_LIBRARY_PATH", "PATH", "TZ"].contains($0.key) }
    }

    private static func observe(_ releases: ServedReleases, _ metrics: Metrics) {
        metrics.observe("relay_router_models", help: "Models with a live release.") {
            Double(releases.view.read { $0.serving.count })
        }
        metrics.observe("relay_router_lanes_ready", help: "Lanes that take requests.") {
            Double(releases.view.value.serving.values.reduce(0) { $0 + $1.release.roster.value.entries.count })
        }
        metrics.observe("relay_router_requests_outstanding", help: "Requests under way at lanes.") {
            Double(releases.view.value.serving.values.reduce(0) { $0 + $1.release.roster.value.outstanding })
        }
    }
}
