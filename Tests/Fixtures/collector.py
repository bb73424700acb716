#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A collector of traces for tests: takes OTLP over HTTP as JSON, and nothing that is not exactly that.

Writes its port, then one line a span, as JSON: the span with its resource's attributes. What is wrong with a request is
one line that begins with "wrong:". The first request is turned away as by a collector that is busy. With a file of key
and certificate as argument it speaks TLS; with "old" behind it, none newer than 1.1.

Source: https://github.com/open-telemetry/opentelemetry-proto/blob/v1.7.0/opentelemetry/proto/trace/v1/trace.proto,
https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
"""

import http.server
import json
import re
import ssl
import sys

TRACE = re.compile("(?!0{32})[0-9a-f]{32}")
SPAN = re.compile("(?!0{16})[0-9a-f]{16}")
SPAN_MEMBERS = {
    "traceId", "spanId", "parentSpanId", "traceState", "flags", "name", "kind", "startTimeUnixNano", "endTimeUnixNano",
    "attributes", "droppedAttributesCount", "events", "droppedEventsCount", "links", "droppedLinksCount", "status"}


def check(condition, problem):
    if not condition:
        raise ValueError(problem)


def only(value, members, place):
    check(isinstance(value, dict), f"{place} is no object")
    check(set(value) <= set(members), f"{place} has {sorted(set(value) - set(members))}")


def attributes(items, place):
    found = {}
    for item in items:
        only(item, ["key", "value"], place)
        check(item["key"] and item["key"] not in found, f"{place} has {item['key']} twice or without a name")
        (kind, value), = item["value"].items()
        if kind == "intValue":
            check(isinstance(value, str) and re.fullmatch("-?[0-9]+", value), f"{item['key']} is no 64-bit number")
            value = int(value)
        else:
            check(kind == "stringValue" and isinstance(value, str), f"{item['key']} is {kind}")
        found[item["key"]] = value
    return found


def nanoseconds(text):
    check(isinstance(text, str) and re.fullmatch("[1-9][0-9]{18}", text), f"{text!r} is no time in nanoseconds")
    return int(text)


def read_span(span, resource):
    only(span, SPAN_MEMBERS, "a span")
    check(TRACE.fullmatch(span["traceId"]), "traceId")
    check(SPAN.fullmatch(span["spanId"]), "spanId")
    check(SPAN.fullmatch(span.get("parentSpanId", span["spanId"])), "parentSpanId")
    check(span["name"], "a span has no name")
    check(type(span["kind"]) is int and 1 <= span["kind"] <= 5, "kind")
    check(nanoseconds(span["startTimeUnixNano"]) <= nanoseconds(span["endTimeUnixNano"]), "it ends before it starts")
    for link in span.get("links", []):
        only(link, ["traceId", "spanId", "traceState", "attributes", "flags"], "a link")
        check(TRACE.fullmatch(link["traceId"]) and SPAN.fullmatch(link["spanId"]), "a link")
    status = span.get("status", {})
    only(status, ["code", "message"], "a status")
    check(status.get("code", 0) in (0, 1, 2) and (status.get("code") == 2 or "message" not in status), "status")
    return {
        "service": resource["service.name"], "instance": resource["service.instance.id"], "trace": span["traceId"],
        "id": span["spanId"], "parent": span.get("parentSpanId"), "name": span["name"],
        "texts": {key: str(value) for key, value in attributes(span.get("attributes", []), "a span").items()},
        "links": [link["spanId"] for link in span.get("links", [])],
        "failure": status.get("message", "") if status.get("code") == 2 else None}


def read(request):
    only(request, ["resourceSpans"], "the request")
    for resource_spans in request["resourceSpans"]:
        only(resource_spans, ["resource", "scopeSpans", "schemaUrl"], "resourceSpans")
        resource = attributes(resource_spans["resource"]["attributes"], "a resource")
        check(resource["service.version"], "a resource has no version")
        for scope_spans in resource_spans["scopeSpans"]:
            only(scope_spans, ["scope", "spans", "schemaUrl"], "scopeSpans")
            only(scope_spans["scope"], ["name", "version", "attributes"], "a scope")
            check(scope_spans["spans"], "a request without spans")
            for span in scope_spans["spans"]:
                yield read_span(span, resource)


class Collector(http.server.BaseHTTPRequestHandler):
    is_busy = True

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if Collector.is_busy:
            Collector.is_busy = False
            return self.answer(503, retry_after="1")
        try:
            check(self.path == "/v1/traces", f"the path is {self.path}")
            check(self.headers["content-type"] == "application/json", f"it is {self.headers['content-type']}")
            spans = list(read(json.loads(body)))
        except (ValueError, KeyError, TypeError) as problem:
            print(f"wrong: {type(problem).__name__} {problem} in {body.decode(errors='replace')}", flush=True)
            return self.answer(400)
        for span in spans:
            print(json.dumps(span), flush=True)
        self.answer(200)

    def answer(self, status, retry_after=None):
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", "2")
        if retry_after:
            self.send_header("retry-after", retry_after)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):
        pass


server = Server(("127.0.0.1", 0), Collector)
if len(sys.argv) > 1:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(sys.argv[1])
    if sys.argv[2:] == ["old"]:
        tls.set_ciphers("ALL:@SECLEVEL=0")
        tls.minimum_version = ssl.TLSVersion.TLSv1
        tls.maximum_version = ssl.TLSVersion.TLSv1_1
    # The handshake belongs to the thread of its connection: one that fails there leaves the server alone.
    server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
print(server.server_port, flush=True)
server.serve_forever()
