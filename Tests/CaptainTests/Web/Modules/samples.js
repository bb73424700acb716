// SPDX-License-Identifier: Apache-2.0

// What a captain might tell.

import { Hearing } from "../../../../Services/Captain/Web/Assets/hearing.js";

export const start = "2026-01-01T10:00:00.000Z";
export const startTime = Date.parse(start);

/** A hearing whose time stands still until it is moved. */
export const stillHearing = () => {
  const time = { ms: startTime };
  const hearing = new Hearing(() => time.ms, () => time.ms);
  hearing.pass = ms => { time.ms += ms; };
  return hearing;
};

const duties = ["admission", "build", "verification", "approval", "rollout", "watch", "closing"];
export const stopsUntil = (duty, lane = "primary", attempt = 1) => duties.map((one, index) => {
  const now = duties.indexOf(duty);
  return index < now ? { duty: one, lane: "primary", attempt: 1, standing: "done" }
    : index === now ? { duty, lane, attempt, standing: "now" } : { duty: one, lane: "primary", standing: "ahead" };
});

/** A baton that is being built. */
export const running = (id = "B1", more = {}) => ({
  summary: { id, model: "iris", requester: "ann", reason: "weekly", phase: "running", duty: "build", leg: "pipeline",
    lane: "primary", attempt: 1, assignedAt: start, traceID: "t1", requestedAt: start, changedAt: start, version: 3,
    takeovers: 0, superseded: 0, ...more.summary },
  state: { id, version: 3 }, track: { stops: stopsUntil("build"), lost: [] }, release: {}, signals: [], journal: [],
  ...Object.fromEntries(Object.entries(more).filter(([key]) => key !== "summary")),
});

export const latency = { p50: 1.2, p90: 2.4, p99: 6.8 };

/** A baton that has crossed the line, with all that can be shown of one. */
export const finished = (id = "B2") => running(id, {
  summary: { phase: "finished", duty: undefined, lane: undefined, attempt: undefined, takeovers: 1, superseded: 2,
    ending: { kind: "finished" }, cost: { total: { micros: 12300, currency: "USD" }, asOf: start, isFinal: true } },
  ending: { phase: "finished", sentence: "finished", isWithdrawing: false },
  track: { stops: stopsUntil("none").map(one => ({ ...one, standing: "done", attempt: 1 })),
    lost: [{ duty: "build", lane: "primary" }] },
  release: { asOf: start,
    gates: [{ name: "accuracy", passed: true, detail: "0.96 is at least 0.93" },
      { name: "golden", passed: false, detail: "1 of 20 differs" }],
    lanes: { endpoint: "http://127.0.0.1:8100", isServing: true, lanes: [{ id: "lane-1", port: 41001 }] },
    artifact: { path: "model/model.json", digest: "sha256:" + "ab".repeat(32),
      metrics: [{ name: "accuracy", value: .96491 }], stages: [{ name: "train", result: "ran" }] } },
  watch: { verdict: "drifted", findings: ["412 predictions in 5.0 s; none failed."],
    total: { from: start, to: start, predictions: 412, requestsPerSecond: 82.4, errorRate: 0,
      latencyMilliseconds: latency },
    drift: [{ name: "radius", index: .3, drifted: true, share: 1.5 },
      { name: "area", index: .05, drifted: false, share: .25 }] },
  signals: [{ name: "drift", level: "warning", text: "radius drifted", at: start }],
  journal: [{ id: "1", baton: id, action: "requested", actor: "ann", at: start },
    { id: "2", baton: id, action: "ended", actor: "captain", reason: "all done", at: start }],
});

/** What watches a live release. */
export const traffic = { since: start, predictions: 1234, failed: 0, requestsPerSecond: 20,
  latencyMilliseconds: latency, asOf: start };
