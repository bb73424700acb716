// SPDX-License-Identifier: Apache-2.0

/// librdkafka's consumers of the new protocols wait for ever for a broker that does not know them, without a word. From
/// one that refuses them they learn why they get nothing.
extension ConsumerGroupHeartbeatRequest: Served {
    func serve(on broker: Broker, context: RequestContext, reply: @escaping (ConsumerGroupHeartbeatResponse) -> Void) {
        reply(
            ConsumerGroupHeartbeatResponse(
                error: .unsupportedVersion,
                errorMessage: "This broker has no groups of the new protocol (KIP-848): set group.protocol=classic"))
    }
}

extension ShareGroupHeartbeatRequest: Served {
    func serve(on broker: Broker, context: RequestContext, reply: @escaping (ConsumerGroupHeartbeatResponse) -> Void) {
        reply(
            ConsumerGroupHeartbeatResponse(
                error: .unsupportedVersion,
                errorMessage: "This broker has no share groups (KIP-932): use a consumer group"))
    }
}
