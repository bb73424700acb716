// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { test } from "node:test";
import { ago, duration, milliseconds, money, percent } from "../../../../Services/Captain/Web/Assets/format.js";

test("a duration says tenths of a second at first, then minutes, then hours", () => {
  assert.deepEqual([0, 59.94, 59.95, 61, 3599.6, 7260].map(duration),
    ["0.0 s", "59.9 s", "1 min 00 s", "1 min 01 s", "1 h 00 min", "2 h 01 min"]);
});

test("an age is told in the unit that fits, and never as one of the future", () => {
  assert.deepEqual([-3, 0, 59, 90, 7200, 200_000].map(ago),
    ["0 s ago", "0 s ago", "59 s ago", "2 min ago", "2 h ago", "2 d ago"]);
});

test("small amounts of money keep what they are made of", () => {
  const written = micros => money({ micros, currency: "USD" });
  assert.deepEqual([0, 12300, 1_500_000].map(written), ["0.00 USD", "0.0123 USD", "1.50 USD"]);
});

test("small shares and times keep a digit more", () => {
  assert.deepEqual([0, .004, .5, 1].map(percent), ["0 %", "0.4 %", "50 %", "100 %"]);
  assert.deepEqual([1.25, 9.94, 12.4].map(milliseconds), ["1.3 ms", "9.9 ms", "12 ms"]);
});
