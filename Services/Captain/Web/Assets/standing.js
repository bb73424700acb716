// SPDX-License-Identifier: Apache-2.0

// Whether what is shown can be believed.

import { at, clock } from "./format.js";
import { byId, make, write } from "./dom.js";

// Kafka is asked every second.
const patience = 4000;

/** How things stand: the kind of mark, its words, and what is said about it. */
export const standing = (hearing, tick) => {
  if (hearing.lastWordAt === null) return ["waiting", "Connecting", ""];
  if (hearing.isSilent()) {
    const since = clock(hearing.lastWordAt);
    return ["old", "as of " + since,
      `No word from the captain since ${since}. Shown is what was last known; it is tried again.`];
  }
  if (tick && !tick.complete) return ["old", "catching up",
    "The captain has just started and reads what happened before. Until then the last known state is shown."];
  const answered = tick && tick.kafkaAnsweredAt ? at(tick.kafkaAnsweredAt) : null;
  if (tick && (answered === null || at(tick.now) - answered > patience)) return ["old",
    answered ? "as of " + clock(answered) : "Kafka away", "Kafka has not answered the captain"
    + (answered ? " since " + clock(answered) : "") + ". What is shown may have changed since."];
  return ["live", "Live", ""];
};

export const renderStanding = (hearing, tick) => {
  const [kind, text, notice] = standing(hearing, tick);
  byId("pill").dataset.kind = kind;
  write(byId("pill-text"), text);
  byId("notice").hidden = !notice;
  write(byId("notice"), notice);
  document.body.dataset.stale = String(kind === "old");
  write(byId("clock"), hearing.lastWordAt === null ? "--:--:--" : clock(hearing.now()));
};

export const renderAlerts = alerts => {
  byId("alerts").replaceChildren(...alerts.map(one =>
    make("p", "notice", `✗ ${one.text} (${clock(at(one.at))})`)));
};
