// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { test } from "node:test";
import { renderAlerts, renderStanding, standing } from "../../../../Services/Captain/Web/Assets/standing.js";
import { newPage } from "./fake-document.js";
import { start, stillHearing } from "./samples.js";

const heard = () => {
  const hearing = stillHearing();
  hearing.heard();
  return hearing;
};
const live = { now: start, complete: true, kafkaAnsweredAt: start };

test("before the first word it is connecting, and nothing is marked", () => {
  assert.deepEqual(standing(stillHearing(), null), ["waiting", "Connecting", ""]);
});

test("three seconds without a word are marked, with the time of the last one", () => {
  const hearing = heard();
  hearing.pass(3000);
  assert.equal(standing(hearing, live)[0], "live");
  hearing.pass(1);
  const [kind, text, notice] = standing(hearing, live);
  assert.deepEqual([kind, text], ["old", "as of 10:00:00"]);
  assert.match(notice, /No word from the captain since 10:00:00/);
});

test("a captain that has just started is said to catch up", () => {
  assert.deepEqual(standing(heard(), { ...live, complete: false }).slice(0, 2), ["old", "catching up"]);
});

test("a Kafka that has not answered the captain for four seconds is marked, with the time of its last answer", () => {
  const late = { ...live, kafkaAnsweredAt: "2026-01-01T09:59:55.999Z" };
  assert.deepEqual(standing(heard(), late).slice(0, 2), ["old", "as of 09:59:55"]);
  assert.equal(standing(heard(), { ...live, kafkaAnsweredAt: "2026-01-01T09:59:56.000Z" })[0], "live");
  assert.deepEqual(standing(heard(), { ...live, kafkaAnsweredAt: undefined }).slice(0, 2), ["old", "Kafka away"]);
});

test("the page as a whole is marked, and the notice goes when all is well again", () => {
  const page = newPage(), hearing = heard();
  renderStanding(hearing, { ...live, complete: false });
  assert.equal(page.body.dataset.stale, "true");
  assert.equal(page.notice.hidden, false);
  renderStanding(hearing, live);
  assert.deepEqual([page.body.dataset.stale, page.notice.hidden, page.clock.textContent], ["false", true, "10:00:00"]);
});

test("what is critical stands above everything, with its time, until it is over", () => {
  const page = newPage();
  renderAlerts([{ name: "disk", level: "critical", text: "the disk is full", at: start }]);
  assert.equal(page.alerts.textContent, "✗ the disk is full (10:00:00)");
  renderAlerts([]);
  assert.equal(page.alerts.textContent, "");
});
