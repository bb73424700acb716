// SPDX-License-Identifier: Apache-2.0

extension Page {
    /// What is there before the first word from the captain, and stays when there is none.
    static let structure = #"""
        <header class="bar">
          <svg class="mark" viewBox="0 0 32 32" aria-hidden="true"><circle cx="16" cy="16" r="15"/>
            <rect x="6.5" y="13.2" width="19" height="5.6" rx="2.8" transform="rotate(-28 16 16)"/></svg>
          <span class="name">Production Relay</span>
          <span class="pill" id="pill" data-kind="waiting"><i aria-hidden="true"></i>
            <b id="pill-text">Connecting</b></span>
          <span class="spacer"></span>
          <time class="clock" id="clock">--:--:--</time><span class="zone">UTC</span>
        </header>
        <p class="notice" id="notice" role="alert" hidden></p>
        <div id="alerts" role="alert"></div>
        <p class="hidden" id="announce" role="status" aria-live="polite"></p>
        <noscript><p class="notice">The live screen needs JavaScript; /batons has the same facts as JSON.</p></noscript>
        <div class="page">
          <nav class="batons" aria-label="Recent batons">
            <h2>Batons</h2>
            <button id="follow" class="follow" type="button" aria-pressed="true">Follow the newest</button>
            <ol id="batons"></ol>
          </nav>
          <main>
            <section class="head" aria-label="The baton">
              <div class="title">
                <h1 id="model">No baton is out</h1>
                <span class="chip" id="phase" hidden></span>
                <span class="chip takeover" id="takeovers" hidden></span>
                <span class="chip superseded" id="superseded" hidden></span>
              </div>
              <p class="meta" id="meta">A release request starts the race.</p>
              <p class="ending" id="ending" hidden></p>
            </section>
            <dl class="figures" id="figures">
              <div><dt>Where</dt><dd id="f-where">&ndash;</dd><dd class="age" id="f-where-age"></dd></div>
              <div><dt>Elapsed</dt><dd id="f-elapsed">&ndash;</dd><dd class="age" id="f-elapsed-age"></dd></div>
              <div><dt id="f-cost-label">Cost so far</dt><dd id="f-cost">&ndash;</dd>
                <dd class="age" id="f-cost-age"></dd></div>
              <div><dt>Predictions served</dt><dd id="f-served">&ndash;</dd>
                <dd class="age" id="f-served-age"></dd></div>
              <div><dt>Latency, 99th pct.</dt><dd id="f-latency">&ndash;</dd>
                <dd class="age" id="f-latency-age"></dd></div>
              <div><dt>Verdict</dt><dd id="f-verdict">&ndash;</dd><dd class="age" id="f-verdict-age"></dd></div>
            </dl>
            <section class="field" aria-label="The track">
              <svg id="track" viewBox="0 0 1000 262" role="img" aria-label="The track is empty"></svg>
            </section>
            <div class="panels">
              <section aria-labelledby="p-gates">
                <h2 id="p-gates">Gates and lanes</h2><p class="age" id="gates-age"></p>
                <div class="scroll" id="gates" tabindex="0" aria-labelledby="p-gates"></div>
              </section>
              <section aria-labelledby="p-watch">
                <h2 id="p-watch">Watch</h2><p class="age" id="watch-age"></p>
                <div class="scroll" id="watch" tabindex="0" aria-labelledby="p-watch"></div>
              </section>
              <section aria-labelledby="p-journal">
                <h2 id="p-journal">Decisions</h2><p class="age" id="journal-age"></p>
                <ol class="scroll journal" id="journal" tabindex="0" aria-labelledby="p-journal"></ol>
              </section>
            </div>
          </main>
        </div>
        """#
}
