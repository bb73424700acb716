// SPDX-License-Identifier: Apache-2.0

internal import CLibrdkafka
import Glibc

/// Requests of `KafkaAdmin` about the cluster itself and its groups. All block and belong on its thread.
extension ClientHandle {
    /// Asks any broker; retries while none can be reached.
    func cluster(_ patience: Patience, _ operation: String) throws -> ClusterDescription {
        while true {
            do {
                return try cluster(within: patience.nextWait, operation)
            } catch let error as KafkaError where error.isRetriable && !patience.isOver {
                context.note(error)
                serveCallbacks(waitingUpTo: .milliseconds(50))
            }
        }
    }

    private func cluster(within timeout: Duration, _ operation: String) throws -> ClusterDescription {
        var metadata: UnsafePointer<rd_kafka_metadata>?
        try check(rd_kafka_metadata(client, 1, nil, &metadata, timeout.wholeMilliseconds), operation)
        defer { rd_kafka_metadata_destroy(metadata) }
        guard let metadata else { return ClusterDescription(brokers: [], controller: nil, topics: []) }
        let brokers = UnsafeBufferPointer(start: metadata.pointee.brokers, count: Int(metadata.pointee.broker_cnt))
        let topics = UnsafeBufferPointer(start: metadata.pointee.topics, count: Int(metadata.pointee.topic_cnt))
        // Known from the metadata that just came: no wait.
        let controller = rd_kafka_controllerid(client, 0)
        return ClusterDescription(
            brokers: brokers.map { .init(id: $0.id, host: String(cString: $0.host), port: Int($0.port)) }
                .sorted { $0.id < $1.id },
            controller: controller < 0 ? nil : controller,
            topics: topics.map(Self.topic).sorted { $0.name < $1.name })
    }

    private static func topic(_ topic: rd_kafka_metadata_topic_t) -> TopicDescription {
        let partitions = UnsafeBufferPointer(start: topic.partitions, count: Int(topic.partition_cnt))
        return TopicDescription(
            name: String(cString: topic.topic), partitions: partitions.map(\.id).sorted(),
            replicationFactor: partitions.map { Int($0.replica_cnt) }.min() ?? 0,
            leaderless: partitions.filter { $0.leader < 0 }.map(\.id).sorted(),
            underReplicated: partitions.filter { $0.isr_cnt < $0.replica_cnt }.map(\.id).sorted())
    }

    func describeGroups(_ names: [String], _ patience: Patience) throws -> [GroupDescription] {
        guard !names.isEmpty else { return [] }
        return try whileCoordinatorSettles(patience, unless: { $0.allSatisfy(\.isAnswered) }) {
            try describedGroups(names, patience)
        }
    }

    private func describedGroups(_ names: [String], _ patience: Patience) throws -> [GroupDescription] {
        let operation = "describe groups"
        let request = try AdminRequest(self, RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS, operation: operation)
        let strings = names.map { strdup($0) }
        defer { for string in strings { free(string) } }
        var pointers = strings.map { $0.map { UnsafePointer($0) } }
        rd_kafka_DescribeConsumerGroups(client, &pointers, pointers.count, request.options, request.queue)
        return try request.result(patience) { event in
            var count = 0
            let groups = rd_kafka_DescribeConsumerGroups_result_groups(
                rd_kafka_event_DescribeConsumerGroups_result(event), &count)
            return UnsafeBufferPointer(start: groups, count: count).compactMap { $0 }.map(Self.group)
        }
    }

    private static func group(_ group: OpaquePointer) -> GroupDescription {
        let name = String(cString: rd_kafka_ConsumerGroupDescription_group_id(group))
        if let error = rd_kafka_ConsumerGroupDescription_error(group),
            rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR_NO_ERROR
        {
            let reason = String(cString: rd_kafka_error_string(error))
            let failure = KafkaError(
                rd_kafka_error_code(error), operation: "describe group \(name)", message: reason)
            return GroupDescription(name: name, state: .unknown, members: [], failure: failure)
        }
        let members = (0..<rd_kafka_ConsumerGroupDescription_member_count(group)).compactMap { index in
            rd_kafka_ConsumerGroupDescription_member(group, index).map(Self.member)
        }
        let state = GroupDescription.State(rd_kafka_ConsumerGroupDescription_state(group))
        return GroupDescription(name: name, state: state, members: members)
    }

    static func metadata(ofGroupWithoutMember group: String) throws -> [UInt8] {
        let operation = "name the group \(group)"
        guard let metadata = rd_kafka_consumer_group_metadata_new(group) else {
            throw KafkaError(code: .other, operation: operation, message: "out of memory")
        }
        defer { rd_kafka_consumer_group_metadata_destroy(metadata) }
        var start: UnsafeMutableRawPointer?
        var size = 0
        if let error = rd_kafka_consumer_group_metadata_write(metadata, &start, &size) {
            throw KafkaError(consuming: error, operation: operation, isTransactional: false)
        }
        defer { rd_kafka_mem_free(nil, start) }
        return Array(UnsafeRawBufferPointer(start: start, count: size))
    }

    private static func member(_ member: OpaquePointer) -> GroupDescription.Member {
        var partitions = 0
        if let assignment = rd_kafka_MemberDescription_assignment(member),
            let list = rd_kafka_MemberAssignment_partitions(assignment)
        {
            partitions = Int(list.pointee.cnt)
        }
        return GroupDescription.Member(
            client: rd_kafka_MemberDescription_client_id(member).map { String(cString: $0) } ?? "",
            host: rd_kafka_MemberDescription_host(member).map { String(cString: $0) } ?? "", partitions: partitions)
    }
}

extension ClientHandle {
    /// How long a coordinator may take to load its groups until its answer counts.
    private static let coordinatorLimit = Duration.seconds(5)

    /// Asks again while a coordinator answers that it is none yet. The first questions after a cluster made
    /// `__consumer_offsets`, or moved a partition of it, are answered so, and librdkafka does not repeat them.
    func whileCoordinatorSettles<Value>(
        _ patience: Patience, unless isSettled: (Value) -> Bool = { _ in true }, _ ask: () throws -> Value
    ) throws -> Value {
        let deadline = ContinuousClock.now + Self.coordinatorLimit
        var mayAsk: Bool { !patience.isOver && ContinuousClock.now < deadline }
        while true {
            do {
                let value = try ask()
                guard !isSettled(value), mayAsk else { return value }
            } catch let error as KafkaError where error.code == .coordinatorUnavailable && mayAsk {
                context.note(error)
            }
            serveCallbacks(waitingUpTo: .milliseconds(50))
        }
    }
}

extension GroupDescription {
    fileprivate var isAnswered: Bool { failure?.code != .coordinatorUnavailable }
}

extension GroupDescription.State {
    fileprivate init(_ state: rd_kafka_consumer_group_state_t) {
        self =
            switch state {
            case RD_KAFKA_CONSUMER_GROUP_STATE_PREPARING_REBALANCE: .preparingRebalance
            case RD_KAFKA_CONSUMER_GROUP_STATE_COMPLETING_REBALANCE: .completingRebalance
            case RD_KAFKA_CONSUMER_GROUP_STATE_STABLE: .stable
            case RD_KAFKA_CONSUMER_GROUP_STATE_DEAD: .dead
            case RD_KAFKA_CONSUMER_GROUP_STATE_EMPTY: .empty
            default: .unknown
            }
    }
}
