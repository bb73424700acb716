// SPDX-License-Identifier: Apache-2.0

internal import CLibrdkafka

/// Requests of `KafkaAdmin` about rules of access. All block and belong on its thread.
extension ClientHandle {
    /// Describing rules would not tell: librdkafka 2.0.2 overlooks the broker's refusal of that request. So rules of a
    /// principal that nobody can have are deleted, which changes nothing and is refused in words.
    func checkAuthorizer(_ patience: Patience) throws {
        let operation = "ask for the brokers' authorizer"
        let request = try AdminRequest(self, RD_KAFKA_ADMIN_OP_DELETEACLS, operation: operation)
        var filters: [OpaquePointer?] = [
            try Self.filter(principal: "User:nobody-\(UInt64.random(in: 0 ... .max))", operation)
        ]
        defer { for filter in filters { rd_kafka_AclBinding_destroy(filter) } }
        rd_kafka_DeleteAcls(client, &filters, filters.count, request.options, request.queue)
        try request.result(patience) { event in
            var count = 0
            let responses = rd_kafka_DeleteAcls_result_responses(rd_kafka_event_DeleteAcls_result(event), &count)
            for response in pointers(responses, count) {
                try check(rd_kafka_DeleteAcls_result_response_error(response), operation)
            }
        }
    }

    func accessRules(_ patience: Patience) throws -> [AccessRule] {
        let operation = "list the rules of access"
        let request = try AdminRequest(self, RD_KAFKA_ADMIN_OP_DESCRIBEACLS, operation: operation)
        let filter = try Self.filter(principal: nil, operation)
        defer { rd_kafka_AclBinding_destroy(filter) }
        rd_kafka_DescribeAcls(client, filter, request.options, request.queue)
        return try request.result(patience) { event in
            var count = 0
            let rules = rd_kafka_DescribeAcls_result_acls(rd_kafka_event_DescribeAcls_result(event), &count)
            return pointers(rules, count).compactMap { AccessRule($0) }
        }
    }

    func createAccessRules(_ rules: [AccessRule], _ patience: Patience) throws {
        guard !rules.isEmpty else { return }
        let operation = "add rules of access"
        let request = try AdminRequest(self, RD_KAFKA_ADMIN_OP_CREATEACLS, operation: operation)
        var bindings: [OpaquePointer?] = []
        defer { for binding in bindings { rd_kafka_AclBinding_destroy(binding) } }
        for rule in rules { bindings.append(try Self.binding(rule, operation)) }
        rd_kafka_CreateAcls(client, &bindings, bindings.count, request.options, request.queue)
        try request.result(patience) { event in
            var count = 0
            let results = rd_kafka_CreateAcls_result_acls(rd_kafka_event_CreateAcls_result(event), &count)
            for (rule, result) in zip(rules, pointers(results, count)) {
                try check(rd_kafka_acl_result_error(result), "let \(rule.principal) \(rule.operation) \(rule.name)")
            }
        }
    }

    private func check(_ error: OpaquePointer?, _ operation: String) throws {
        guard let error else { return }
        throw KafkaError(
            rd_kafka_error_code(error), operation: operation, message: String(cString: rd_kafka_error_string(error)))
    }

    /// Whether rules about resources of this kind can be made: librdkafka 2.0.2 refuses to for transactional ids.
    static func makesRules(on resource: AccessRule.Resource) -> Bool {
        let rule = AccessRule(principal: "User:nobody", .describe, on: resource, "nothing", .literal)
        guard let binding = try? binding(rule, "") else { return false }
        rd_kafka_AclBinding_destroy(binding)
        return true
    }

    private static func binding(_ rule: AccessRule, _ operation: String) throws -> OpaquePointer {
        var reason = [CChar](repeating: 0, count: 256)
        guard
            let binding = rd_kafka_AclBinding_new(
                rule.resource.native, rule.name, rule.pattern.native, rule.principal, rule.host,
                rule.operation.native, rule.permission.native, &reason, reason.count)
        else {
            throw KafkaError(
                code: .invalidConfiguration, operation: operation, message: string(fromBuffer: reason))
        }
        return binding
    }

    private static func filter(principal: String?, _ operation: String) throws -> OpaquePointer {
        var reason = [CChar](repeating: 0, count: 256)
        guard
            let filter = rd_kafka_AclBindingFilter_new(
                RD_KAFKA_RESOURCE_ANY, nil, RD_KAFKA_RESOURCE_PATTERN_ANY, principal, nil, RD_KAFKA_ACL_OPERATION_ANY,
                RD_KAFKA_ACL_PERMISSION_TYPE_ANY, &reason, reason.count)
        else {
            throw KafkaError(
                code: .invalidConfiguration, operation: operation, message: string(fromBuffer: reason))
        }
        return filter
    }
}
