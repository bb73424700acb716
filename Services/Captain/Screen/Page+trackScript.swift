// SPDX-License-Identifier: Apache-2.0

extension Page {
    /// The track: five runners in rows, the course from left to right, and where the baton is.
    static let trackScript = #"""
        const course = ["admission", "build", "verification", "approval", "rollout", "watch", "closing"];
        const legOf = { admission: "governance", build: "pipeline", verification: "deploy", approval: "governance",
          rollout: "deploy", watch: "monitor", closing: "governance" };
        const rows = { captain: 30, pipeline: 76, deploy: 122, monitor: 168, governance: 214 };
        const title = text => text.charAt(0).toUpperCase() + text.slice(1);
        const column = index => 172 + index * 96;
        const half = 27;
        const level = (duty, lane) => rows[legOf[duty]] + (lane === "fallback" ? 8 : -4);

        const track = byId("track");
        const draw = (name, className, attributes, text) => {
          const element = document.createElementNS(track.namespaceURI, name);
          if (className) element.setAttribute("class", className);
          for (const key in attributes) element.setAttribute(key, attributes[key]);
          if (text !== undefined) element.textContent = shown(text);
          track.appendChild(element);
          return element;
        };
        const curve = (x1, y1, x2, y2) => {
          // A path that skips duties changes rows at once and then follows its row.
          const turn = x2 - x1 > 96 ? x1 + 96 - 2 * half : x2, bend = (turn - x1) / 2;
          return `M${x1} ${y1}C${x1 + bend} ${y1} ${turn - bend} ${y2} ${turn} ${y2}H${x2}`;
        };

        // Where the baton was, is and will be: one stop a duty.
        const stops = baton => {
          if (!baton) return course.map(duty => ({ duty, lane: "primary", is: "ahead" }));
          const state = baton.state, past = state.accepted.map(one => ({ duty: one.duty, lane: one.lane,
            attempt: one.attempt, is: one.outcome === "completed" ? "done" : "failed" }));
          const current = state.current;
          if (current) past.push({ duty: current.duty, lane: current.lane, attempt: current.number, is: "now" });
          const last = past.length ? past[past.length - 1].duty : null;
          const rest = state.ending ? [] : course.slice(course.indexOf(last) + 1);
          return past.concat(rest.map(duty => ({ duty, lane: "primary", is: "ahead" })));
        };

        const drawRows = active => {
          for (const name in rows) {
            const y = rows[name];
            draw("text", "runner" + (active === name ? " active" : ""), { x: 2, y: y + 1 }, title(name));
            if (name === "captain") { draw("path", "rail", { d: `M${column(0)} ${y}H${column(8)}` }); continue; }
            draw("path", "rail", { d: `M${column(0)} ${y - 4}H${column(8)}` });
            draw("path", "rail second", { d: `M${column(0)} ${y + 8}H${column(8)}` });
          }
        };
        const drawStations = (list, ended, finished) => {
          const kind = { done: " done", now: " active", failed: " failed", ahead: "" };
          draw("text", "station", { x: column(0), y: 256 }, "Request");
          course.forEach((duty, index) => {
            const stop = list.find(one => one.duty === duty);
            draw("text", "station" + (stop ? kind[stop.is] : ""), { x: column(index + 1), y: 256 }, title(duty));
          });
          const end = ended ? finished ? " done" : " failed" : "";
          draw("text", "station" + end, { x: column(8), y: 256 }, "Finish");
        };
        const drawStop = (stop, fraction) => {
          const x = column(course.indexOf(stop.duty) + 1), y = level(stop.duty, stop.lane);
          const line = (a, b) => `M${a} ${y}H${b}`;
          if (stop.is === "ahead") draw("path", "plan", { d: line(x - half, x + half) });
          else if (stop.is === "now") {
            draw("path", "ahead", { d: line(x - half, x + half) });
            draw("path", "now", { d: line(x - half, x - half + 2 * half * fraction) });
          } else draw("path", "run " + (stop.is === "failed" ? "failed" : stop.lane), { d: line(x - half, x + half) });
          if (stop.is === "failed") draw("text", "glyph failed", { x, y: y - 7 }, "✗");
          if (stop.lane === "fallback")
            draw("text", "tag", { x, y: rows[legOf[stop.duty]] + 21 }, "fallback");
          else if (stop.attempt > 1)
            draw("text", "tag lost", { x, y: rows[legOf[stop.duty]] + 21 }, "attempt " + stop.attempt);
        };
        const attemptText = attempt => attempt > 1 ? ", attempt " + attempt : "";
        // The attempts that were given up: a short stub that leads nowhere.
        const drawLost = baton => {
          const seen = new Set();
          for (const entry of baton.journal) {
            if (entry.action !== "takeover-ordered" || !entry.duty) continue;
            const lost = entry.lane === "fallback" ? "primary" : "fallback", key = entry.duty + lost;
            if (seen.has(key)) continue;
            seen.add(key);
            const x = column(course.indexOf(entry.duty) + 1), y = level(entry.duty, lost);
            draw("path", "lost", { d: `M${x - half} ${y}H${x - 4}M${x} ${y - 4}l8 8m0 -8l-8 8` });
          }
        };
        const drawEnd = (baton, list) => {
          const x = column(8), y = rows.captain, ended = baton && baton.summary.phase !== "running";
          const kind = !ended ? "" : baton.summary.phase === "finished" ? " done" : " failed";
          draw("circle", "post" + kind, { cx: x, cy: y, r: 10 });
          const glyph = { finished: "✓", dropped: "✗", superseded: "»", refused: "⊘", cancelled: "–" };
          const tone = kind === " done" ? "" : kind;
          if (ended) draw("text", "glyph" + tone, { x, y: y + 4.5 }, glyph[baton.summary.phase]);
          draw("circle", "post" + (baton ? " done" : ""), { cx: column(0), cy: y, r: 6 });
        };
        const heardRecently = summary => !summary.progress ? now() - at(summary.assignedAt) < 2000
          : now() - at(summary.progress.heardAt) < 2000;

        let batonElement = null;
        const renderTrack = baton => {
          const list = stops(baton), current = list.find(stop => stop.is === "now");
          const fraction = baton && baton.summary.progress ? baton.summary.progress.progress.fraction : 0;
          track.replaceChildren();
          drawRows(current ? legOf[current.duty] : baton ? null : "captain");
          let x = column(0), y = rows.captain;
          for (const stop of list) {
            const start = column(course.indexOf(stop.duty) + 1) - half, height = level(stop.duty, stop.lane);
            draw("path", stop.is === "ahead" ? "plan" : "run", { d: curve(x, y, start, height) });
            x = start + 2 * half; y = height;
          }
          const ended = baton && baton.summary.phase !== "running";
          draw("path", ended ? "run" + (baton.summary.phase === "finished" ? "" : " failed") : "plan",
            { d: curve(x, y, column(8), rows.captain) });
          for (const stop of list) drawStop(stop, fraction);
          if (baton) drawLost(baton);
          drawStations(list, ended, ended && baton.summary.phase === "finished");
          drawEnd(baton, list);
          if (baton) placeBaton(baton, current, fraction, ended);
          track.setAttribute("aria-label", baton ? shown(sentence(baton)) : "The track is empty: no baton is out");
        };
        const placeBaton = (baton, current, fraction, ended) => {
          if (ended) return;
          const x = current ? column(course.indexOf(current.duty) + 1) - half + 2 * half * fraction : column(0);
          const y = current ? level(current.duty, current.lane) : rows.captain;
          if (!batonElement) {
            batonElement = draw("g", "baton", {});
            batonElement.innerHTML = '<circle r="17"/><rect x="-15" y="-4.5" width="30" height="9" rx="4.5" ' +
              'transform="rotate(-24)"/><path d="M-7 5.2l-2.6 -5.8M8.4 -1.4l-2.6 -5.8"/>';
          } else track.appendChild(batonElement);
          const heard = heardRecently(baton.summary) && !isSilent();
          batonElement.setAttribute("class", "baton" + (heard ? "" : " still unheard"));
          batonElement.style.transform = `translate(${x}px, ${y}px)`;
          const note = baton.summary.progress ? baton.summary.progress.progress.note : "ordered, no report yet";
          const short = note.length > 27 ? note.slice(0, 26) + "…" : note;
          if (current) draw("text", "doing", { x: 2, y: rows[legOf[current.duty]] + 15 }, short);
        };
        """#
}
