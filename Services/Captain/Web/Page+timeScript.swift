// SPDX-License-Identifier: Apache-2.0

import ShownText

extension Page {
    /// Elements, numbers, and the age of every fact.
    static let timeScript = #"""
        const byId = id => document.getElementById(id);
        // Nothing that somebody wrote hides, moves or turns around what stands beside it, or fills the page.
        const hidden = /[\#(HiddenCharacters.expression())]/gu, longest = \#(shownTextLimit);
        const shown = text => {
          const plain = String(text).replace(hidden, one => one === "\n" || one === "\t" ? one
            : [...Array(one.length).keys()].map(i => "\\u" + one.charCodeAt(i).toString(16).padStart(4, "0")).join(""));
          return plain.length <= longest ? plain
            : plain.slice(0, longest) + "… (" + (plain.length - longest) + " more characters)";
        };
        const make = (name, className, text) => {
          const element = document.createElement(name);
          if (className) element.className = className;
          if (text !== undefined) element.textContent = shown(text);
          return element;
        };
        const write = (element, text) => {
          const plain = shown(text);
          if (element.textContent !== plain) element.textContent = plain;
        };

        let offset = 0;
        const now = () => Date.now() + offset;
        const at = text => Date.parse(text);
        const clock = time => new Date(time).toISOString().slice(11, 19);
        const duration = seconds => {
          if (seconds < 59.95) return seconds.toFixed(1) + " s";
          const whole = Math.round(seconds), minutes = Math.floor(whole / 60);
          if (minutes < 60) return minutes + " min " + String(whole % 60).padStart(2, "0") + " s";
          return Math.floor(minutes / 60) + " h " + String(minutes % 60).padStart(2, "0") + " min";
        };
        const ago = seconds => seconds < 60 ? Math.max(0, Math.round(seconds)) + " s ago"
          : seconds < 3600 ? Math.round(seconds / 60) + " min ago" : seconds < 86400
          ? Math.round(seconds / 3600) + " h ago" : Math.round(seconds / 86400) + " d ago";
        const count = number => number.toLocaleString("en-US");
        const percent = share => (share * 100).toFixed(share > 0 && share < .1 ? 1 : 0) + " %";
        const milliseconds = value => (value < 10 ? value.toFixed(1) : Math.round(value)) + " ms";
        const money = total => {
          const units = total.micros / 1e6;
          return units.toFixed(units !== 0 && Math.abs(units) < 1 ? 4 : 2) + " " + total.currency;
        };

        // Every fact on the page has a place for its age. `bound` is how long it may be shown without a mark,
        // in seconds; a fact that cannot change any more has none.
        const facts = new Map();
        const dated = (id, time, bound, prefix) => {
          if (time === undefined || time === null) facts.delete(id);
          else facts.set(id, { time: at(time), bound, prefix: prefix || "" });
          age(id);
        };
        const undated = (id, text) => {
          facts.delete(id);
          byId(id).classList.remove("stale");
          write(byId(id), text);
        };
        const age = id => {
          const element = byId(id), fact = facts.get(id);
          if (!fact) { element.classList.remove("stale"); write(element, ""); return; }
          const seconds = (now() - fact.time) / 1000;
          const final = fact.bound === null;
          const stale = !final && (seconds > fact.bound || isSilent());
          element.classList.toggle("stale", stale);
          write(element, final ? fact.prefix + "final at " + clock(fact.time)
            : stale ? "as of " + clock(fact.time) : fact.prefix + ago(seconds));
          element.title = stale ? "Stale: it may have changed since" : "";
        };
        """#
}
