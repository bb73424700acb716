// SPDX-License-Identifier: Apache-2.0

// Which baton is shown, and how it ends.

import { byId, write } from "./dom.js";
import { at, clock, glyphs, title, tones } from "./format.js";

const chip = (id, text, tone) => {
  const element = byId(id);
  element.hidden = !text;
  write(element, text || "");
  if (tone !== undefined) element.className = "chip " + tone;
};

const renderEnding = baton => {
  const element = byId("ending"), ending = baton && baton.ending, s = baton && baton.summary;
  element.hidden = !(ending && (s.ending.reason || s.phase === "running"));
  if (!ending) return;
  element.className = "ending " + tones[ending.phase];
  const doing = s.phase !== "running" ? ""
    : ending.isWithdrawing ? `Withdrawing ${s.duty}; then ` : "Closing the books; then ";
  write(element, doing + title(ending.sentence));
};

export const renderHead = baton => {
  const s = baton && baton.summary;
  write(byId("model"), s ? s.model : "No baton is out");
  chip("phase", s && glyphs[s.phase] + " " + s.phase, s ? tones[s.phase] : "");
  const takeovers = s ? s.takeovers : 0;
  chip("takeovers", takeovers ? "⇄ " + takeovers + (takeovers > 1 ? " takeovers" : " takeover") : "");
  chip("superseded", s && s.superseded ? s.superseded + " late, without effect" : "");
  renderEnding(baton);
  write(byId("meta"), !s ? "A release request starts the race: publish one, or send it to POST /events."
    : `baton ${s.id} · asked for by ${s.requester}` + (s.reason ? `: ${s.reason}` : "")
      + ` · at ${clock(at(s.requestedAt))} · trace ${s.traceID}`);
};
