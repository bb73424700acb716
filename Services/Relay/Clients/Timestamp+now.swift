// SPDX-License-Identifier: Apache-2.0

package import Baton
import Foundation

extension Timestamp {
    /// This machine's clock.
    package static var now: Timestamp { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }
}
