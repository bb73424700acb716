// SPDX-License-Identifier: Apache-2.0

extension Page {
    /// The decisions and the list of batons.
    static let journalScript = #"""
        const stories = {
          "requested": entry => ["", `Asked for by ${entry.actor}`],
          "duplicate-ignored": entry => ["quiet", "Asked for again: the same baton"],
          "assigned": entry => ["", `${title(entry.duty)} ordered from ${legOf[entry.duty]}, ${entry.lane} lane`
            + attemptText(entry.attempt)],
          "handoff-accepted": entry => [entry.reason ? "bad" : "good",
            `${title(entry.duty)} handed over by ${entry.actor}`],
          "handoff-superseded": entry => ["quiet", `Late ${entry.duty} from ${entry.actor}, superseded: no effect`],
          "retry-ordered": entry => ["takeover", `${title(entry.duty)} to be tried again`],
          "takeover-ordered": entry => ["takeover", `⇄ ${title(entry.lane)} lane takes over ${entry.duty}`],
          "release-live": entry => ["good", "Release put live"],
          "release-withdrawn": entry => ["bad", "Release taken off traffic"],
          "cancel-requested": entry => ["bad", `Called off by ${entry.actor}`],
          "ended": entry => ["", "The race is over"],
          "decided": entry => ["", `${entry.actor} decided`],
        };
        const renderJournal = baton => {
          const place = byId("journal"), entries = baton ? [...baton.journal] : [];
          entries.sort((a, b) => at(b.at) - at(a.at) || entries.indexOf(b) - entries.indexOf(a));
          const rows = entries.map(entry => {
            const [tone, text] = (stories[entry.action] || (() => ["", entry.action]))(entry);
            const row = make("li", tone), body = make("div");
            body.append(make("b", "", text));
            if (entry.reason) body.append(make("p", "", entry.reason));
            const time = make("time", "", clock(at(entry.at)));
            time.dateTime = entry.at;
            row.append(time, body);
            return row;
          });
          if (!rows.length) rows.push(baton ? make("li", "none", "Nothing has been decided yet.") : howTo());
          place.replaceChildren(...rows);
          const length = entries.length;
          undated("journal-age", length ? length + (length > 1 ? " entries" : " entry") : "");
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

        const renderBatons = () => {
          const shown = selected();
          byId("batons").replaceChildren(...ordered().slice(0, 12).map(baton => {
            const s = baton.summary, row = make("li"), button = make("button");
            button.type = "button";
            button.setAttribute("aria-current", String(baton === shown));
            const glyph = make("span", tones[s.phase], glyphs[s.phase]);
            glyph.setAttribute("aria-hidden", "true");
            const progress = s.progress ? " · " + percent(s.progress.progress.fraction) : "";
            const place = s.duty ? (s.ending ? s.ending.kind + ", " : "")
              + (s.ending && s.duty !== "closing" ? "withdrawing " : "") + s.duty + progress
              : s.phase + " at " + clock(at(s.changedAt));
            button.append(glyph, make("strong", "", s.model), make("small", "", place));
            button.addEventListener("click", () => { pinned = s.id; mustRender = "all"; render(); });
            row.append(button);
            return row;
          }));
          byId("follow").setAttribute("aria-pressed", String(pinned === null));
        };
        """#
}
