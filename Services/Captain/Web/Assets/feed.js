// SPDX-License-Identifier: Apache-2.0

// The captain's words, in order and without a gap.

// What an event source says of itself that is not tried again.
const closed = 2;
const names = ["baton", "summary", "journal", "signals", "alerts", "traffic"];

export class Feed {
  #source = null;
  #lastID = null;
  /** The captain's last word about itself. */
  tick = null;

  /**
   * @param open opens the live feed
   * @param later does something after a number of milliseconds
   */
  constructor(store, hearing, open = () => new EventSource("feed"), later = setTimeout) {
    this.store = store;
    this.hearing = hearing;
    this.open = open;
    this.later = later;
  }

  /** Asks for everything anew. */
  connect() {
    if (this.#source) this.#source.close();
    const source = this.#source = this.open();
    source.addEventListener("tick", event => {
      this.tick = JSON.parse(event.data);
      this.hearing.told(this.tick.now);
      this.hearing.heard();
      if (this.tick.complete && this.#lastID !== this.tick.newest) this.connect();
    });
    source.addEventListener("snapshot", event => {
      this.hearing.heard();
      this.#lastID = event.lastEventId;
      this.store.take("snapshot", JSON.parse(event.data));
    });
    for (const name of names) source.addEventListener(name, event => this.#take(name, event));
    // A browser gives up when the answer is no feed, as of a captain that lets nobody else watch.
    source.onerror = () => {
      if (source.readyState === closed && source === this.#source) this.later(() => this.connect(), 2000);
    };
  }

  #take(name, event) {
    this.hearing.heard();
    if (!this.#follows(event.lastEventId)) return this.connect();
    this.store.take(name, JSON.parse(event.data));
  }

  // Numbered events must follow each other; after a gap everything is asked for anew.
  #follows(id) {
    const [run, number] = id.split("-"), [lastRun, lastNumber] = (this.#lastID || "-").split("-");
    const isNext = run === lastRun && Number(number) === Number(lastNumber) + 1;
    if (isNext) this.#lastID = id;
    return isNext;
  }
}
