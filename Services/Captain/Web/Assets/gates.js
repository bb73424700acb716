// SPDX-License-Identifier: Apache-2.0

// Gates, lanes, and what the release is made of.

import { byId, hint, make } from "./dom.js";
import { at, clock } from "./format.js";

const gateRow = gate => {
  const row = make("div", "gate"), tone = gate.passed ? "ok" : "bad";
  row.append(make("span", tone, gate.passed ? "✓" : "✗"),
    make("b", gate.passed ? "" : "bad", gate.name + (gate.passed ? " passed" : " failed")),
    make("span", "", gate.detail));
  return row;
};

const lanesParts = ({ endpoint, isServing, lanes }) => {
  const row = make("div", "lanes");
  for (const lane of lanes) row.append(make("span", "lane", `${isServing ? "●" : "○"} ${lane.id} :${lane.port}`));
  return [make("p", "sub", `${lanes.length} lanes ${isServing ? "serving" : "withdrawn"}, router at ${endpoint}`), row];
};

const artifactParts = ({ path, digest, metrics, stages, remark }) => {
  const line = make("p", "sub", "Artifact "), parts = [line];
  line.append(make("span", "mono", digest.slice(0, 23) + "…"));
  hint(line, `${path}, ${digest}`);
  const rounded = metrics.map(metric => metric.name + " " + +Number(metric.value).toFixed(4));
  if (rounded.length) parts.push(make("p", "sub", rounded.join(" · ")));
  parts.push(make("p", "sub", "Stages: " + stages.map(stage => `${stage.name} (${stage.result})`).join(", ")));
  if (remark) parts.push(make("p", "sub", remark));
  return parts;
};

export const renderGates = (baton, ages) => {
  const release = baton ? baton.release : {}, parts = [];
  if (release.gates) parts.push(...release.gates.map(gateRow));
  else parts.push(make("p", "none",
    baton ? "No gate has been tried yet." : "Gates are shown once a release is checked."));
  if (release.gatesRemark) parts.push(make("p", "sub", release.gatesRemark));
  if (release.lanes) parts.push(...lanesParts(release.lanes));
  if (release.artifact) parts.push(...artifactParts(release.artifact));
  byId("gates").replaceChildren(...parts);
  ages.undated("gates-age", release.asOf ? "as of " + clock(at(release.asOf)) : "");
};
