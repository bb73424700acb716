// SPDX-License-Identifier: Apache-2.0

// When the captain was last heard, and what time it is there.

import { at } from "./format.js";

// Ticks come twice a second; three seconds without a word are worth a mark.
const patience = 3000;

export class Hearing {
  #offset = 0;
  #lastWord = null;

  /**
   * @param wall tells this computer's time, which may be wrong
   * @param steady tells a time that nobody sets
   */
  constructor(wall = () => Date.now(), steady = () => performance.now()) {
    this.wall = wall;
    this.steady = steady;
    this.lastWordAt = null;
  }

  /** The time, by the captain's clock. */
  now() { return this.wall() + this.#offset; }

  /** The captain said what time it is. */
  told(now) { this.#offset = at(now) - this.wall(); }

  /** The captain said something. */
  heard() {
    this.#lastWord = this.steady();
    this.lastWordAt = this.now();
  }

  isSilent() { return this.#lastWord === null || this.steady() - this.#lastWord > patience; }
}
