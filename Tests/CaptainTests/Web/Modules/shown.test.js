// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { test } from "node:test";
import { longest, shown } from "../../../../Services/Captain/Web/Assets/shown.js";

// What the rest of the suite hides: told by the test that runs this one.
const told = process.env.SUITE ? JSON.parse(process.env.SUITE) : null;
const skip = told ? false : "make test tells what the suite hides";

test("every character that the suite hides is written out, and no other is touched", { skip }, () => {
  const isHidden = code => told.hidden.some(([first, last]) => first <= code && code <= last);
  const wrong = [];
  for (let code = 0; code <= 0x10ffff; code++) {
    if ((code >= 0xd800 && code <= 0xdfff) || code === 9 || code === 10) continue;
    const character = String.fromCodePoint(code);
    if ((shown(character) !== character) !== isHidden(code)) wrong.push(code.toString(16));
  }
  assert.ok(told.hidden.length > 5);
  assert.deepEqual(wrong, []);
});

test("as much of a text is shown as the suite shows elsewhere", { skip }, () => {
  assert.equal(longest, told.longest);
});

test("a hidden character is written as JSON escapes it; line breaks and tabs stay", () => {
  assert.equal(shown("a\u202eb\u0000"), "a\\u202eb\\u0000");
  assert.equal(shown("\u{e0041}"), "\\udb40\\udc41");
  assert.equal(shown("a\n\tb"), "a\n\tb");
});

test("of a long text the beginning is shown, and how much more there is", () => {
  assert.equal(shown("x".repeat(longest)), "x".repeat(longest));
  assert.equal(shown("x".repeat(longest + 7)), "x".repeat(longest) + "… (7 more characters)");
});
