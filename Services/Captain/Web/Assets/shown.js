// SPDX-License-Identifier: Apache-2.0

// Nothing that somebody wrote hides, moves or turns around what stands beside it, or fills the page.

// Characters that nobody sees: those of HiddenCharacters.swift, held to them by a test.
const ranges = "\\u{0}-\\u{1f}\\u{7f}-\\u{9f}\\u{ad}\\u{61c}\\u{180e}\\u{200b}\\u{200e}-\\u{200f}\\u{2028}-\\u{202e}"
  + "\\u{2060}-\\u{206f}\\u{feff}\\u{fff9}-\\u{fffb}\\u{e0000}-\\u{e007f}";
const hidden = new RegExp(`[${ranges}]`, "gu");

/** How much of one text is shown. */
export const longest = 1000;

const escaped = character => character === "\n" || character === "\t" ? character
  : [...Array(character.length).keys()]
    .map(i => "\\u" + character.charCodeAt(i).toString(16).padStart(4, "0")).join("");

/** A text as the page may show it, whoever wrote it. */
export const shown = text => {
  const plain = String(text).replace(hidden, escaped);
  return plain.length <= longest ? plain
    : plain.slice(0, longest) + "… (" + (plain.length - longest) + " more characters)";
};
