// SPDX-License-Identifier: Apache-2.0

package import Baton

/// A record of the watched model as it was read among the predictions.
package struct WatchRecord: Sendable {
    /// Where a record lies.
    package struct Place: Sendable, Equatable {
        let partition: Int32
        let offset: Int64

        /// The place of a record in the topic.
        package init(partition: Int32, offset: Int64) {
            self.partition = partition
            self.offset = offset
        }
    }

    /// What a record says.
    package enum Content: Sendable {
        /// A request was answered.
        case prediction(Prediction)
        /// Somebody says how far it is.
        case mark(RouterMark)
        /// It could not be read, for this reason.
        case unreadable(String)
    }

    let place: Place
    let content: Content

    /// A record at a place.
    package init(place: Place, content: Content) {
        self.place = place
        self.content = content
    }
}
