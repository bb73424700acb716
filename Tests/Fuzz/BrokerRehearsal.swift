// SPDX-License-Identifier: Apache-2.0

#if DEBUG || TESTABLE

    import NIOCore
    @testable import EmbeddedBroker

    /// Plays a stream of requests to a broker's state and looks at it after each of them.
    final class BrokerRehearsal {
        /// What of a partition must only ever grow, and outlive a restart.
        struct Sight: Equatable {
            var start: Int64
            var stable: Int64
            var highWatermark: Int64
            var end: Int64
        }

        private(set) var behaviour = Behaviour()
        /// False once the broker has said that its storage fails, as it does without file descriptors.
        private(set) var storageIsSound = true
        private var seen: [String: Sight] = [:]
        private var strings: [String] = []
        /// Each request comes on a connection of its own: it may wait, and others come.
        private var connections: UInt64 = 0

        func run(_ input: [UInt8], on broker: Broker) throws {
            var frames = FrameDecoder(limit: 1 << 20)
            frames.receive(ByteBuffer(bytes: input))
            do {
                while let length = try frames.announcedLength(), let frame = frames.next(length: length) {
                    let (header, body) = try RequestFrame.split(frame)
                    guard let request = ServedAPIs.byKey[header.apiKey],
                        request.api.versions.contains(header.apiVersion)
                    else { continue }
                    try serve(request, header, body, on: broker)
                    try look(at: broker)
                }
            } catch let error as WireError {
                behaviour.combine(error.kind)
            } catch is FrameDecoder.InvalidLength {
                behaviour.combine(-1)
            }
        }

        private func serve<Request: Served>(
            _: Request.Type, _ header: RequestHeader, _ body: ByteBuffer, on broker: Broker
        ) throws {
            let flexible = Request.api.isFlexible(header.apiVersion)
            var decoder = WireDecoder(body, version: header.apiVersion, isFlexible: flexible)
            var request: Request = try decoder.message()
            var substitution = Substitution(version: header.apiVersion, strings: strings)
            try request.transfer(through: &substitution)
            request.prepare()
            behaviour.combine(Request.api.key)
            connections += 1
            let context = RequestContext(
                connection: connections, version: header.apiVersion, clientID: header.clientID ?? "", clientHost: "/h",
                advertised: BoundAddress(host: "h", port: 9092))
            let replies = Replies()
            request.serve(on: broker, context: context) { replies.list.append($0) }
            guard replies.list.count <= 1 else { throw Finding("\(Request.api.name) was answered twice") }
            guard let reply = replies.list.first as? Request.Response else {
                let mayWait = [FetchRequest.api.key, JoinGroupRequest.api.key, SyncGroupRequest.api.key]
                guard mayWait.contains(Request.api.key) else { throw Finding("\(Request.api.name) was not answered") }
                return behaviour.combine(-2)
            }
            do {
                _ = try RequestFrame.response(
                    reply, Request.api, version: header.apiVersion, header.correlationID)
            } catch {
                throw Finding("an answer of \(Request.api.name) cannot be encoded: \(error)")
            }
            try learn(reply, version: header.apiVersion)
        }

        private func learn(_ reply: some WireStructure, version: Int16) throws {
            var reply = reply
            var harvest = Harvest(version: version)
            try reply.transfer(through: &harvest)
            for code in harvest.smallNumbers.sorted() { behaviour.combine(code) }
            if harvest.smallNumbers.contains(Int(ErrorCode.storageError.rawValue)) { storageIsSound = false }
            strings = (strings + harvest.strings).suffix(10)
        }

        func sight(of broker: Broker) -> [String: Sight] {
            var sights: [String: Sight] = [:]
            for topic in broker.topics.values {
                for partition in topic.partitions {
                    sights["\(topic.name)-\(partition.id.partition)-\(topic.id.high)-\(topic.id.low)"] = Sight(
                        start: partition.log.logStartOffset, stable: partition.lastStableOffset,
                        highWatermark: partition.highWatermark, end: partition.log.endOffset)
                }
            }
            return sights
        }

        private func look(at broker: Broker) throws {
            let now = sight(of: broker)
            for (name, sight) in now {
                guard sight.start <= sight.highWatermark, sight.stable <= sight.highWatermark,
                    sight.highWatermark <= sight.end, sight.start >= 0
                else { throw Finding("offsets of \(name) contradict each other: \(sight)") }
                guard let before = seen[name] else { continue }
                guard before.start <= sight.start, before.highWatermark <= sight.highWatermark,
                    before.end <= sight.end, before.stable <= sight.stable
                else { throw Finding("offsets of \(name) went back from \(before) to \(sight)") }
            }
            seen = now
        }
    }

    private final class Replies {
        var list: [any WireStructure] = []
    }

    /// Replaces `$0`, `$1`... by what the broker has answered.
    private struct Substitution: WireIO {
        let version: Int16
        let strings: [String]

        mutating func string(_ value: inout String?, nullable: Bool) throws {
            guard let text = value, text.hasPrefix("$"), let index = Int(text.dropFirst()),
                strings.indices.contains(index)
            else { return }
            value = strings[index]
        }

        mutating func array<Element: WireValue>(_ value: inout [Element]?, nullable: Bool) throws {
            for index in value?.indices ?? 0..<0 { try value?[index].transfer(through: &self) }
        }

        mutating func integer<Integer: FixedWidthInteger>(_: inout Integer) throws {}
        mutating func double(_: inout Double) throws {}
        mutating func identifier(_: inout TopicID) throws {}
        mutating func bytes(_: inout [UInt8]?, nullable: Bool) throws {}
        mutating func records(_: inout ByteBuffer?) throws {}
        mutating func endStructure() throws {}
    }

    /// Collects what an answer says: its texts, and the small numbers, which error codes are among.
    private struct Harvest: WireIO {
        let version: Int16
        var strings: [String] = []
        var smallNumbers: Set<Int> = []

        init(version: Int16) { self.version = version }

        mutating func string(_ value: inout String?, nullable: Bool) throws {
            if let value, (1...80).contains(value.utf8.count) { strings.append(value) }
        }

        mutating func integer<Integer: FixedWidthInteger>(_ value: inout Integer) throws {
            if Integer.bitWidth == 16, let number = Int(exactly: value), (-1...120).contains(number) {
                smallNumbers.insert(number)
            }
        }

        mutating func array<Element: WireValue>(_ value: inout [Element]?, nullable: Bool) throws {
            for index in value?.indices ?? 0..<0 { try value?[index].transfer(through: &self) }
        }

        mutating func double(_: inout Double) throws {}
        mutating func identifier(_: inout TopicID) throws {}
        mutating func bytes(_: inout [UInt8]?, nullable: Bool) throws {}
        mutating func records(_: inout ByteBuffer?) throws {}
        mutating func endStructure() throws {}
    }

#endif
