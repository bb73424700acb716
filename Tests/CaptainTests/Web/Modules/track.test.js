// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { test } from "node:test";
import { course, legOf, runners } from "../../../../Services/Captain/Web/Assets/course.js";
import { planFor } from "../../../../Services/Captain/Web/Assets/plan.js";
import { renderTrack } from "../../../../Services/Captain/Web/Assets/track.js";
import { newPage } from "./fake-document.js";
import { finished, running, start, startTime, stillHearing, stopsUntil } from "./samples.js";

const told = process.env.SUITE ? JSON.parse(process.env.SUITE) : null;

const drawn = (baton, width = 1000, hearing = stillHearing()) => {
  const { track } = newPage();
  track.clientWidth = width;
  hearing.heard();
  renderTrack(baton, hearing);
  return track;
};
const texts = track => track.querySelectorAll("text").map(one => one.textContent);

test("the course is the one that the race has", { skip: told ? false : "make test tells the course" }, () => {
  assert.deepEqual(course.map(duty => [duty, legOf[duty]]), told.course);
  assert.deepEqual([...new Set(Object.values(legOf))].sort(), runners.filter(name => name !== "captain").sort());
});

test("wherever it is drawn, everything is within the track", () => {
  for (const width of [240, 296, 366, 699, 700, 834, 1000, 1400]) {
    const plan = planFor(width), [along, across] = plan.tall ? [plan.height, plan.width] : [plan.width, plan.height];
    assert.ok(plan.start > 0 && plan.finish < along, `${width}`);
    for (const name of runners) assert.ok(plan.across(name) > 0 && plan.across(name) < across, `${name} at ${width}`);
    assert.ok(plan.width <= Math.max(width, 240));
  }
});

test("a narrow track runs from top to bottom, a wide one from left to right", () => {
  assert.ok(drawn(running(), 366).classList.contains("tall"));
  assert.ok(!drawn(running(), 1000).classList.contains("tall"));
});

test("without a baton the course is drawn and says that it is empty", () => {
  const track = drawn(null);
  assert.match(track.getAttribute("aria-label"), /empty/);
  assert.deepEqual(texts(track).slice(5), ["Request", "Admission", "Build", "Verification", "Approval", "Rollout",
    "Watch", "Closing", "Finish"]);
});

test("a stop is drawn as done, failed, under way or ahead", () => {
  const stops = stopsUntil("build");
  stops[0].standing = "failed";
  const track = drawn(running("B", { track: { stops, lost: [] } }));
  const station = name => track.having("station").find(one => one.textContent === name).className;
  assert.equal(station("Admission"), "station failed");
  assert.equal(station("Build"), "station active");
  assert.equal(station("Closing"), "station");
  assert.ok(texts(track).includes("✗"));
});

test("the lane that took over is named, and the one that was given up ends in a cross", () => {
  const track = drawn(running("B", {
    track: { stops: stopsUntil("build", "fallback", 2), lost: [{ duty: "build", lane: "primary" }] } }));
  assert.ok(texts(track).includes("fallback"));
  assert.match(track.having("lost").find(one => one.name === "path").attributes.d, /l8 8m0 -8l-8 8$/);
  assert.ok(texts(drawn(running("B", { track: { stops: stopsUntil("build", "primary", 3), lost: [] } })))
    .includes("attempt 3"));
});

test("the baton stands where the work is, and looks unheard when nothing was heard of it for two seconds", () => {
  const progress = heardAt => ({ progress: { progress: { fraction: .5, note: "training" }, heardAt } });
  const soon = drawn(running("B", { summary: progress(start) }));
  assert.ok(texts(soon).includes("training"));
  const half = soon.having("baton")[0];
  assert.equal(half.className, "baton");
  const plan = planFor(1000);
  assert.equal(half.style.transform, `translate(${plan.of("build")}px, ${plan.level("build", "primary")}px)`);
  const early = new Date(startTime - 2000).toISOString();
  assert.equal(drawn(running("B", { summary: progress(early) })).having("baton")[0].className, "baton still unheard");
});

test("a baton that has ended stands at the finish, as what it became", () => {
  const track = drawn(finished());
  assert.equal(track.having("baton").length, 0);
  assert.ok(texts(track).includes("✓"));
  const ending = { kind: "dropped", reason: "no" };
  const dropped = running("B", { summary: { phase: "dropped", duty: undefined, ending } });
  assert.ok(texts(drawn(dropped)).includes("✗"));
  assert.equal(drawn(dropped).getAttribute("aria-label"), "iris has ended: dropped, no");
});

test("those who cannot see the track are told where the baton is", () => {
  assert.equal(drawn(running()).getAttribute("aria-label"), "iris is at build with pipeline, primary lane, attempt 1");
});
