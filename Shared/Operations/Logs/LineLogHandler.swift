// SPDX-License-Identifier: Apache-2.0

import Foundation
public import Logging

/// Writes one line an event to a sink.
public struct LineLogHandler: LogHandler {
    /// The least severe level that is written.
    public var logLevel: Logger.Level
    /// Added to every line.
    public var metadata: Logger.Metadata = [:]
    /// Adds values of the current task.
    public var metadataProvider: Logger.MetadataProvider?

    private let service: String
    private let instance: String
    private let format: ProcessConfiguration.LogFormat
    private let write: @Sendable (String) -> Void

    /// - Parameters:
    ///   - configuration: Names the process, the level and the format.
    ///   - write: Takes a line without its end.
    public init(
        _ configuration: ProcessConfiguration, write: @escaping @Sendable (String) -> Void = StandardErrorLines.write
    ) {
        logLevel = configuration.logLevel
        service = configuration.service
        instance = configuration.instance
        format = configuration.logFormat
        self.write = write
    }

    /// A value that every line carries.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes an event.
    public func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
        if let own = event.metadata { all.merge(own) { $1 } }
        if let error = event.error { all["error"] = "\(error)" }
        let line = LogLine(
            at: Date(), level: event.level, service: service, instance: instance, message: "\(event.message)",
            metadata: all)
        write(format == .json ? line.json : line.text)
    }
}
