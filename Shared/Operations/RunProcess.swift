// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import ServiceLifecycle
import UnixSignals

/// Exit codes, as in sysexits(3).
public enum ExitCode {
    /// Stopped as asked.
    public static let success: Int32 = 0
    /// A service failed; a supervisor should start the process again.
    public static let failure: Int32 = 1
    /// The configuration is wrong; starting again will not help.
    public static let usage: Int32 = 64
}

/// Runs one process: reads the configuration, sets up logs, serves HTTP, runs the services until SIGTERM or SIGINT,
/// then drains within 10 s. Ends the process; a failure is told in one log line that says what to do.
/// - Parameters:
///   - service: The service's name, as in `pipeline`.
///   - settings: What it reads besides what all processes read.
///   - build: Makes the parts of the process. It must not wait for other processes.
public func runProcess(
    service: String, settings: [SettingGroup], _ build: @Sendable (ProcessContext) async throws -> ProcessParts
) async -> Never {
    StandardStreams.occupy()
    answerQuestions(SettingReference(service: service, groups: [ProcessConfiguration.settings] + settings))
    let configuration: ProcessConfiguration
    do {
        configuration = try ProcessConfiguration.load(service: service, settings: settings)
    } catch {
        StandardErrorLines.write("\(service): \(error.reason); \(error.remedy)")
        exit(ExitCode.usage)
    }
    LoggingSystem.bootstrap { _ in LineLogHandler(configuration) }
    let context = ProcessContext(
        configuration: configuration, logger: Logger(label: service),
        traces: configuration.tracesEndpoint == nil ? .off : Traces())
    context.metrics.observeProcess()
    context.metrics.observe("relay_ready", help: "1 when every part of the process is ready, else 0.") {
        [readiness = context.readiness] in readiness.isReady ? 1 : 0
    }
    do {
        try await serve(context, build)
    } catch {
        let (reason, remedy, code) = diagnose(error)
        context.logger.critical("\(service) ends: \(reason)", metadata: ["remedy": "\(remedy)"])
        end(code)
    }
    context.logger.info("stopped")
    end(ExitCode.success)
}

/// Ends the process without the handlers of `exit`: libraries' threads may still run, and a handler that waits for one
/// of them waits for ever. Nothing is left to be written.
private func end(_ code: Int32) -> Never { _exit(code) }

/// Answers `--help` and `--version`, and ends; returns when neither is asked.
private func answerQuestions(_ reference: SettingReference) {
    let answer: String
    switch CommandLine.arguments.dropFirst().first {
    case "--help", "-h": answer = reference.plain
    case "--help=markdown": answer = reference.markdown
    case "--version": answer = SuiteVersion.current + "\n"
    default: return
    }
    do {
        try StandardOutput.write(answer)
    } catch {
        if error.isClosedPipe { exit(StandardStreams.closedPipeExitCode) }
        StandardErrorLines.write("\(reference.service): \(error.reason); \(error.remedy)")
        exit(ExitCode.failure)
    }
    exit(ExitCode.success)
}

private func serve(
    _ context: ProcessContext, _ build: @Sendable (ProcessContext) async throws -> ProcessParts
) async throws {
    let parts = try await build(context)
    var quiet = context.logger
    quiet.logLevel = max(.warning, quiet.logLevel)
    let deadline = ShutdownDeadline(limit: .seconds(10), logger: context.logger, readiness: context.readiness)
    // First, and so the last to stop: what the others do until then is exported too.
    let exporter = try TraceExporter(context).map { [$0 as any Service] } ?? []
    let services: [any Service] =
        exporter + [OperationsServer(context: context, routes: parts.routes)] + parts.services + [deadline]
    let group = ServiceGroup(
        configuration: ServiceGroupConfiguration(
            services: services.map { .init(service: $0, serviceName: "\(type(of: $0))") },
            gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet))
    context.logger.info("started", metadata: ["pid": "\(ProcessInfo.processInfo.processIdentifier)"])
    try await group.run()
}

/// What was wrong, what to do, and the exit code.
func diagnose(_ error: any Error) -> (reason: String, remedy: String, code: Int32) {
    switch error {
    case let error as ConfigurationError: (error.reason, error.remedy, ExitCode.usage)
    case let error as any DiagnosedError: (error.reason, error.remedy, ExitCode.failure)
    default:
        (
            inPlainWords(error), "start it again; if that does not help, the lines before this one tell more",
            ExitCode.failure
        )
    }
}

/// Ends the process when the other services do not stop in time. Last in the group, so that it hears of the shutdown
/// first.
private struct ShutdownDeadline: Service {
    let limit: Duration
    let logger: Logger
    let readiness: Readiness

    func run() async throws {
        try await withGracefulShutdownHandler {
            try await gracefulShutdown()
        } onGracefulShutdown: {
            readiness.set(false, for: "process", reason: "shutting down")
            logger.info("shutting down")
            // A thread of its own: what hangs may be the pool that tasks run on.
            let seconds = limit.components.seconds
            Thread.detachNewThread { [logger] in
                Thread.sleep(forTimeInterval: Double(seconds))
                logger.critical(
                    "not stopped \(seconds) s after the signal: ends now", metadata: ["remedy": "start it again"])
                _exit(ExitCode.failure)
            }
        }
    }
}
