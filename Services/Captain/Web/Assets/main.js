// SPDX-License-Identifier: Apache-2.0

// The live screen: everything that it shows comes over the captain's feed.

import { byId } from "./dom.js";
import { Feed } from "./feed.js";
import { Hearing } from "./hearing.js";
import { Screen } from "./screen.js";
import { Store } from "./store.js";

const hearing = new Hearing(), store = new Store(), feed = new Feed(store, hearing);
const screen = new Screen(store, feed, hearing);

byId("follow").addEventListener("click", () => screen.choose(null));
screen.draw();
feed.connect();
new ResizeObserver(() => { store.mustDraw ??= "often"; }).observe(byId("track"));
setInterval(() => screen.moment(), 250);
