// SPDX-License-Identifier: Apache-2.0

// What the captain has told, as it told it, and which of it is shown.

import { at } from "./format.js";

const batonLimit = 40, journalLimit = 200;

export class Store {
  #batons = new Map();
  alerts = [];
  /** The baton that somebody chose; null to follow the newest. */
  pinned = null;
  /** What must be drawn anew: nothing (null), the facts that change often ("often"), or all of them ("all"). */
  mustDraw = "all";

  /** The newest first. */
  ordered() {
    return [...this.#batons.values()].sort((a, b) => at(b.summary.requestedAt) - at(a.summary.requestedAt));
  }

  /** The baton that is shown: the chosen one, else the newest that is out, else the newest. */
  selected() {
    if (this.pinned && this.#batons.has(this.pinned)) return this.#batons.get(this.pinned);
    const list = this.ordered();
    return list.find(baton => baton.summary.phase === "running") || list[0] || null;
  }

  choose(id) {
    this.pinned = id;
    this.mustDraw = "all";
  }

  /** Takes a numbered event. */
  take(name, data) {
    this.#takers[name]?.(data);
    const isOften = name === "summary" || name === "traffic";
    if (this.mustDraw !== "all") this.mustDraw = isOften ? "often" : "all";
  }

  #takers = {
    snapshot: all => {
      this.#batons = new Map(all.batons.map(baton => [baton.summary.id, { journal: [], ...baton }]));
      this.alerts = all.alerts;
    },
    baton: change => {
      const journal = this.#batons.get(change.summary.id)?.journal ?? [];
      this.#batons.set(change.summary.id, { journal, ...change });
      for (const old of this.ordered().slice(batonLimit)) this.#batons.delete(old.summary.id);
    },
    summary: summary => this.#change(summary.id, { summary }),
    signals: ({ baton, signals }) => this.#change(baton, { signals }),
    traffic: ({ baton, traffic }) => this.#change(baton, { traffic }),
    journal: entry => {
      const known = this.#batons.get(entry.baton);
      if (known) known.journal = [...known.journal, entry].slice(-journalLimit);
    },
    alerts: ({ alerts }) => { this.alerts = alerts; },
  };

  #change(id, facts) {
    const known = this.#batons.get(id);
    if (known) Object.assign(known, facts);
  }
}
