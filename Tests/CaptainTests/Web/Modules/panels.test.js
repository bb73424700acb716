// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { test } from "node:test";
import { Ages } from "../../../../Services/Captain/Web/Assets/ages.js";
import { place } from "../../../../Services/Captain/Web/Assets/batons.js";
import { renderFigures } from "../../../../Services/Captain/Web/Assets/figures.js";
import { renderGates } from "../../../../Services/Captain/Web/Assets/gates.js";
import { renderHead } from "../../../../Services/Captain/Web/Assets/head.js";
import { renderJournal, story } from "../../../../Services/Captain/Web/Assets/journal.js";
import { renderWatch } from "../../../../Services/Captain/Web/Assets/watch.js";
import { newPage } from "./fake-document.js";
import { finished, running, start, stillHearing, traffic } from "./samples.js";

const told = process.env.SUITE ? JSON.parse(process.env.SUITE) : null;

const begun = () => {
  const page = newPage(), hearing = stillHearing();
  hearing.heard();
  return { page, hearing, ages: new Ages(hearing) };
};

test("the head names the baton, who asked for it, and what was remarkable", () => {
  const { page } = begun();
  renderHead(finished());
  assert.equal(page.model.textContent, "iris");
  assert.equal(page.takeovers.textContent, "⇄ 1 takeover");
  assert.equal(page.superseded.textContent, "2 late, without effect");
  assert.match(page.meta.textContent, /^baton B2 · asked for by ann: weekly · at 10:00:00 · trace t1$/);
  assert.equal(page.ending.hidden, true);
});

test("how a baton will end is said while it is withdrawn, and while its books are closed", () => {
  const { page } = begun();
  const ending = { kind: "cancelled", reason: "by ann" };
  const called = { phase: "cancelled", sentence: "cancelled: by ann", isWithdrawing: true };
  renderHead(running("B", { summary: { ending }, ending: called }));
  assert.equal(page.ending.textContent, "Withdrawing build; then Cancelled: by ann");
  renderHead(running("B", { summary: { ending, duty: "closing" }, ending: { ...called, isWithdrawing: false } }));
  assert.equal(page.ending.textContent, "Closing the books; then Cancelled: by ann");
  renderHead(running("B", { summary: { ending, phase: "cancelled", duty: undefined }, ending: called }));
  assert.equal(page.ending.textContent, "Cancelled: by ann");
});

test("a cost is final once the books are closed, and ages until then", () => {
  const { page, ages, hearing } = begun();
  renderFigures(finished(), ages, hearing);
  assert.deepEqual([page["f-cost"].textContent, page["f-cost-age"].textContent], ["0.0123 USD", "final at 10:00:00"]);
  const cost = { total: { micros: 1_500_000, currency: "USD" }, asOf: start, isFinal: false };
  renderFigures(running("B", { summary: { cost } }), ages, hearing);
  assert.deepEqual([page["f-cost"].textContent, page["f-cost-age"].textContent], ["1.50 USD", "0 s ago"]);
});

test("live traffic is shown with its age; what the watch counted, once there is none", () => {
  const { page, ages, hearing } = begun();
  renderFigures(running("B", { traffic }), ages, hearing);
  assert.deepEqual([page["f-served"].textContent, page["f-served-age"].textContent], ["1,234", "20.0/s · 0 s ago"]);
  renderFigures(finished(), ages, hearing);
  assert.deepEqual([page["f-served"].textContent, page["f-served-age"].textContent],
    ["412", "in the watch until 10:00:00"]);
  assert.equal(page["f-verdict"].textContent, "△ drifted");
});

test("gates, lanes and the artifact are shown as they were told, with their time", () => {
  const { page, ages } = begun();
  renderGates(finished(), ages);
  const text = page.gates.textContent;
  for (const part of ["accuracy passed", "golden failed", "1 lanes serving", "lane-1 :41001", "accuracy 0.9649",
    "train (ran)"]) assert.ok(text.includes(part), part);
  assert.equal(page["gates-age"].textContent, "as of 10:00:00");
});

test("drift is drawn against its bound, which is at two thirds, and never beyond the meter", () => {
  const { page, ages } = begun();
  renderWatch(finished(), ages);
  const bars = page.watch.querySelectorAll("i").map(bar => bar.style.width);
  assert.deepEqual(bars.map(width => Math.round(parseFloat(width))), [100, 17]);
  assert.equal(page.watch.having("over").length, 1);
  assert.ok(page.watch.textContent.includes("△ radius drifted (10:00:00)"));
});

test("every decision that can be journalled has words of its own", {
  skip: told ? false : "make test tells the decisions" }, () => {
  const entry = { actor: "a", duty: "build", lane: "primary", attempt: 1 };
  assert.ok(told.actions.length > 5);
  for (const action of told.actions) assert.notEqual(story({ ...entry, action })[1], action);
  assert.equal(story({ ...entry, action: "of-a-later-version" })[1], "of-a-later-version");
});

test("decisions stand newest first, those of one moment as they came", () => {
  const { page, ages } = begun();
  const entry = (id, at) => ({ id, action: "decided", actor: id, at });
  renderJournal(running("B", { journal: [entry("a", start), entry("late", "2026-01-01T10:00:01.000Z"),
    entry("b", start)] }), ages);
  assert.deepEqual(page.journal.querySelectorAll("b").map(one => one.textContent),
    ["late decided", "b decided", "a decided"]);
  assert.equal(page["journal-age"].textContent, "3 entries");
});

test("the list says where each baton is", () => {
  assert.equal(place(running()), "build");
  assert.equal(place(finished()), "finished at 10:00:00");
  assert.equal(place(running("B", { summary: { ending: { kind: "cancelled" } }, ending: { isWithdrawing: true } })),
    "cancelled, withdrawing build");
});
