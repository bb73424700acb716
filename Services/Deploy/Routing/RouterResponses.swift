// SPDX-License-Identifier: Apache-2.0

import Baton
import Digest
import HTTPTypes
import Hummingbird
import NIOCore

extension Response {
    /// The protocol's error body.
    static func refusal(_ status: Int, _ reason: String) -> Response {
        Response(InferenceRelay.Answer.refusal(status, reason), requestID: nil)
    }

    init(_ answer: InferenceRelay.Answer, requestID: String?) {
        var headers: HTTPFields = [.contentType: answer.contentType]
        headers[.retryAfter] = answer.retryAfter
        headers[.relayLane] = answer.lane
        headers[.relayRelease] = answer.release?.manifest.artifact.digest.description
        headers[.relayBaton] = answer.release?.baton.description
        headers[.relayRequest] = requestID
        if answer.endsConnection { headers[.connection] = "close" }
        self.init(status: .init(code: answer.status), headers: headers, body: .init(byteBuffer: answer.body))
    }
}

extension HTTPField.Name {
    // Safe: the literals are valid tokens, so the optional initialisers give names.
    /// The span that the caller says the request belongs to.
    static var traceparent: Self { unsafe .init(TraceContext.name).unsafelyUnwrapped }
    /// The lane that answered.
    static var relayLane: Self { unsafe .init("relay-lane").unsafelyUnwrapped }
    /// Digest of the model file that answered.
    static var relayRelease: Self { unsafe .init("relay-release").unsafelyUnwrapped }
    /// The baton whose release answered.
    static var relayBaton: Self { unsafe .init("relay-baton").unsafelyUnwrapped }
    /// The router's name for the request, for whoever reports the outcome later.
    static var relayRequest: Self { unsafe .init("relay-request").unsafelyUnwrapped }
}
