// SPDX-License-Identifier: Apache-2.0

import Baton
import HTTPTypes

/// The events of one HTTP request.
///
/// Source: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
enum EventBody {
    static let batchType = "application/cloudevents-batch+json"

    /// Reads the body in the mode that its content type and headers say.
    static func read(headers: HTTPFields, body: [UInt8]) throws(IntakeProblem) -> [CloudEvent] {
        let contentType = headers[.contentType] ?? ""
        let hasAttributes = headers.contains { $0.name.canonicalName.hasPrefix(CloudEvent.httpPrefix) }
        do {
            switch MediaType(contentType)?.essence {
            case CloudEvent.structuredType: return [try CloudEvent(structured: body)]
            case batchType: return try CloudEvent.batch(body)
            case "application/json", "text/json": return [try binary(headers, body)]
            case nil where contentType.isEmpty && hasAttributes: return [try binary(headers, body)]
            default: throw IntakeProblem.unsupportedMediaType(contentType)
            }
        } catch let problem as IntakeProblem {
            throw problem
        } catch let refusal as Refusal {
            throw .refused(refusal)
        } catch {
            throw .refused(Refusal("\(error)"))
        }
    }

    private static func binary(_ headers: HTTPFields, _ body: [UInt8]) throws(Refusal) -> CloudEvent {
        try CloudEvent(httpHeaders: headers.map { (name: $0.name.canonicalName, value: $0.value) }, body: body)
    }
}
