// SPDX-License-Identifier: Apache-2.0

import Baton
import Foundation

/// The events of one HTTP request.
///
/// Source: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
enum EventBody {
    /// Reads the body in the mode that its content type and headers say.
    /// - Parameters:
    ///   - headers: by lower-case name.
    ///   - body: as received.
    static func read(headers: [String: String], body: [UInt8]) throws(IntakeProblem) -> [CloudEvent] {
        let contentType = headers["content-type"] ?? ""
        let mediaType = contentType.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased()
        do {
            switch mediaType {
            case "application/cloudevents+json":
                return [try CloudEvent(structured: body)]
            case "application/cloudevents-batch+json":
                let events = try CloudEvent.batch(body)
                if events.isEmpty { throw Refusal("the batch is empty") }
                return events
            case "application/json", "text/json":
                return [try binary(headers, body)]
            case "" where headers["ce-specversion"] != nil:
                return [try binary(headers, body)]
            default:
                throw IntakeProblem.unsupportedMediaType(contentType)
            }
        } catch let problem as IntakeProblem {
            throw problem
        } catch let refusal as Refusal {
            throw .refused(refusal.problems)
        } catch {
            throw .refused(["\(error)"])
        }
    }

    /// Header values are percent-encoded in the HTTP binding; one that is not is taken as it is.
    private static func binary(_ headers: [String: String], _ body: [UInt8]) throws(Refusal) -> CloudEvent {
        var plain: [String: String] = [:]
        for (name, value) in headers {
            plain[name] = name.hasPrefix("ce-") ? value.removingPercentEncoding ?? value : value
        }
        return try CloudEvent(binary: plain, prefix: "ce-", data: body)
    }
}
