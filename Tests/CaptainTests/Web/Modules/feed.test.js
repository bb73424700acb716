// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { test } from "node:test";
import { Feed } from "../../../../Services/Captain/Web/Assets/feed.js";
import { start, startTime, stillHearing } from "./samples.js";

/** A feed over sources that do nothing by themselves, and what it made of what they said. */
const listening = () => {
  const sources = [], taken = [], later = [], hearing = stillHearing();
  const open = () => {
    const source = { listeners: {}, readyState: 1, isClosed: false, close() { this.isClosed = true; },
      addEventListener(name, listener) { this.listeners[name] = listener; },
      say(name, data, lastEventId) { this.listeners[name]({ data: JSON.stringify(data), lastEventId }); } };
    sources.push(source);
    return source;
  };
  const feed = new Feed({ take: (name, data) => taken.push([name, data]) }, hearing, open,
    (work, ms) => later.push([work, ms]));
  feed.connect();
  return { feed, sources, taken, later, hearing, say: (...words) => sources.at(-1).say(...words) };
};

test("numbered events that follow each other are taken", () => {
  const { sources, taken, say } = listening();
  say("snapshot", { batons: [] }, "run-4");
  say("summary", { id: "B" }, "run-5");
  say("alerts", { alerts: [] }, "run-6");
  assert.deepEqual(taken.map(([name]) => name), ["snapshot", "summary", "alerts"]);
  assert.equal(sources.length, 1);
});

test("after a gap, and from another captain, everything is asked for anew and nothing is taken", () => {
  for (const id of ["run-6", "run-4", "other-5"]) {
    const { sources, taken, say } = listening();
    say("snapshot", { batons: [] }, "run-4");
    say("summary", { id: "B" }, id);
    assert.equal(taken.length, 1);
    assert.equal(sources.length, 2);
    assert.ok(sources[0].isClosed);
  }
});

test("a tick that names another event as the newest has all asked for anew, once the captain has caught up", () => {
  const { feed, sources, say } = listening();
  say("snapshot", { batons: [] }, "run-4");
  say("tick", { now: start, newest: "run-4", complete: true });
  say("tick", { now: start, newest: "new-0", complete: false });
  assert.equal(sources.length, 1);
  say("tick", { now: start, newest: "run-9", complete: true });
  assert.equal(sources.length, 2);
  assert.equal(feed.tick.newest, "run-9");
});

test("a feed that the browser gives up is opened again after two seconds, one that it tries itself is not", () => {
  const { sources, later } = listening();
  sources[0].readyState = 0;
  sources[0].onerror();
  assert.equal(later.length, 0);
  sources[0].readyState = 2;
  sources[0].onerror();
  assert.equal(later[0][1], 2000);
  later[0][0]();
  assert.equal(sources.length, 2);
});

test("a tick tells the captain's time, however wrong this computer's is, and each word is heard", () => {
  const { hearing, say } = listening();
  assert.ok(hearing.isSilent());
  say("tick", { now: "2026-01-01T12:00:00.000Z", newest: "run-0", complete: false });
  assert.equal(hearing.now() - startTime, 7_200_000);
  assert.ok(!hearing.isSilent());
  hearing.pass(3001);
  assert.ok(hearing.isSilent());
});
