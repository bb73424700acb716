// SPDX-License-Identifier: Apache-2.0

// Every fact on the page has a place for its age.

import { ago, at, clock } from "./format.js";
import { byId, hint, write } from "./dom.js";

export class Ages {
  #facts = new Map();

  constructor(hearing) { this.hearing = hearing; }

  /**
   * Says how old a fact is, from now on.
   * @param bound for how many seconds it may be shown without a mark; null for a fact that cannot change any more
   */
  dated(id, time, bound, prefix = "") {
    if (time === undefined || time === null) this.#facts.delete(id);
    else this.#facts.set(id, { time: at(time), bound, prefix });
    this.#show(id);
  }

  /** Says something else in place of an age. */
  undated(id, text) {
    this.#facts.delete(id);
    byId(id).classList.remove("stale");
    write(byId(id), text);
  }

  /** Time has passed. */
  refresh() {
    for (const id of [...this.#facts.keys()]) this.#show(id);
  }

  #show(id) {
    const element = byId(id), fact = this.#facts.get(id);
    if (!fact) {
      element.classList.remove("stale");
      return write(element, "");
    }
    const seconds = (this.hearing.now() - fact.time) / 1000, isFinal = fact.bound === null;
    const isStale = !isFinal && (seconds > fact.bound || this.hearing.isSilent());
    element.classList.toggle("stale", isStale);
    write(element, isFinal ? fact.prefix + "final at " + clock(fact.time)
      : isStale ? "as of " + clock(fact.time) : fact.prefix + ago(seconds));
    hint(element, isStale ? "Stale: it may have changed since" : "");
  }
}
