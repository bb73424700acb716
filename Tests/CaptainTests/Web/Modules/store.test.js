// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { test } from "node:test";
import { Store } from "../../../../Services/Captain/Web/Assets/store.js";
import { finished, latency, running, start } from "./samples.js";

const filled = (...batons) => {
  const store = new Store();
  store.take("snapshot", { now: start, batons, alerts: [] });
  store.mustDraw = null;
  return store;
};

test("the newest that is out is shown, else the newest, unless one was chosen", () => {
  const old = running("old", { summary: { requestedAt: "2026-01-01T09:00:00.000Z" } });
  const store = filled(old, finished("new"));
  assert.equal(store.selected().summary.id, "old");
  store.choose("new");
  assert.equal(store.selected().summary.id, "new");
  store.choose(null);
  old.summary.phase = "finished";
  assert.equal(store.selected().summary.id, "new");
  assert.equal(new Store().selected(), null);
});

test("a change of a baton keeps its journal, and replaces all else", () => {
  const store = filled(finished("B"));
  const { journal: _, ...change } = running("B");
  store.take("baton", change);
  assert.deepEqual(store.selected().journal.map(entry => entry.id), ["1", "2"]);
  assert.deepEqual([store.selected().watch, store.selected().summary.phase], [undefined, "running"]);
});

test("entries of a journal follow each other, and the oldest of very many are let go", () => {
  const store = filled(running("B"));
  for (let i = 0; i < 250; i++) store.take("journal", { id: String(i), baton: "B", action: "decided", at: start });
  store.take("journal", { id: "x", baton: "unknown", action: "decided", at: start });
  const ids = store.selected().journal.map(entry => entry.id);
  assert.deepEqual([ids.length, ids[0], ids.at(-1)], [200, "50", "249"]);
});

test("counts, signals, traffic and alerts are taken as they are told", () => {
  const store = filled(running("B"));
  store.take("summary", { ...store.selected().summary, takeovers: 7 });
  store.take("signals", { baton: "B", signals: [{ name: "drift" }] });
  store.take("traffic", { baton: "B", traffic: { latencyMilliseconds: latency } });
  store.take("traffic", { baton: "unknown", traffic: {} });
  store.take("alerts", { alerts: [{ name: "disk" }] });
  const baton = store.selected();
  assert.equal(baton.summary.takeovers, 7);
  assert.deepEqual(baton.signals, [{ name: "drift" }]);
  assert.equal(baton.traffic.latencyMilliseconds, latency);
  assert.deepEqual(store.alerts, [{ name: "disk" }]);
  store.take("alerts", { alerts: [] });
  assert.deepEqual(store.alerts, []);
});

test("memory is bounded: of very many batons the oldest are let go", () => {
  const store = filled();
  for (let i = 10; i < 60; i++) {
    store.take("baton", running("B" + i, { summary: { requestedAt: `2026-01-01T10:00:${i}.000Z` } }));
  }
  assert.equal(store.ordered().length, 40);
  assert.deepEqual([store.ordered()[0], store.ordered().at(-1)].map(baton => baton.summary.id), ["B59", "B20"]);
});

test("facts that change often do not have everything drawn anew", () => {
  const store = filled(running("B"));
  store.take("summary", store.selected().summary);
  assert.equal(store.mustDraw, "often");
  store.take("baton", running("B"));
  store.take("summary", store.selected().summary);
  assert.equal(store.mustDraw, "all");
});

test("an event of a later captain that is not known changes nothing", () => {
  const store = filled(running("B"));
  store.take("weather", { is: "fine" });
  assert.equal(store.selected().summary.id, "B");
});
