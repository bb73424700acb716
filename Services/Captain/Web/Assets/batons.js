// SPDX-License-Identifier: Apache-2.0

// The list of batons.

import { byId, make } from "./dom.js";
import { at, clock, glyphs, percent, tones } from "./format.js";

const shownLimit = 12;

/** Where a baton is, in a few words. */
export const place = ({ summary: s, ending }) => {
  if (!s.duty) return s.phase + " at " + clock(at(s.changedAt));
  const progress = s.progress ? " · " + percent(s.progress.progress.fraction) : "";
  return (ending ? s.ending.kind + ", " : "") + (ending && ending.isWithdrawing ? "withdrawing " : "") + s.duty
    + progress;
};

/** @param choose is told the id of the baton that somebody points at */
export const renderBatons = (store, choose) => {
  const selected = store.selected();
  byId("batons").replaceChildren(...store.ordered().slice(0, shownLimit).map(baton => {
    const s = baton.summary, row = make("li"), button = make("button");
    button.type = "button";
    button.setAttribute("aria-current", String(baton === selected));
    const glyph = make("span", tones[s.phase], glyphs[s.phase]);
    glyph.setAttribute("aria-hidden", "true");
    button.append(glyph, make("strong", "", s.model), make("small", "", place(baton)));
    button.addEventListener("click", () => choose(s.id));
    row.append(button);
    return row;
  }));
  byId("follow").setAttribute("aria-pressed", String(store.pinned === null));
};
