// SPDX-License-Identifier: Apache-2.0

extension Page {
    /// The track: five runners, the course from left to right or from top to bottom, and where the baton is.
    static let trackScript = #"""
        const course = ["admission", "build", "verification", "approval", "rollout", "watch", "closing"];
        const legOf = { admission: "governance", build: "pipeline", verification: "deploy", approval: "governance",
          rollout: "deploy", watch: "monitor", closing: "governance" };
        const runners = ["captain", "pipeline", "deploy", "monitor", "governance"];
        const title = text => text.charAt(0).toUpperCase() + text.slice(1);

        // Where things stand, along the course and across it: from left to right where there is room for the names of
        // all duties beside each other, else from top to bottom. Never so small that words cannot be read.
        const track = byId("track");
        const wide = width => {
          const room = Math.min(1000, width), first = room < 1000 ? 108 + (room - 700) * 64 / 300 : 172;
          const step = (room - first - 44) / 8;
          return { tall: false, width: room, height: 262, step, half: Math.min(27, step * .28),
            along: index => first + index * step, across: name => 30 + 46 * runners.indexOf(name),
            note: Math.floor((first - 10) / 5.9) };
        };
        const tall = width => {
          const first = 84, step = (width - first) / 5;
          return { tall: true, width, height: 408, step: 38, half: 11, along: index => 62 + index * 38,
            across: name => first + (runners.indexOf(name) + .5) * step, note: Math.floor(width / 6.4) };
        };
        let plan = wide(1000);
        const measure = () => {
          const width = Math.round(track.clientWidth) || 1000;
          plan = width < 700 ? tall(width) : wide(width);
          track.setAttribute("viewBox", `0 0 ${plan.width} ${plan.height}`);
          track.classList.toggle("tall", plan.tall);
        };
        const column = index => plan.along(index);
        const level = (duty, lane) => plan.across(legOf[duty]) + (lane === "fallback" ? 8 : -4);
        // A point of a path, and the place of an element.
        const point = (along, across) => plan.tall ? `${across} ${along}` : `${along} ${across}`;
        const spot = (along, across, names = ["x", "y"]) => plan.tall
          ? { [names[0]]: across, [names[1]]: along } : { [names[0]]: along, [names[1]]: across };
        const line = (from, to, across) => `M${point(from, across)}L${point(to, across)}`;

        const draw = (name, className, attributes, text) => {
          const element = document.createElementNS(track.namespaceURI, name);
          if (className) element.setAttribute("class", className);
          for (const key in attributes) element.setAttribute(key, attributes[key]);
          if (text !== undefined) element.textContent = shown(text);
          track.appendChild(element);
          return element;
        };
        const curve = (a1, c1, a2, c2) => {
          // A path that skips duties changes rows at once and then follows its row.
          const turn = a2 - a1 > plan.step ? a1 + plan.step - 2 * plan.half : a2, bend = (turn - a1) / 2;
          return `M${point(a1, c1)}C${point(a1 + bend, c1)} ${point(turn - bend, c2)} ${point(turn, c2)}`
            + `L${point(a2, c2)}`;
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
          runners.forEach((name, index) => {
            const across = plan.across(name), tone = active === name ? " active" : "";
            // Beside each other the names would touch, and the last one leave the track.
            const edge = plan.tall && index === runners.length - 1;
            draw("text", "runner" + tone + (edge ? " edge" : ""), plan.tall
              ? { x: edge ? plan.width - 1 : across, y: 12 + 13 * (index % 3) } : { x: 2, y: across + 1 }, title(name));
            if (name === "captain") { draw("path", "rail", { d: line(column(0), column(8), across) }); return; }
            draw("path", "rail", { d: line(column(0), column(8), across - 4) });
            draw("path", "rail second", { d: line(column(0), column(8), across + 8) });
          });
        };
        const drawStations = (list, ended, finished) => {
          const kind = { done: " done", now: " active", failed: " failed", ahead: "" };
          const station = (index, tone, text) => draw("text", "station" + tone,
            plan.tall ? { x: 1, y: column(index) + 4 } : { x: column(index), y: 256 }, text);
          station(0, "", "Request");
          course.forEach((duty, index) => {
            const stop = list.find(one => one.duty === duty);
            station(index + 1, stop ? kind[stop.is] : "", title(duty));
          });
          station(8, ended ? finished ? " done" : " failed" : "", "Finish");
        };
        const drawTag = (stop, tone, text) => {
          const along = column(course.indexOf(stop.duty) + 1), across = plan.across(legOf[stop.duty]);
          if (!plan.tall) return draw("text", "tag" + tone, { x: along, y: across + 21 }, text);
          const before = across > plan.width / 2;
          draw("text", "tag" + tone + (before ? " before" : " after"),
            { x: across + (before ? -13 : 17), y: along + 4 }, text);
        };
        const drawStop = (stop, fraction) => {
          const along = column(course.indexOf(stop.duty) + 1), across = level(stop.duty, stop.lane), half = plan.half;
          const whole = line(along - half, along + half, across);
          if (stop.is === "ahead") draw("path", "plan", { d: whole });
          else if (stop.is === "now") {
            draw("path", "ahead", { d: whole });
            draw("path", "now", { d: line(along - half, along - half + 2 * half * fraction, across) });
          } else draw("path", "run " + (stop.is === "failed" ? "failed" : stop.lane), { d: whole });
          const beside = plan.tall ? { x: across - 11, y: along + 4 } : { x: along, y: across - 7 };
          if (stop.is === "failed") draw("text", "glyph failed", beside, "✗");
          if (stop.lane === "fallback") drawTag(stop, "", "fallback");
          else if (stop.attempt > 1) drawTag(stop, " lost", "attempt " + stop.attempt);
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
            const along = column(course.indexOf(entry.duty) + 1), across = level(entry.duty, lost);
            const { x, y } = spot(along, across);
            const cross = plan.tall ? `M${x - 4} ${y}l8 8m0 -8l-8 8` : `M${x} ${y - 4}l8 8m0 -8l-8 8`;
            draw("path", "lost", { d: line(along - plan.half, along - 4, across) + cross });
          }
        };
        const drawEnd = (baton, list) => {
          const { x, y } = spot(column(8), plan.across("captain")), ended = baton && baton.summary.phase !== "running";
          const kind = !ended ? "" : baton.summary.phase === "finished" ? " done" : " failed";
          draw("circle", "post" + kind, { cx: x, cy: y, r: 10 });
          const glyph = { finished: "✓", dropped: "✗", superseded: "»", refused: "⊘", cancelled: "–" };
          const tone = kind === " done" ? "" : kind;
          if (ended) draw("text", "glyph" + tone, { x, y: y + 4.5 }, glyph[baton.summary.phase]);
          draw("circle", "post" + (baton ? " done" : ""),
            { ...spot(column(0), plan.across("captain"), ["cx", "cy"]), r: 6 });
        };
        const heardRecently = summary => !summary.progress ? now() - at(summary.assignedAt) < 2000
          : now() - at(summary.progress.heardAt) < 2000;

        let batonElement = null;
        const renderTrack = baton => {
          const list = stops(baton), current = list.find(stop => stop.is === "now");
          const fraction = baton && baton.summary.progress ? baton.summary.progress.progress.fraction : 0;
          measure();
          track.replaceChildren();
          drawRows(current ? legOf[current.duty] : baton ? null : "captain");
          let along = column(0), across = plan.across("captain");
          for (const stop of list) {
            const start = column(course.indexOf(stop.duty) + 1) - plan.half, next = level(stop.duty, stop.lane);
            draw("path", stop.is === "ahead" ? "plan" : "run", { d: curve(along, across, start, next) });
            along = start + 2 * plan.half; across = next;
          }
          const ended = baton && baton.summary.phase !== "running";
          draw("path", ended ? "run" + (baton.summary.phase === "finished" ? "" : " failed") : "plan",
            { d: curve(along, across, column(8), plan.across("captain")) });
          for (const stop of list) drawStop(stop, fraction);
          if (baton) drawLost(baton);
          drawStations(list, ended, ended && baton.summary.phase === "finished");
          drawEnd(baton, list);
          if (baton) placeBaton(baton, current, fraction, ended);
          track.setAttribute("aria-label", baton ? shown(sentence(baton)) : "The track is empty: no baton is out");
        };
        const placeBaton = (baton, current, fraction, ended) => {
          if (ended) return;
          const begin = current ? column(course.indexOf(current.duty) + 1) - plan.half : column(0);
          const { x, y } = spot(current ? begin + 2 * plan.half * fraction : begin,
            current ? level(current.duty, current.lane) : plan.across("captain"));
          if (!batonElement) {
            batonElement = draw("g", "baton", {});
            batonElement.innerHTML = '<circle r="17"/><rect x="-15" y="-4.5" width="30" height="9" rx="4.5" ' +
              'transform="rotate(-24)"/><path d="M-7 5.2l-2.6 -5.8M8.4 -1.4l-2.6 -5.8"/>';
          } else track.appendChild(batonElement);
          const heard = heardRecently(baton.summary) && !isSilent();
          batonElement.setAttribute("class", "baton" + (heard ? "" : " still unheard"));
          batonElement.style.transform = `translate(${x}px, ${y}px)`;
          const note = baton.summary.progress ? baton.summary.progress.progress.note : "ordered, no report yet";
          const short = note.length > plan.note ? note.slice(0, plan.note - 1) + "…" : note;
          if (current) draw("text", "doing", plan.tall ? { x: 1, y: plan.height - 8 }
            : { x: 2, y: plan.across(legOf[current.duty]) + 15 }, short);
        };
        """#
}
