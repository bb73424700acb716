// SPDX-License-Identifier: Apache-2.0

/// What a client may do with a resource, as bits numbered by the protocol's operations.
///
/// This broker checks no one's access, so a client that asks is told of every operation that the resource knows.
enum AuthorizedOperations {
    private static let read: Int32 = 1 << 3
    private static let write: Int32 = 1 << 4
    private static let create: Int32 = 1 << 5
    private static let delete: Int32 = 1 << 6
    private static let alter: Int32 = 1 << 7
    private static let describe: Int32 = 1 << 8
    private static let clusterAction: Int32 = 1 << 9
    private static let describeConfigs: Int32 = 1 << 10
    private static let alterConfigs: Int32 = 1 << 11
    private static let idempotentWrite: Int32 = 1 << 12

    static let topic = read | write | create | delete | alter | describe | describeConfigs | alterConfigs
    static let group = read | delete | describe
    static let cluster =
        create | alter | describe | clusterAction | describeConfigs | alterConfigs | idempotentWrite
}
