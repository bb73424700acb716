// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { test } from "node:test";
import { Ages } from "../../../../Services/Captain/Web/Assets/ages.js";
import { newPage } from "./fake-document.js";
import { start, stillHearing } from "./samples.js";

const place = "f-cost-age";
const begun = () => {
  const page = newPage(), hearing = stillHearing();
  hearing.heard();
  return { ages: new Ages(hearing), hearing, age: page[place] };
};

test("a fact says how old it is, and is marked stale once it is older than it may be", () => {
  const { ages, hearing, age } = begun();
  ages.dated(place, start, 2, "primary lane · ");
  assert.equal(age.textContent, "primary lane · 0 s ago");
  hearing.pass(2000);
  ages.refresh();
  assert.deepEqual([age.textContent, age.classList.contains("stale")], ["primary lane · 2 s ago", false]);
  hearing.pass(1);
  ages.refresh();
  assert.deepEqual([age.textContent, age.classList.contains("stale")], ["as of 10:00:00", true]);
  assert.match(age.title, /Stale/);
});

test("when the captain is silent every fact that can change is stale", () => {
  const { ages, hearing, age } = begun();
  ages.dated(place, start, 10);
  hearing.pass(3001);
  ages.refresh();
  assert.ok(age.classList.contains("stale"));
});

test("what cannot change any more never becomes stale", () => {
  const { ages, hearing, age } = begun();
  ages.dated(place, start, null);
  hearing.pass(86_400_000);
  ages.refresh();
  assert.deepEqual([age.textContent, age.classList.contains("stale")], ["final at 10:00:00", false]);
});

test("a place that has no fact any more shows no age", () => {
  const { ages, hearing, age } = begun();
  ages.dated(place, start, 2);
  ages.undated(place, "nothing priced yet");
  hearing.pass(5000);
  ages.refresh();
  assert.deepEqual([age.textContent, age.classList.contains("stale")], ["nothing priced yet", false]);
  ages.dated(place, null, 2);
  assert.equal(age.textContent, "");
});
