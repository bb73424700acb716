// SPDX-License-Identifier: Apache-2.0

package import Hummingbird
import NIOCore

/// A request to the router, and the connection that it came over.
package struct RouterContext: RequestContext {
    /// What Hummingbird keeps of a request.
    package var coreContext: CoreRequestContextStorage
    let connection: any Channel

    /// The context of a request that has just come.
    package init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        connection = source.channel
    }
}
