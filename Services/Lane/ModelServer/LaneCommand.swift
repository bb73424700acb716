// SPDX-License-Identifier: Apache-2.0

package import ArgumentParser
import FoundationEssentials
import Hummingbird
import Logging
import Operations
import ServiceLifecycle
import UnixSignals
import XGBoost

/// A model server: one XGBoost model behind the Open Inference Protocol V2.
package struct LaneCommand: AsyncParsableCommand {
    /// Its name and what it does.
    package static let configuration = CommandConfiguration(
        commandName: "relay-lane",
        abstract: "Serves one XGBoost model over the Open Inference Protocol V2 (REST).")

    /// For the parser of the command line.
    package init() {}

    @Option(help: "The model, in XGBoost's JSON or UBJSON format.")
    var modelFile: String

    @Option(help: "The name under which the model is served.")
    var modelName: String

    @Option(help: "The version under which the model is served.")
    var modelVersion: String

    @Option(help: "The name of the input tensor; requests with another one are refused.")
    var inputName = ServedModel.inputName

    @Option(help: "A JSON file with the names of the features in order; a model file that names others is refused.")
    var featuresFile: String?

    @Option(help: "The address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "The port to listen on; 0 for any free one.")
    var port = 0

    @Option(help: "A file to write {\"host\",\"port\"} to when ready.")
    var addressFile: String?

    @Option(help: "Requests that may wait or run before more are refused with 503.")
    var queueCapacity = 64

    @Flag(help: "End when the process that started this one ends.")
    var parentWatch = false

    /// Refuses what cannot be listened on.
    package func validate() throws {
        guard (0...65535).contains(port) else { throw ValidationError("--port must be 0 to 65535") }
        guard queueCapacity > 0 else { throw ValidationError("--queue-capacity must be at least 1") }
    }

    /// Serves until it is told to stop.
    package func run() async throws {
        let watch = ParentWatch()
        let model = try load()
        let description = model.description
        let remark = model.booster.remark
        let inference = InferenceThread(booster: model.takeBooster(), capacity: queueCapacity)
        var logger = Logger(label: "relay-lane")
        logger.logLevel = .warning
        if let remark { logger.warning("\(remark)") }
        let (spanMetrics, destination) = (Metrics(), TraceDestination(environment: ProcessInfo.processInfo.environment))
        let traces = destination == nil ? Traces.off : Traces()
        let exporter = try destination?.exporter(
            of: traces, service: "lane", part: "\(ProcessInfo.processInfo.processIdentifier)", metrics: spanMetrics,
            logger: logger)
        let routes = LaneRoutes(model: description, inference: inference, traces: traces, spanMetrics: spanMetrics)
        let server = LaneServer(
            routes: routes, host: host, port: port, logger: logger
        ) { [host, addressFile] port in
            guard let addressFile else { return }
            try LaneAddress(host: host, port: port).write(to: addressFile)
        }
        var services: [ServiceGroupConfiguration.ServiceConfiguration] = [
            .init(service: inference), .init(service: server),
        ]
        // First, and so the last to stop.
        if let exporter { services.insert(.init(service: exporter), at: 0) }
        if parentWatch {
            services.append(.init(service: watch, successTerminationBehavior: .gracefullyShutdownGroup))
        }
        var configuration = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(8)
        try await ServiceGroup(configuration: configuration).run()
    }

    private func load() throws -> LoadedModel {
        let features = try featuresFile.map { path in
            let content = try Self.read(path)
            do {
                return try JSONDecoder().decode([String].self, from: content)
            } catch {
                throw StartFailure(description: "\(path) is not a JSON list of names")
            }
        }
        let bytes = Array(try Self.read(modelFile))
        do {
            return try LoadedModel(
                bytes: bytes, name: modelName, version: modelVersion, inputName: inputName, features: features)
        } catch {
            throw StartFailure(description: "cannot serve \(modelFile): \(error)")
        }
    }

    private static func read(_ path: String) throws(StartFailure) -> Data {
        do {
            return try Data(contentsOf: URL(filePath: path))
        } catch {
            throw StartFailure.file("read", path, error)
        }
    }
}
