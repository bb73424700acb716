// SPDX-License-Identifier: Apache-2.0

// The decisions, newest first.

import { legOf } from "./course.js";
import { byId, make } from "./dom.js";
import { at, attemptText, clock, title } from "./format.js";

const stories = {
  "requested": entry => ["", `Asked for by ${entry.actor}`],
  "duplicate-ignored": () => ["quiet", "Asked for again: the same baton"],
  "assigned": entry => ["", `${title(entry.duty)} ordered from ${legOf[entry.duty]}, ${entry.lane} lane`
    + attemptText(entry.attempt)],
  "handoff-accepted": entry => [entry.reason ? "bad" : "good", `${title(entry.duty)} handed over by ${entry.actor}`],
  "handoff-superseded": entry => ["quiet", `Late ${entry.duty} from ${entry.actor}, superseded: no effect`],
  "retry-ordered": entry => ["takeover", `${title(entry.duty)} to be tried again`],
  "takeover-ordered": entry => ["takeover", `⇄ ${title(entry.lane)} lane takes over ${entry.duty}`],
  "release-live": () => ["good", "Release put live"],
  "release-withdrawn": () => ["bad", "Release taken off traffic"],
  "cancel-requested": entry => ["bad", `Called off by ${entry.actor}`],
  "ended": () => ["", "The race is over"],
  "decided": entry => ["", `${entry.actor} decided`],
};

/** What an entry says, and in which tone. */
export const story = entry => (stories[entry.action] || (() => ["", entry.action]))(entry);

const entryRow = entry => {
  const [tone, text] = story(entry), row = make("li", tone), body = make("div");
  body.append(make("b", "", text));
  if (entry.reason) body.append(make("p", "", entry.reason));
  const time = make("time", "", clock(at(entry.at)));
  time.dateTime = entry.at;
  row.append(time, body);
  return row;
};

const howTo = () => {
  const row = make("div"), project = '{"directory":"/path/to/project"}';
  const body = `{"project":${project},"model":"name","requester":"you"}`;
  row.append(make("p", "sub", "Start one:"), make("pre", "mono",
    `curl ${location.origin}/events \\\n  -H 'ce-specversion: 1.0' -H 'ce-id: 1' -H 'ce-source: me' \\\n`
    + `  -H 'ce-type: relay.release.requested.v1' \\\n  -H 'content-type: application/json' \\\n`
    + `  -d '${body}'`));
  return row;
};

export const renderJournal = (baton, ages) => {
  const entries = baton ? baton.journal : [], length = entries.length;
  // Of the same moment the one that came later is above.
  const rows = entries.map((entry, index) => ({ entry, index }))
    .sort((a, b) => at(b.entry.at) - at(a.entry.at) || b.index - a.index).map(one => entryRow(one.entry));
  if (!length) rows.push(baton ? make("li", "none", "Nothing has been decided yet.") : howTo());
  byId("journal").replaceChildren(...rows);
  ages.undated("journal-age", length ? length + (length > 1 ? " entries" : " entry") : "");
};
