// SPDX-License-Identifier: Apache-2.0

/// One rule of Kafka's authorizer: who may, or may not, do what with what.
public struct AccessRule: Hashable, Sendable {
    /// What a rule is about; the names are those of Kafka's own tools.
    public enum Resource: String, Sendable, CaseIterable {
        case topic, group, cluster
        case transactionalID = "transactional-id"
    }

    /// Whether the resource's name is meant as it is, or as the beginning of names.
    public enum Pattern: String, Sendable, CaseIterable {
        case literal, prefixed
    }

    /// What is done with the resource.
    public enum Operation: String, Sendable, CaseIterable {
        case all, read, write, create, delete, alter, describe
        case clusterAction = "cluster-action"
        case describeConfigs = "describe-configs"
        case alterConfigs = "alter-configs"
        case idempotentWrite = "idempotent-write"
    }

    /// Whether it is granted or refused; a refusal wins.
    public enum Permission: String, Sendable {
        case allow, deny
    }

    /// What the rule is about.
    public var resource: Resource
    /// The resource's name, or its beginning; `*` literally is every name.
    public var name: String
    /// How the name is meant.
    public var pattern: Pattern
    /// Who, as in `User:captain`.
    public var principal: String
    /// From where; `*` is anywhere.
    public var host: String
    /// What is done.
    public var operation: Operation
    /// Granted or refused.
    public var permission: Permission

    /// Makes a rule.
    public init(
        _ permission: Permission = .allow, principal: String, from host: String = "*", _ operation: Operation,
        on resource: Resource, _ name: String, _ pattern: Pattern
    ) {
        self.resource = resource
        self.name = name
        self.pattern = pattern
        self.principal = principal
        self.host = host
        self.operation = operation
        self.permission = permission
    }
}

/// Looking at and adding rules of the brokers' authorizer.
extension KafkaAdmin {
    /// Learns whether the brokers have an authorizer, and whether it lets this client change rules.
    /// - Throws: `KafkaError` with `securityDisabled` when they have none, with `notAuthorised` when it does not.
    public func checkAuthorizer() async throws {
        try await run("ask for the brokers' authorizer") { try $0.checkAuthorizer($1) }
    }

    /// Whether this librdkafka can add rules about resources of a kind; reading them it always can.
    public static func addsRules(on resource: AccessRule.Resource) -> Bool { ClientHandle.makesRules(on: resource) }

    /// All rules. Those whose operation this library does not know are left out.
    ///
    /// Call `checkAuthorizer()` before: librdkafka 2.0.2 hides a refusal and shows no rules.
    public func accessRules() async throws -> [AccessRule] {
        try await run("list the rules of access") { try $0.accessRules($1) }
    }

    /// Adds rules; one that exists already stays as it is.
    /// - Throws: The first rule's error that could not be added; others may have been.
    public func createAccessRules(_ rules: [AccessRule]) async throws {
        try await run("add rules of access") { try $0.createAccessRules(rules, $1) }
    }
}
