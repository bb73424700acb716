// SPDX-License-Identifier: Apache-2.0

/// A pointer to a client, queue or topic of librdkafka, for any thread.
///
/// Unchecked, since: these three kinds of objects lock themselves, as librdkafka's introduction says of its API ("fully
/// thread-safe"), and the pointer itself never changes. Who holds it sees that the object outlives its use.
struct SharedPointer: @unchecked Sendable {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { self.pointer = pointer }
}
