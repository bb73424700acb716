// SPDX-License-Identifier: Apache-2.0

/// This broker checks no one's access; what is asked about it is answered as by a Kafka without an authorizer.
private let noAuthorizer = "No authorizer is configured: this broker keeps no access rules"

extension DescribeAclsRequest: Served {
    func serve(on broker: Broker, context: RequestContext, reply: @escaping (DescribeAclsResponse) -> Void) {
        reply(DescribeAclsResponse(error: .securityDisabled, errorMessage: noAuthorizer))
    }
}

extension CreateAclsRequest: Served {
    func serve(on broker: Broker, context: RequestContext, reply: @escaping (CreateAclsResponse) -> Void) {
        let refusal = CreateAclsResponse.Result(error: .securityDisabled, errorMessage: noAuthorizer)
        reply(CreateAclsResponse(results: rules.map { _ in refusal }))
    }
}

extension DeleteAclsRequest: Served {
    func serve(on broker: Broker, context: RequestContext, reply: @escaping (DeleteAclsResponse) -> Void) {
        let refusal = DeleteAclsResponse.Result(error: .securityDisabled, errorMessage: noAuthorizer)
        reply(DeleteAclsResponse(results: filters.map { _ in refusal }))
    }
}
