// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { test } from "node:test";
import { Screen } from "../../../../Services/Captain/Web/Assets/screen.js";
import { Store } from "../../../../Services/Captain/Web/Assets/store.js";
import { newPage } from "./fake-document.js";
import { finished, running, start, stillHearing, traffic } from "./samples.js";

const begun = (...batons) => {
  const page = newPage(), hearing = stillHearing(), store = new Store();
  hearing.heard();
  store.take("snapshot", { now: start, batons, alerts: [] });
  const tick = { now: start, newest: "run-1", complete: true, kafkaAnsweredAt: start };
  const screen = new Screen(store, { tick }, hearing);
  return { page, hearing, store, screen };
};

test("it is never blank: what to do and that it is connecting stand there before any module has run", () => {
  const page = newPage();
  assert.equal(page.model.textContent, "No baton is out");
  assert.equal(page["pill-text"].textContent, "Connecting");
  assert.match(page.root.querySelectorAll("noscript")[0].textContent, /JavaScript/);
});

test("the modules run on the page as it is, and say what to do until there is a word", async () => {
  const page = newPage(), moments = [];
  const opened = [];
  globalThis.EventSource = class { constructor(url) { opened.push(url); } addEventListener() {} };
  globalThis.ResizeObserver = class { observe(element) { assert.equal(element, page.track); } };
  const { setInterval } = globalThis;
  globalThis.setInterval = moment => moments.push(moment);
  await import("../../../../Services/Captain/Web/Assets/main.js");
  globalThis.setInterval = setInterval;
  moments[0]();
  assert.deepEqual(opened, ["feed"]);
  assert.equal(page["pill-text"].textContent, "Connecting");
  assert.match(page.journal.textContent, /curl http:\/\/captain\/events/);
});

test("changes are told to those who cannot see them, no faster than they can be read out", () => {
  const { page, hearing, store, screen } = begun(running("B"));
  screen.moment();
  assert.equal(page.announce.textContent, "iris: build, primary lane, attempt 1");
  store.take("summary", { ...store.selected().summary, attempt: 2 });
  hearing.pass(1000);
  screen.moment();
  assert.equal(page.announce.textContent, "iris: build, primary lane, attempt 1");
  hearing.pass(500);
  screen.moment();
  assert.equal(page.announce.textContent, "iris: build, primary lane, attempt 2");
});

test("what somebody points at stays shown, until the newest is to be followed again", () => {
  const { page, screen } = begun(running("B1"), finished("B2"));
  screen.draw();
  const button = name => page.batons.querySelectorAll("button").find(one => one.textContent.includes(name));
  button("finished").listeners.click();
  assert.match(page.meta.textContent, /baton B2/);
  assert.equal(page.follow.getAttribute("aria-pressed"), "false");
  screen.choose(null);
  assert.match(page.meta.textContent, /baton B1/);
});

test("drawing anew keeps where somebody was", () => {
  const { page, store, screen } = begun(running("B1"), finished("B2"));
  screen.draw();
  page.journal.scrollTop = 120;
  page.batons.querySelectorAll("button")[1].focus();
  store.mustDraw = "all";
  screen.moment();
  assert.equal(page.journal.scrollTop, 120);
  assert.equal(document.activeElement, page.batons.querySelectorAll("button")[1]);
});

test("a baton whose captain says nothing new goes on ageing", () => {
  const { page, hearing, screen } = begun(running("B"));
  screen.moment();
  hearing.pass(2500);
  screen.moment();
  assert.equal(page["f-elapsed"].textContent, "2.5 s");
  assert.ok(page["f-where-age"].classList.contains("stale"));
});

test("no text that somebody else wrote is shown but as shown text, wherever it stands", () => {
  const evil = "\u202eevil\u0000" + "x".repeat(2000);
  // Dates and what names a phase, a duty or a lane are read by the captain before anybody sees them.
  const own = new Set(["phase", "standing", "duty", "leg", "lane", "action", "level", "verdict", "at", "asOf", "to",
    "from", "since", "requestedAt", "changedAt", "assignedAt", "heardAt", "kind", "id", "baton", "currency"]);
  const poisoned = (value, key) => typeof value === "string" && !own.has(key) ? evil
    : Array.isArray(value) ? value.map(one => poisoned(one, key))
    : value && typeof value === "object"
      ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, poisoned(one, key)])) : value;
  const progress = { progress: { fraction: .5, note: "n" }, heardAt: start };
  for (const baton of [finished("A"), running("B", { traffic, summary: { progress },
    signals: finished().signals, journal: finished().journal })]) {
    const { page, store, screen } = begun(poisoned(baton));
    store.take("alerts", { alerts: [{ name: "n", level: "critical", text: evil, at: start }] });
    screen.moment();
    const seen = page.root.all.flatMap(one => [one.ownText, one.title, ...Object.values(one.attributes)]);
    assert.ok(seen.filter(text => text.includes("evil")).length > 8);
    for (const text of seen) {
      assert.doesNotMatch(text, /[\u202e\u0000]/);
      assert.ok(text.length < 1100);
    }
  }
});
