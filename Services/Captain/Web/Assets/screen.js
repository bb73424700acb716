// SPDX-License-Identifier: Apache-2.0

// When to draw what.

import { Ages } from "./ages.js";
import { renderBatons } from "./batons.js";
import { byId, write } from "./dom.js";
import { renderElapsed, renderFigures } from "./figures.js";
import { renderGates } from "./gates.js";
import { renderHead } from "./head.js";
import { renderJournal } from "./journal.js";
import { renderAlerts, renderStanding } from "./standing.js";
import { renderTrack } from "./track.js";
import { renderWatch } from "./watch.js";

const scrolled = ["gates", "watch", "journal"];
// What is told to those who cannot see must not come faster than it can be read out.
const announcementPause = 1500;

export class Screen {
  #announced = "";
  #announcedAt = -Infinity;

  constructor(store, feed, hearing) {
    this.store = store;
    this.feed = feed;
    this.hearing = hearing;
    this.ages = new Ages(hearing);
  }

  choose(id) {
    this.store.choose(id);
    this.draw();
  }

  draw() {
    const { store, ages, hearing } = this, baton = store.selected(), all = store.mustDraw !== "often";
    store.mustDraw = null;
    renderHead(baton);
    renderFigures(baton, ages, hearing);
    renderTrack(baton, hearing);
    renderBatons(store, id => this.choose(id));
    if (all || (baton && baton.traffic && !baton.watch)) renderWatch(baton, ages);
    if (!all) return;
    renderAlerts(store.alerts);
    renderGates(baton, ages);
    renderJournal(baton, ages);
  }

  /** Time has passed, and perhaps something was told. */
  moment() {
    const { store, hearing } = this, baton = store.selected();
    renderStanding(hearing, this.feed.tick);
    if (store.mustDraw) this.#drawKeepingPlace();
    else {
      renderElapsed(baton, hearing);
      if (baton && baton.summary.phase === "running") renderTrack(baton, hearing);
    }
    this.ages.refresh();
    this.#announce(baton);
  }

  #drawKeepingPlace() {
    const tops = scrolled.map(id => byId(id).scrollTop);
    const buttons = () => [...byId("batons").querySelectorAll("button")];
    const index = buttons().indexOf(document.activeElement);
    this.draw();
    scrolled.forEach((id, i) => { byId(id).scrollTop = tops[i]; });
    if (index >= 0) buttons()[index]?.focus();
  }

  #announce(baton) {
    const s = baton && baton.summary;
    const text = !s ? "" : s.duty ? `${s.model}: ${s.duty}, ${s.lane} lane, attempt ${s.attempt}`
      : `${s.model}: ${s.phase}` + (s.ending && s.ending.reason ? ", " + s.ending.reason : "");
    const time = this.hearing.steady();
    if (text === this.#announced || time - this.#announcedAt < announcementPause) return;
    this.#announced = text;
    this.#announcedAt = time;
    write(byId("announce"), text);
  }
}
