// SPDX-License-Identifier: Apache-2.0

extension FindCoordinatorRequest: Served {
    func serve(on broker: Broker, context: RequestContext, reply: @escaping (FindCoordinatorResponse) -> Void) {
        let (host, port) = (context.advertised.host, Int32(context.advertised.port))
        let error: ErrorCode = (0...1).contains(keyType) ? .none : .invalidRequest
        var response = FindCoordinatorResponse(
            error: error, errorMessage: nil, nodeID: Broker.nodeID, host: host, port: port)
        response.coordinators = keys.map { key in
            FindCoordinatorResponse.Coordinator(
                key: key, nodeID: Broker.nodeID, host: host, port: port, error: error, errorMessage: nil)
        }
        reply(response)
    }
}

extension DescribeClusterRequest: Served {
    func serve(on broker: Broker, context: RequestContext, reply: @escaping (DescribeClusterResponse) -> Void) {
        reply(
            DescribeClusterResponse(
                endpointType: endpointType, clusterID: broker.clusterID, controllerID: Broker.nodeID,
                brokers: [
                    DescribeClusterResponse.Node(
                        id: Broker.nodeID, host: context.advertised.host, port: Int32(context.advertised.port))
                ],
                authorizedOperations: includeAuthorizedOperations
                    ? AuthorizedOperations.cluster : MetadataResponse.operationsNotRequested))
    }
}
