// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Names a client's call that a group has yet to answer.
struct CallID: Hashable, Sendable {
    var value: UInt64
}

/// A member of a group.
struct GroupMember: Equatable {
    var id: String
    var instanceID: String?
    var clientID: String
    var clientHost: String
    var sessionTimeout: TimeAmount
    var rebalanceTimeout: TimeAmount
    var protocols: [GroupProtocol]
    var assignment = Opaque()
    /// When the member counts as dead unless it is heard from or waits for an answer.
    var deadline: NIODeadline
    var joining: CallID?
    var syncing: CallID?

    var isWaiting: Bool { joining != nil || syncing != nil }

    func metadata(for name: String?) -> Opaque {
        protocols.first { $0.name == name }?.metadata ?? Opaque()
    }

    mutating func isHeard(at now: NIODeadline) {
        deadline = now + sessionTimeout
    }
}

/// What the coordinator needs of a JoinGroup request.
struct JoinCall {
    var call: CallID
    var memberID: String
    var instanceID: String?
    var clientID: String
    var clientHost: String
    var sessionTimeout: TimeAmount
    var rebalanceTimeout: TimeAmount
    var protocolType: String
    var protocols: [GroupProtocol]
    /// Whether a client without a member id must come back with the one that it is given.
    var requiresKnownMemberID: Bool
    /// The member id to give out if one is needed.
    var newMemberID: String
    /// As many members, with those who were given an id, a group may have.
    var maximumSize = Int.max
}

/// What the coordinator needs to know whose request it is.
struct MemberClaim {
    var memberID: String
    var instanceID: String?
    var generation: Int32
}

/// The subscription inside a consumer's metadata.
enum ConsumerSubscription {
    /// The topics that a consumer subscribes to; nil when the metadata is not a consumer's.
    static func topics(in metadata: Opaque) -> Set<String>? {
        var bytes = ByteBuffer(bytes: metadata.bytes)
        guard bytes.readInteger(as: Int16.self) != nil, let count = bytes.readInteger(as: Int32.self),
            count >= 0, Int(count) <= bytes.readableBytes
        else { return nil }
        var topics: Set<String> = []
        for _ in 0..<count {
            guard let length = bytes.readInteger(as: Int16.self), length >= 0,
                let topic = bytes.readString(length: Int(length))
            else { return nil }
            topics.insert(topic)
        }
        return topics
    }
}
