// SPDX-License-Identifier: Apache-2.0

package import Baton

/// Where events go. Never blocks.
package protocol EventSink: Sendable {
    /// Takes an event.
    /// - Throws: when there is no room, or the way out is gone.
    func enqueue(_ event: CloudEvent, topic: String, key: String) throws
}
