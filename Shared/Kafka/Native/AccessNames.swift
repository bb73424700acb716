// SPDX-License-Identifier: Apache-2.0

internal import CLibrdkafka

extension AccessRule {
    init?(_ native: OpaquePointer) {
        guard let resource = Resource(rd_kafka_AclBinding_restype(native)) else { return nil }
        let code = rd_kafka_AclBinding_operation(native)
        guard let operation = Operation.allCases.first(where: { $0.native == code }) else { return nil }
        let isPrefix = rd_kafka_AclBinding_resource_pattern_type(native) == RD_KAFKA_RESOURCE_PATTERN_PREFIXED
        let isDenied = rd_kafka_AclBinding_permission_type(native) == RD_KAFKA_ACL_PERMISSION_TYPE_DENY
        self.init(
            isDenied ? .deny : .allow, principal: String(cString: rd_kafka_AclBinding_principal(native)),
            from: String(cString: rd_kafka_AclBinding_host(native)), operation, on: resource,
            String(cString: rd_kafka_AclBinding_name(native)), isPrefix ? .prefixed : .literal)
    }
}

extension AccessRule.Resource {
    init?(_ native: rd_kafka_ResourceType_t) {
        switch native {
        case RD_KAFKA_RESOURCE_TOPIC: self = .topic
        case RD_KAFKA_RESOURCE_GROUP: self = .group
        case RD_KAFKA_RESOURCE_BROKER: self = .cluster
        // To librdkafka 2.0.2 all types are unknown that came after these. Of them rules are made for transactional
        // ids; the other two are delegation tokens and the users that have some.
        case RD_KAFKA_RESOURCE_UNKNOWN, Self.transactionalIDType: self = .transactionalID
        default: return nil
        }
    }

    /// As in Kafka's protocol; newer releases of librdkafka have a name for it.
    private static let transactionalIDType = rd_kafka_ResourceType_t(5)

    var native: rd_kafka_ResourceType_t {
        switch self {
        case .topic: RD_KAFKA_RESOURCE_TOPIC
        case .group: RD_KAFKA_RESOURCE_GROUP
        // In rules the protocol means the cluster by this number.
        case .cluster: RD_KAFKA_RESOURCE_BROKER
        case .transactionalID: Self.transactionalIDType
        }
    }
}

extension AccessRule.Pattern {
    var native: rd_kafka_ResourcePatternType_t {
        self == .literal ? RD_KAFKA_RESOURCE_PATTERN_LITERAL : RD_KAFKA_RESOURCE_PATTERN_PREFIXED
    }
}

extension AccessRule.Permission {
    var native: rd_kafka_AclPermissionType_t {
        self == .allow ? RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW : RD_KAFKA_ACL_PERMISSION_TYPE_DENY
    }
}

extension AccessRule.Operation {
    var native: rd_kafka_AclOperation_t {
        switch self {
        case .all: RD_KAFKA_ACL_OPERATION_ALL
        case .read: RD_KAFKA_ACL_OPERATION_READ
        case .write: RD_KAFKA_ACL_OPERATION_WRITE
        case .create: RD_KAFKA_ACL_OPERATION_CREATE
        case .delete: RD_KAFKA_ACL_OPERATION_DELETE
        case .alter: RD_KAFKA_ACL_OPERATION_ALTER
        case .describe: RD_KAFKA_ACL_OPERATION_DESCRIBE
        case .clusterAction: RD_KAFKA_ACL_OPERATION_CLUSTER_ACTION
        case .describeConfigs: RD_KAFKA_ACL_OPERATION_DESCRIBE_CONFIGS
        case .alterConfigs: RD_KAFKA_ACL_OPERATION_ALTER_CONFIGS
        case .idempotentWrite: RD_KAFKA_ACL_OPERATION_IDEMPOTENT_WRITE
        }
    }
}
