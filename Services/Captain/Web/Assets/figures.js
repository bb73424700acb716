// SPDX-License-Identifier: Apache-2.0

// The six figures, each with its age.

import { byId, write } from "./dom.js";
import { at, attemptText, clock, count, duration, milliseconds, money, percent, title } from "./format.js";

const figure = (name, text) => write(byId("f-" + name), text === undefined || text === null ? "–" : text);
const laneText = summary => summary.lane + " lane" + attemptText(summary.attempt) + " · ";

const renderWhere = (s, ended, ages) => {
  const fraction = s && s.progress ? " · " + percent(s.progress.progress.fraction) : "";
  figure("where", s && (s.duty ? title(s.duty) + fraction : title(s.phase)));
  if (!s) ages.undated("f-where-age", "waiting for a request");
  else if (ended) ages.dated("f-where-age", s.changedAt, null);
  else if (s.progress) ages.dated("f-where-age", s.progress.heardAt, 2, laneText(s));
  else ages.dated("f-where-age", s.assignedAt, 2, laneText(s) + "ordered ");
};

const renderCost = (s, ended, ages) => {
  write(byId("f-cost-label"), ended ? "Cost" : "Cost so far");
  figure("cost", s && s.cost && money(s.cost.total));
  if (s && s.cost) ages.dated("f-cost-age", s.cost.asOf, s.cost.isFinal ? null : 10);
  else ages.undated("f-cost-age", s ? "nothing priced yet" : "");
};

const renderServing = (baton, ages) => {
  const traffic = baton && baton.traffic, watch = baton && baton.watch;
  figure("served", traffic ? count(traffic.predictions) : watch ? count(watch.total.predictions) : null);
  const latency = traffic && traffic.latencyMilliseconds || watch && watch.total.latencyMilliseconds;
  figure("latency", latency && milliseconds(latency.p99));
  if (traffic && traffic.latencyMilliseconds) {
    ages.dated("f-served-age", traffic.asOf, 3, traffic.requestsPerSecond.toFixed(1) + "/s · ");
    ages.dated("f-latency-age", traffic.asOf, 3, "last 10 s · ");
    return;
  }
  const text = watch ? "in the watch until " + clock(at(watch.total.to))
    : traffic ? "none in the last 10 s" : baton ? "none seen" : "";
  ages.undated("f-served-age", text);
  ages.undated("f-latency-age", text);
};

const renderVerdict = (baton, ended, ages) => {
  const watch = baton && baton.watch, element = byId("f-verdict");
  const words = { steady: "✓ steady", drifted: "△ drifted", failing: "✗ failing", unknown: "? unknown" };
  figure("verdict", watch && words[watch.verdict]);
  element.className = watch ? { steady: "ok", failing: "bad" }[watch.verdict] || "warn" : "";
  if (watch) ages.dated("f-verdict-age", watch.total.to, null);
  else ages.undated("f-verdict-age", ended ? "not watched" : baton ? "not watched yet" : "");
};

/** The time since the request, which passes without a word from anybody. */
export const renderElapsed = (baton, hearing) => {
  if (!baton) return figure("elapsed", null);
  const s = baton.summary, end = s.phase === "running" ? hearing.now() : at(s.changedAt);
  return figure("elapsed", duration(Math.max(0, end - at(s.requestedAt)) / 1000));
};

export const renderFigures = (baton, ages, hearing) => {
  const s = baton && baton.summary, ended = s && s.phase !== "running";
  renderWhere(s, ended, ages);
  renderElapsed(baton, hearing);
  if (ended) ages.dated("f-elapsed-age", s.changedAt, null);
  else ages.undated("f-elapsed-age", s ? "since the request" : "");
  renderCost(s, ended, ages);
  renderServing(baton, ages);
  renderVerdict(baton, ended, ages);
};
