// SPDX-License-Identifier: Apache-2.0

extension Page {
    /// Colours, type and the few things that every part uses.
    static let palette = #"""
        :root {
          color-scheme: light dark;
          --paper: #f5f2ec; --card: #fffdf9; --ink: #1d2b3a; --muted: #626c78; --faint: #8d949c;
          --line: #e2dcd0; --rail: #d3ccbe; --baton: #d4552a; --done: #1f7268; --fallback: #7a4fb3;
          --bad: #b3261e; --warn: #8f5b00; --wash: #f0ebe1; --shade: rgba(29, 43, 58, .06);
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --paper: #131a22; --card: #1a232d; --ink: #e9e5dc; --muted: #a2abb5; --faint: #76808b;
            --line: #2a3541; --rail: #3a4653; --baton: #f0814f; --done: #5cb8aa; --fallback: #b495e6;
            --bad: #ff8a80; --warn: #e6b45c; --wash: #202b36; --shade: rgba(0, 0, 0, .25);
          }
        }
        * { box-sizing: border-box; margin: 0; padding: 0; }
        html { height: 100%; }
        body {
          background: var(--paper); color: var(--ink); min-height: 100%; display: flex; flex-direction: column;
          font: 14px/1.45 Inter, ui-sans-serif, system-ui, "Segoe UI", "Helvetica Neue", sans-serif;
          font-variant-numeric: tabular-nums; -webkit-font-smoothing: antialiased;
        }
        h1 { font-size: 25px; font-weight: 650; letter-spacing: -.015em; line-height: 1.15; }
        h2 {
          font-size: 11px; font-weight: 650; letter-spacing: .07em; text-transform: uppercase; color: var(--muted);
        }
        ol { list-style: none; }
        button { font: inherit; color: inherit; background: none; border: 0; text-align: left; cursor: pointer; }
        :focus-visible { outline: 2px solid var(--baton); outline-offset: 2px; border-radius: 6px; }
        .hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
        .age { font-size: 11.5px; color: var(--faint); }
        .age.stale { color: var(--warn); font-weight: 600; }
        .age.stale::before { content: "\25D0\00A0"; }
        .mono { font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; font-size: 12px; }
        .ok { color: var(--done); } .bad { color: var(--bad); } .warn { color: var(--warn); }
        .none { color: var(--faint); }
        """#

    /// Where things stand.
    static let layout = #"""
        .bar {
          display: flex; align-items: center; flex-wrap: wrap; gap: 6px 10px; padding: 10px 20px;
          border-bottom: 1px solid var(--line);
        }
        .mark { width: 24px; height: 24px; }
        .mark circle { fill: var(--ink); } .mark rect { fill: var(--baton); }
        .name { font-weight: 650; letter-spacing: -.01em; }
        .spacer { flex: 1; }
        .clock { font-weight: 600; } .zone { font-size: 11px; color: var(--faint); }
        .pill {
          display: inline-flex; align-items: center; gap: 7px; margin-left: 8px; padding: 2px 11px 2px 9px;
          border-radius: 99px; border: 1px solid var(--line); font-size: 12px; background: var(--card);
        }
        .pill b { font-weight: 600; }
        .pill i { width: 8px; height: 8px; border-radius: 50%; background: var(--faint); }
        .pill[data-kind=live] i { background: var(--done); }
        .pill[data-kind=old] { border-color: var(--warn); color: var(--warn); }
        .pill[data-kind=old] i { background: none; border: 2px solid var(--warn); }
        .notice {
          padding: 8px 20px; color: var(--warn); font-weight: 600; border-bottom: 1px solid var(--line);
          background: repeating-linear-gradient(-45deg, transparent 0 9px, var(--shade) 9px 18px);
        }
        .notice[hidden] { display: none; }
        .page { flex: 1; display: grid; grid-template-columns: 212px minmax(0, 1fr); min-height: 0; }
        .batons { border-right: 1px solid var(--line); padding: 16px 12px; min-width: 0; }
        .batons h2 { padding: 0 8px; }
        .follow { margin: 6px 0 8px; padding: 2px 8px; font-size: 12px; color: var(--muted); }
        .follow[aria-pressed=true]::before { content: "\2713\00A0"; color: var(--done); font-weight: 700; }
        .follow[aria-pressed=false] { text-decoration: underline; text-underline-offset: 3px; }
        .batons li button {
          display: grid; grid-template-columns: 18px minmax(0, 1fr); width: 100%; padding: 7px 8px; border-radius: 8px;
        }
        .batons li button:hover { background: var(--shade); }
        .batons li button[aria-current=true] { background: var(--card); box-shadow: 0 0 0 1px var(--line); }
        .batons strong { font-weight: 600; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
        .batons small { grid-column: 2; color: var(--muted); font-size: 11.5px; }
        main { padding: 16px 22px 18px; display: flex; flex-direction: column; gap: 12px; min-width: 0; }
        .title { display: flex; align-items: center; gap: 6px 10px; flex-wrap: wrap; }
        .title h1, .ending { min-width: 0; overflow-wrap: anywhere; }
        .meta { color: var(--muted); font-size: 12.5px; overflow-wrap: anywhere; }
        .ending { margin-top: 3px; font-weight: 600; }
        .ending[hidden], .chip[hidden] { display: none; }
        .chip { font-size: 12px; font-weight: 600; padding: 1px 9px; border-radius: 99px; border: 1.5px solid; }
        .chip.takeover { color: var(--fallback); } .chip.superseded { color: var(--muted); border-style: dashed; }
        .figures {
          display: grid; grid-template-columns: 1.5fr repeat(5, 1fr); border: 1px solid var(--line);
          border-radius: 12px; background: var(--card); overflow: hidden;
        }
        .figures > div {
          margin: -1px 0 0 -1px; padding: 9px 14px 8px; border: solid var(--line); border-width: 1px 0 0 1px;
          min-width: 0;
        }
        .figures dt { font-size: 11.5px; color: var(--muted); white-space: nowrap; }
        .figures dd { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
        .figures dd:nth-of-type(1) { font-size: 17px; font-weight: 620; letter-spacing: -.01em; line-height: 1.4; }
        .figures .age { white-space: normal; }
        .field { border: 1px solid var(--line); border-radius: 12px; background: var(--card); padding: 6px 12px 4px; }
        .field svg { display: block; width: 100%; height: auto; max-height: 300px; }
        .field svg.tall { max-height: none; }
        body[data-stale=true] .figures, body[data-stale=true] .field, body[data-stale=true] .panels > section {
          background-image: repeating-linear-gradient(-45deg, transparent 0 9px, var(--shade) 9px 18px);
        }
        body[data-stale=true] .field svg { filter: saturate(.35); }
        @media (max-width: 1180px) {
          .figures { grid-template-columns: repeat(3, minmax(0, 1fr)); }
          .figures dt, .figures dd { white-space: normal; overflow-wrap: anywhere; }
        }
        @media (max-width: 900px) {
          .page { grid-template-columns: minmax(0, 1fr); }
          .batons { border-right: 0; border-bottom: 1px solid var(--line); }
          .batons ol {
            display: grid; grid-template-columns: repeat(auto-fill, minmax(min(190px, 100%), 1fr)); overflow-y: auto;
            max-height: 172px; scrollbar-width: thin;
          }
        }
        @media (max-width: 560px) {
          .bar { padding: 10px 12px; } .pill { margin-left: 0; }
          .notice { padding: 8px 12px; }
          .batons { padding: 12px 4px; }
          main { padding: 12px; }
          .figures { grid-template-columns: repeat(2, minmax(0, 1fr)); }
          .figures > div { padding: 9px 10px 8px; }
          .field { padding: 6px 8px 4px; }
        }
        """#
}
