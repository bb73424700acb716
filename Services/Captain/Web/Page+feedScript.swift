// SPDX-License-Identifier: Apache-2.0

extension Page {
    /// What comes from the captain, what to do when nothing comes, and when to draw.
    static let feedScript = #"""
        const batons = new Map();
        let pinned = null, lastWord = 0, lastWordTime = 0, tick = null, lastID = null, source = null;
        // What must be drawn: nothing, the facts that change often, or all of them.
        let mustRender = "all";

        // Ticks come twice a second; three seconds without a word are worth a mark.
        const isSilent = () => performance.now() - lastWord > 3000;
        const ordered = () => [...batons.values()]
          .sort((a, b) => at(b.summary.requestedAt) - at(a.summary.requestedAt));
        const selected = () => {
          if (pinned && batons.has(pinned)) return batons.get(pinned);
          const list = ordered();
          return list.find(baton => baton.summary.phase === "running") || list[0] || null;
        };

        let announced = "", announcedAt = 0;
        const announce = baton => {
          const s = baton && baton.summary;
          const text = !s ? "" : s.duty ? `${s.model}: ${s.duty}, ${s.lane} lane, attempt ${s.attempt}`
            : `${s.model}: ${s.phase}` + (s.ending && s.ending.reason ? ", " + s.ending.reason : "");
          if (text === announced || performance.now() - announcedAt < 1500) return;
          announced = text; announcedAt = performance.now();
          write(byId("announce"), text);
        };
        const render = () => {
          const baton = selected(), all = mustRender !== "often";
          mustRender = null;
          renderHead(baton); renderFigures(baton); renderElapsed(baton); renderTrack(baton); renderBatons();
          if (all || (baton && baton.traffic && !baton.state.results.watch)) renderWatch(baton);
          if (all) { renderGates(baton); renderJournal(baton); }
        };
        const scrolled = ["gates", "watch", "journal"];
        const renderKeepingPlace = () => {
          const tops = scrolled.map(id => byId(id).scrollTop), focus = document.activeElement;
          const index = [...byId("batons").querySelectorAll("button")].indexOf(focus);
          render();
          scrolled.forEach((id, i) => { byId(id).scrollTop = tops[i]; });
          if (index >= 0) byId("batons").querySelectorAll("button")[index]?.focus();
        };

        const standing = () => {
          if (!lastWord) return ["waiting", "Connecting", ""];
          if (isSilent()) return ["old", "as of " + clock(lastWordTime),
            `No word from the captain since ${clock(lastWordTime)}. Shown is what was last known; it is tried again.`];
          if (tick && !tick.complete) return ["old", "catching up",
            "The captain has just started and reads what happened before. Until then the last known state is shown."];
          const answered = tick && tick.kafkaAnsweredAt ? at(tick.kafkaAnsweredAt) : null;
          if (tick && (answered === null || at(tick.now) - answered > 4000)) return ["old",
            answered ? "as of " + clock(answered) : "Kafka away", "Kafka has not answered the captain"
            + (answered ? " since " + clock(answered) : "") + ". What is shown may have changed since."];
          return ["live", "Live", ""];
        };
        const renderStanding = () => {
          const [kind, text, notice] = standing();
          byId("pill").dataset.kind = kind;
          write(byId("pill-text"), text);
          byId("notice").hidden = !notice;
          write(byId("notice"), notice);
          document.body.dataset.stale = String(kind === "old");
          write(byId("clock"), lastWord ? clock(now()) : "--:--:--");
        };
        const everyMoment = () => {
          renderStanding();
          const baton = selected();
          if (mustRender) renderKeepingPlace();
          else { renderElapsed(baton); if (baton && baton.summary.phase === "running") renderTrack(baton); }
          for (const id of [...facts.keys()]) age(id);
          announce(baton);
        };

        // Numbered events must follow each other; after a gap everything is asked for anew.
        const follows = id => {
          const [run, number] = id.split("-"), [lastRun, lastNumber] = (lastID || "-").split("-");
          const isNext = run === lastRun && Number(number) === Number(lastNumber) + 1;
          if (isNext) lastID = id;
          return isNext;
        };
        const heard = () => { lastWord = performance.now(); lastWordTime = now(); };
        const on = (name, apply) => source.addEventListener(name, event => {
          heard();
          if (!follows(event.lastEventId)) return connect();
          apply(JSON.parse(event.data));
          const isOften = name === "summary" || name === "traffic";
          if (mustRender !== "all") mustRender = isOften ? "often" : "all";
        });
        const baton = id => batons.get(id);
        // What is critical and concerns no single baton.
        let alerts = [];
        const renderAlerts = all => {
          alerts = all.filter(one => one.level === "critical");
          byId("alerts").replaceChildren(...alerts.map(one =>
            make("p", "notice", `✗ ${one.text} (${clock(at(one.at))})`)));
        };
        const connect = () => {
          if (source) source.close();
          source = new EventSource("feed");
          source.addEventListener("tick", event => {
            tick = JSON.parse(event.data);
            offset = at(tick.now) - Date.now();
            heard();
            if (tick.complete && lastID !== tick.newest) connect();
          });
          source.addEventListener("snapshot", event => {
            heard();
            lastID = event.lastEventId;
            batons.clear();
            const all = JSON.parse(event.data);
            for (const one of all.batons) batons.set(one.summary.id, one);
            renderAlerts(all.alerts || []);
            mustRender = "all";
          });
          on("baton", change => {
            const known = baton(change.summary.id) || { journal: [], signals: [], traffic: null };
            batons.set(change.summary.id, { ...known, ...change });
            for (const old of ordered().slice(40)) batons.delete(old.summary.id);
          });
          on("summary", summary => { if (baton(summary.id)) baton(summary.id).summary = summary; });
          on("journal", entry => {
            const known = baton(entry.baton);
            if (!known) return;
            known.journal.push(entry);
            if (known.journal.length > 200) known.journal.shift();
            if (entry.action === "takeover-ordered") known.summary.takeovers += 1;
            if (entry.action === "handoff-superseded") known.summary.superseded += 1;
          });
          on("signal", signal => {
            if (!signal.baton) return renderAlerts([signal].concat(alerts.filter(one => one.name !== signal.name)));
            const known = baton(signal.baton);
            if (known) known.signals = [signal, ...known.signals.filter(one => one.name !== signal.name)];
          });
          on("traffic", change => { if (baton(change.baton)) baton(change.baton).traffic = change.traffic; });
          source.onerror = () => { if (source.readyState === EventSource.CLOSED) setTimeout(connect, 2000); };
        };
        byId("follow").addEventListener("click", () => { pinned = null; mustRender = "all"; render(); });
        render();
        connect();
        new ResizeObserver(() => { if (!mustRender) mustRender = "often"; }).observe(track);
        setInterval(everyMoment, 250);
        """#
}
