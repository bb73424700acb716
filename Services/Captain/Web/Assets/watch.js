// SPDX-License-Identifier: Apache-2.0

// What is seen of the live release: signals, rates, drift.

import { byId, hint, make } from "./dom.js";
import { at, clock, milliseconds, percent } from "./format.js";

const rates = (measured, failed) => {
  const numbers = make("div", "numbers"), latency = measured.latencyMilliseconds;
  for (const [value, label] of [[measured.requestsPerSecond.toFixed(1) + "/s", "requests"],
    [percent(failed), "failed"], [milliseconds(latency.p50), "median"], [milliseconds(latency.p90), "90th pct."]]) {
    const cell = make("div");
    cell.append(make("b", "", value), make("span", "", label));
    numbers.append(cell);
  }
  return numbers;
};

const driftRow = one => {
  const row = make("tr"), meter = make("div", "meter" + (one.drifted ? " over" : "")), bar = make("i");
  // The mark of the bound is at two thirds.
  bar.style.width = Math.min(100, one.share * 66.6) + "%";
  meter.append(bar, make("u"));
  const cell = make("td"), name = make("th", "", one.name);
  cell.append(meter);
  name.scope = "row";
  hint(name, one.name);
  row.append(name, cell, make("td", one.drifted ? "bad" : "", one.index.toFixed(3) + (one.drifted ? " ✗" : "")));
  return row;
};

const driftTable = columns => {
  const table = make("table", "drift");
  table.append(make("caption", "", "Drift against the reference; the mark is the bound"), ...columns.map(driftRow));
  return table;
};

const signalLine = signal => {
  const tone = signal.level === "critical" ? "bad" : "warn", glyph = tone === "bad" ? "✗" : "△";
  return make("p", "signal " + tone, `${glyph} ${signal.text} (${clock(at(signal.at))})`);
};

export const renderWatch = (baton, ages) => {
  const watch = baton && baton.watch, traffic = baton && baton.traffic;
  const isServing = traffic && traffic.latencyMilliseconds;
  const parts = (baton ? baton.signals : []).filter(one => one.level !== "info").map(signalLine);
  if (watch) {
    parts.push(rates(watch.total, watch.total.errorRate), ...watch.findings.map(text => make("p", "sub", text)));
    if (watch.drift.length) parts.push(driftTable(watch.drift));
  } else if (isServing) {
    parts.push(rates(traffic, traffic.failed / Math.max(1, traffic.predictions)),
      make("p", "none", "Drift and the verdict follow at the end of the watch."));
  } else if (!parts.length) parts.push(make("p", "none", baton ? "The release has not been watched yet."
    : "Rate, errors, latency and drift are shown once a release is live."));
  byId("watch").replaceChildren(...parts);
  if (watch) ages.dated("watch-age", watch.total.to, null);
  else if (isServing) ages.dated("watch-age", traffic.asOf, 3);
  else ages.undated("watch-age", "");
};
