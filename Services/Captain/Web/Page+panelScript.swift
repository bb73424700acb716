// SPDX-License-Identifier: Apache-2.0

extension Page {
    /// The head, the figures, gates, lanes and the watch.
    static let panelScript = #"""
        const glyphs = { running: "●", finished: "✓", dropped: "✗", superseded: "»", refused: "⊘", cancelled: "–" };
        const tones = { running: "", finished: "ok", dropped: "bad", superseded: "warn", refused: "bad",
          cancelled: "warn" };
        const lane = summary => summary.lane + " lane" + attemptText(summary.attempt) + " · ";
        const sentence = baton => {
          const s = baton.summary, progress = s.progress ? ", " + percent(s.progress.progress.fraction) + " done" : "";
          if (!s.duty) return `${s.model} has ${s.phase === "running" ? "started" : "ended: " + s.phase}`
            + (s.ending && s.ending.reason ? ", " + s.ending.reason : "");
          return `${s.model} is at ${s.duty} with ${s.leg}, ${s.lane} lane, attempt ${s.attempt}` + progress;
        };

        const renderHead = baton => {
          const s = baton && baton.summary;
          write(byId("model"), s ? s.model : "No baton is out");
          const chip = (id, text, className) => {
            const element = byId(id);
            element.hidden = !text;
            write(element, text || "");
            if (className !== undefined) element.className = "chip " + className;
          };
          chip("phase", s && glyphs[s.phase] + " " + s.phase, s ? tones[s.phase] : "");
          const takeovers = s ? s.takeovers : 0;
          chip("takeovers", takeovers ? "⇄ " + takeovers + (takeovers > 1 ? " takeovers" : " takeover") : "");
          chip("superseded", s && s.superseded ? s.superseded + " late, without effect" : "");
          const meta = byId("meta"), ending = byId("ending");
          ending.hidden = !(s && s.ending && (s.ending.reason || s.phase === "running"));
          if (!s) return write(meta, "A release request starts the race: publish one, or send it to POST /events.");
          write(meta, `baton ${s.id} · asked for by ${s.requester}` + (s.reason ? `: ${s.reason}` : "")
            + ` · at ${clock(at(s.requestedAt))} · trace ${s.traceID}`);
          const kind = s.ending ? s.ending.supersededBy ? "superseded" : s.ending.kind : "running";
          ending.className = "ending " + tones[kind];
          const doing = s.phase !== "running" ? "" : s.duty === "closing" ? "Closing the books; then "
            : `Withdrawing ${s.duty}; then `;
          // The reason of a superseded one says the word itself.
          const words = s.ending ? [kind === "superseded" ? "" : kind, s.ending.reason] : [];
          if (s.ending) write(ending, doing + title(words.filter(word => word).join(": ")));
        };

        const renderFigures = baton => {
          const s = baton && baton.summary, ended = s && s.phase !== "running";
          const results = baton ? baton.state.results : {};
          const figure = (id, text) => write(byId("f-" + id), text === undefined || text === null ? "–" : text);
          const fraction = s && s.progress ? " · " + percent(s.progress.progress.fraction) : "";
          figure("where", s && (s.duty ? title(s.duty) + fraction : title(s.phase)));
          if (!s) undated("f-where-age", "waiting for a request");
          else if (ended) dated("f-where-age", s.changedAt, null);
          else if (s.progress) dated("f-where-age", s.progress.heardAt, 2, lane(s));
          else dated("f-where-age", s.assignedAt, 2, lane(s) + "ordered ");
          if (s && ended) dated("f-elapsed-age", s.changedAt, null);
          else undated("f-elapsed-age", s ? "since the request" : "");
          write(byId("f-cost-label"), ended ? "Cost" : "Cost so far");
          figure("cost", s && s.cost && money(s.cost.total));
          if (s && s.cost) dated("f-cost-age", s.cost.asOf, results.closing ? null : 10);
          else undated("f-cost-age", s ? "nothing priced yet" : "");
          const traffic = baton && baton.traffic, watch = results.watch;
          figure("served", traffic ? count(traffic.predictions) : watch ? count(watch.total.predictions) : null);
          const latency = traffic && traffic.latencyMilliseconds || watch && watch.total.latencyMilliseconds;
          figure("latency", latency && milliseconds(latency.p99));
          if (traffic && traffic.latencyMilliseconds) {
            dated("f-served-age", traffic.asOf, 3, traffic.requestsPerSecond.toFixed(1) + "/s · ");
            dated("f-latency-age", traffic.asOf, 3, "last 10 s · ");
          } else if (watch) {
            undated("f-served-age", "in the watch until " + clock(at(watch.total.to)));
            undated("f-latency-age", "in the watch until " + clock(at(watch.total.to)));
          } else for (const id of ["f-served-age", "f-latency-age"])
            undated(id, traffic ? "none in the last 10 s" : s ? "none seen" : "");
          const words = { steady: "✓ steady", drifted: "△ drifted", failing: "✗ failing", unknown: "? unknown" };
          const element = byId("f-verdict");
          figure("verdict", watch && words[watch.verdict]);
          element.className = watch ? { steady: "ok", failing: "bad" }[watch.verdict] || "warn" : "";
          if (watch) dated("f-verdict-age", watch.total.to, null);
          else undated("f-verdict-age", ended ? "not watched" : s ? "not watched yet" : "");
        };
        const renderElapsed = baton => {
          if (!baton) return write(byId("f-elapsed"), "–");
          const s = baton.summary, end = s.phase === "running" ? now() : at(s.changedAt);
          write(byId("f-elapsed"), duration(Math.max(0, end - at(s.requestedAt)) / 1000));
        };

        const acceptedAt = (baton, duty) => {
          const accepted = baton.state.accepted.filter(one => one.duty === duty).pop();
          return accepted ? accepted.acceptedAt : null;
        };
        const renderGates = baton => {
          const place = byId("gates"), results = baton ? baton.state.results : {}, parts = [];
          const add = (className, text) => { const e = make("p", className, text); parts.push(e); return e; };
          if (results.verification) for (const gate of results.verification.gates) {
            const row = make("div", "gate");
            row.append(make("span", gate.passed ? "ok" : "bad", gate.passed ? "✓" : "✗"),
              make("b", gate.passed ? "" : "bad", gate.name + (gate.passed ? " passed" : " failed")),
              make("span", "", gate.detail));
            parts.push(row);
          } else add("none", baton ? "No gate has been tried yet." : "Gates are shown once a release is checked.");
          if (results.rollout) {
            const rollout = results.rollout, serving = baton.state.isLive ? "serving" : "withdrawn";
            add("sub", `${rollout.lanes.length} lanes ${serving}, router at ${rollout.endpoint}`);
            const lanes = make("div", "lanes");
            for (const lane of results.rollout.lanes)
              lanes.append(make("span", "lane", `${baton.state.isLive ? "●" : "○"} ${lane.id} :${lane.port}`));
            parts.push(lanes);
          }
          if (results.build) {
            const build = results.build, numbers = Object.keys(build.metrics).sort();
            const digest = String(build.artifact.digest), line = add("sub", "Artifact ");
            line.append(make("span", "mono", digest.slice(0, 23) + "…"));
            line.title = shown(`${build.artifact.path}, ${digest}`);
            const rounded = name => name + " " + +build.metrics[name].toFixed(4);
            if (numbers.length) add("sub", numbers.map(rounded).join(" · "));
            add("sub", "Stages: " + build.stages.map(stage => `${stage.name} (${stage.result})`).join(", "));
          }
          place.replaceChildren(...parts);
          const time = baton && (acceptedAt(baton, "rollout") || acceptedAt(baton, "verification"));
          if (time) undated("gates-age", "as of " + clock(at(time))); else undated("gates-age", "");
        };

        const renderWatch = baton => {
          const place = byId("watch"), watch = baton && baton.state.results.watch, parts = [];
          for (const signal of baton ? baton.signals.filter(one => one.level !== "info") : []) {
            const tone = signal.level === "critical" ? "bad" : "warn", glyph = tone === "bad" ? "✗" : "△";
            parts.push(make("p", "signal " + tone, `${glyph} ${signal.text} (${clock(at(signal.at))})`));
          }
          const traffic = baton && baton.traffic;
          if (watch) {
            parts.push(rates(watch.total, watch.total.errorRate));
            for (const finding of watch.findings) parts.push(make("p", "sub", finding));
            if (watch.drift.length) parts.push(driftTable(watch.drift, baton));
          } else if (traffic && traffic.latencyMilliseconds) {
            parts.push(rates(traffic, traffic.failed / Math.max(1, traffic.predictions)));
            parts.push(make("p", "none", "Drift and the verdict follow at the end of the watch."));
          } else if (!parts.length) parts.push(make("p", "none", baton ? "The release has not been watched yet."
            : "Rate, errors, latency and drift are shown once a release is live."));
          place.replaceChildren(...parts);
          if (watch) dated("watch-age", watch.total.to, null);
          else if (traffic && traffic.latencyMilliseconds) dated("watch-age", traffic.asOf, 3);
          else undated("watch-age", "");
        };
        const rates = (measured, failed) => {
          const numbers = make("div", "numbers"), latency = measured.latencyMilliseconds;
          for (const [value, label] of [[measured.requestsPerSecond.toFixed(1) + "/s", "requests"],
            [percent(failed), "failed"], [milliseconds(latency.p50), "median"],
            [milliseconds(latency.p90), "90th pct."]]) {
            const cell = make("div");
            cell.append(make("b", "", value), make("span", "", label));
            numbers.append(cell);
          }
          return numbers;
        };
        const driftTable = (columns, baton) => {
          const table = make("table", "drift");
          table.append(make("caption", "", "Drift against the reference; the mark is the bound"));
          const allowed = baton.state.results.build ? baton.state.results.build.declaration.watch.maximumDrift : 0;
          const share = one => one.index / Math.max(allowed, one.noise, 1e-9);
          for (const one of [...columns].sort((a, b) => share(b) - share(a))) {
            const row = make("tr"), meter = make("div", "meter" + (one.drifted ? " over" : "")), bar = make("i");
            bar.style.width = Math.min(100, share(one) * 66.6) + "%";
            meter.append(bar, make("u"));
            const cell = make("td");
            cell.append(meter);
            const name = make("th", "", one.name);
            name.scope = "row"; name.title = shown(one.name);
            const value = one.index.toFixed(3) + (one.drifted ? " ✗" : "");
            row.append(name, cell, make("td", one.drifted ? "bad" : "", value));
            table.append(row);
          }
          return table;
        };
        """#
}
