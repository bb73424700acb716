// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOCore

/// The open connections: who may come, who must go, and what they may hold together.
///
/// Confined to the one event loop that serves connections.
final class ConnectionRegistry {
    enum Line: String {
        case requestRefused = "Request refused, connection closed"
        case connectionRefused = "Connection refused: max.connections or max.connections.per.ip is reached"
        case displaced = "Silent connection closed to make room for a new one: max.connections is reached"
        case overdue = "Connection closed"
        case acceptFailed = "Connections cannot be accepted"
    }

    let limits: ConnectionLimits
    let maxConnections: Int
    let answers: QueuedAnswers
    private let loop: any EventLoop
    private let logger: Logger
    private var handlers: [UInt64: ConnectionHandler] = [:]
    private var perAddress: [String: Int] = [:]
    /// Connections in the order in which they came, without most of those that are gone or have sent a request.
    private var newcomers = CircularBuffer<UInt64>()
    private var memory: RequestMemory
    private var lines = LogThrottle<Line>(interval: .seconds(5))
    private var lastID: UInt64 = 0
    private var sweep: Scheduled<Void>?
    private var isClosing = false

    init(
        limits: ConnectionLimits, maxConnections: Int, answers: QueuedAnswers, loop: any EventLoop, logger: Logger
    ) {
        self.limits = limits
        self.maxConnections = maxConnections
        self.answers = answers
        self.loop = loop
        self.logger = logger
        memory = RequestMemory(limit: limits.queuedMaxRequestBytes)
    }

    var count: Int { handlers.count }

    // MARK: Coming and going

    /// Takes a connection in and returns its number, unique as long as the broker runs; nil when it must be closed.
    func insert(_ handler: ConnectionHandler, address: String) -> UInt64? {
        guard !isClosing else { return nil }
        guard perAddress[address, default: 0] < limits.maxConnectionsPerIP,
            handlers.count < maxConnections || displaceSilent()
        else {
            log(.connectionRefused, ["client": "\(address)", "open": "\(handlers.count)"])
            return nil
        }
        lastID += 1
        handlers[lastID] = handler
        newcomers.append(lastID)
        perAddress[address, default: 0] += 1
        scheduleSweep()
        return lastID
    }

    func remove(_ id: UInt64, address: String) {
        guard handlers.removeValue(forKey: id) != nil else { return }
        if let open = perAddress[address] { perAddress[address] = open > 1 ? open - 1 : nil }
        resume(memory.forget(id))
    }

    /// Closes the oldest connection that has never sent a request, if one has been silent for long enough.
    private func displaceSilent() -> Bool {
        while let first = newcomers.first {
            guard let handler = handlers[first], !handler.hasSentRequest else {
                newcomers.removeFirst()
                continue
            }
            guard loop.now - handler.openSince >= TimeAmount(limits.silenceGrace) else { return false }
            newcomers.removeFirst()
            log(.displaced, ["client": "\(handler.clientHost)"])
            handler.close()
            return handlers.count < maxConnections
        }
        return false
    }

    /// Closes all connections, now and to come.
    func closeAll() -> EventLoopFuture<Void> {
        isClosing = true
        sweep?.cancel()
        return EventLoopFuture.andAllComplete(handlers.values.compactMap { $0.close() }, on: loop)
    }

    // MARK: Memory

    func reserve(_ bytes: Int, for id: UInt64, isItsOnlyOne: Bool) -> Bool {
        memory.reserve(bytes, for: id, isItsOnlyOne: isItsOnlyOne)
    }

    func release(_ bytes: Int) { resume(memory.release(bytes)) }

    private func resume(_ granted: [UInt64]) {
        for id in granted {
            guard let handler = handlers[id] else { continue }
            // Not within the call of the connection that gives back.
            loop.assumeIsolated().execute { handler.memoryGranted() }
        }
    }

    // MARK: Patience

    private func scheduleSweep() {
        guard sweep == nil, !isClosing else { return }
        let shortest = min(limits.connectionsMaxIdle, limits.requestReceiveTimeout, limits.unreadAnswerTimeout)
        let interval = max(.milliseconds(20), min(.seconds(1), shortest / 4))
        sweep = loop.assumeIsolated().scheduleTask(in: TimeAmount(interval)) { [unowned self] in
            sweep = nil
            closeOverdue()
            if !handlers.isEmpty { scheduleSweep() }
        }
    }

    private func closeOverdue() {
        let now = loop.now
        for handler in handlers.values {
            guard let overdue = handler.overdue(now: now, isMemoryExhausted: memory.isExhausted) else { continue }
            log(.overdue, ["client": "\(handler.clientHost)", "reason": "\(overdue)"])
            handler.close()
        }
    }

    // MARK: Log

    /// Writes one line of a kind in five seconds, with the number of those left out.
    func log(_ line: Line, _ metadata: Logger.Metadata) {
        guard let suppressed = lines.admit(line, now: loop.now) else { return }
        var metadata = metadata
        if suppressed > 0 { metadata["not-logged"] = "\(suppressed)" }
        logger.warning("\(line.rawValue)", metadata: metadata)
    }
}
