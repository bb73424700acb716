// SPDX-License-Identifier: Apache-2.0

extension Page {
    /// Gates, watch and decisions.
    static let panels = #"""
        .panels { flex: 1; display: grid; grid-template-columns: 1fr 1fr 1.15fr; gap: 12px; min-height: 210px; }
        .panels > section {
          border: 1px solid var(--line); border-radius: 12px; background: var(--card); padding: 11px 14px 4px;
          display: grid; grid-template: auto minmax(0, 1fr) / auto 1fr; column-gap: 10px; align-items: baseline;
          min-width: 0;
        }
        .panels .age { text-align: right; }
        .scroll {
          grid-column: 1 / 3; margin-top: 7px; overflow-y: auto; padding-bottom: 8px;
          max-height: max(252px, calc(100vh - 590px));
          align-self: stretch; scrollbar-width: thin;
        }
        .gate { display: grid; grid-template-columns: 19px minmax(0, 1fr); margin-bottom: 5px; font-size: 13px; }
        .gate b { font-weight: 600; } .gate span:last-child { grid-column: 2; color: var(--muted); font-size: 12px; }
        .gate, .sub, .signal, .lane, .journal b { overflow-wrap: anywhere; }
        .sub { margin: 9px 0 3px; font-size: 11.5px; color: var(--muted); }
        .lanes { display: flex; flex-wrap: wrap; gap: 5px; }
        .lane { border: 1px solid var(--line); border-radius: 7px; padding: 1px 8px; font-size: 12px; }
        .signal { border-left: 3px solid; padding-left: 8px; margin-bottom: 6px; font-size: 12.5px; }
        .numbers {
          display: grid; grid-template-columns: repeat(auto-fit, minmax(60px, auto)); gap: 0 10px; margin-bottom: 8px;
        }
        .numbers b { display: block; font-size: 15px; font-weight: 620; }
        .numbers span { font-size: 11.5px; color: var(--muted); }
        .drift { width: 100%; border-collapse: collapse; font-size: 12px; }
        .drift caption { text-align: left; font-size: 11.5px; color: var(--muted); padding-bottom: 3px; }
        .drift th {
          font-weight: 500; text-align: left; padding: 1.5px 8px 1.5px 0; max-width: 130px; overflow: hidden;
          text-overflow: ellipsis; white-space: nowrap;
        }
        .drift td:nth-child(2) { width: 42%; }
        .drift td:nth-child(3) { text-align: right; padding-left: 8px; white-space: nowrap; }
        .meter { position: relative; height: 8px; border-radius: 4px; background: var(--wash); }
        .meter i { position: absolute; inset: 0 auto 0 0; border-radius: 4px; background: var(--done); min-width: 2px; }
        .meter.over i {
          background: repeating-linear-gradient(90deg, var(--bad) 0 4px, transparent 4px 6px), var(--bad);
        }
        .meter u { position: absolute; top: -2px; bottom: -2px; width: 2px; left: 66.6%; background: var(--ink); }
        .journal li {
          display: grid; grid-template-columns: 62px minmax(0, 1fr); padding: 4px 0; font-size: 12.5px;
          border-top: 1px solid var(--line);
        }
        .journal li:first-child { border-top: 0; }
        .journal time { color: var(--faint); font-size: 11.5px; padding-top: 1px; }
        .journal b { font-weight: 600; }
        .journal p { color: var(--muted); font-size: 12px; overflow-wrap: anywhere; }
        .journal .takeover b { color: var(--fallback); } .journal .bad b { color: var(--bad); }
        .journal .good b { color: var(--done); } .journal .quiet b { color: var(--muted); }
        @media (max-width: 900px) {
          .panels { grid-template-columns: minmax(0, 1fr); }
          .scroll { max-height: none; } .journal { max-height: 480px; }
        }
        pre.mono { white-space: pre-wrap; color: var(--muted); overflow-wrap: anywhere; }
        """#

    /// The track.
    static let track = #"""
        .rail { stroke: var(--rail); stroke-width: 1; fill: none; }
        .rail.second { stroke-dasharray: 2 4; }
        .plan { stroke: var(--rail); stroke-width: 3; fill: none; stroke-linecap: round; stroke-dasharray: .1 7; }
        .run { stroke: var(--done); stroke-width: 4; fill: none; stroke-linecap: round; stroke-linejoin: round; }
        .run.fallback { stroke: var(--fallback); stroke-dasharray: 9 5; }
        .run.failed { stroke: var(--bad); }
        .now { stroke: var(--baton); stroke-width: 4; fill: none; stroke-linecap: round; }
        .ahead { stroke: var(--baton); stroke-width: 4; opacity: .22; fill: none; stroke-linecap: round; }
        .lost { stroke: var(--faint); stroke-width: 2.5; fill: none; stroke-linecap: round; }
        .runner { font-size: 13px; font-weight: 620; fill: var(--ink); }
        .runner.active { fill: var(--baton); }
        .doing { font-size: 10.5px; fill: var(--muted); }
        .tall .doing { font-size: 12px; }
        .tag, .tall .station { paint-order: stroke; stroke: var(--card); stroke-width: 3px; }
        .station { font-size: 11px; fill: var(--faint); text-anchor: middle; }
        .station.done { fill: var(--done); font-weight: 600; } .station.active { fill: var(--baton); font-weight: 650; }
        .station.failed { fill: var(--bad); font-weight: 600; }
        .tag { font-size: 10px; fill: var(--fallback); text-anchor: middle; font-weight: 600; }
        .tag.lost { fill: var(--muted); font-weight: 500; }
        .tag.before { text-anchor: end; } .tag.after { text-anchor: start; }
        .tall .station { text-anchor: start; } .tall .runner { font-size: 11px; text-anchor: middle; }
        .tall .runner.edge { text-anchor: end; }
        .post { fill: var(--card); stroke: var(--rail); stroke-width: 2; }
        .post.done { fill: var(--done); stroke: var(--done); } .post.failed { stroke: var(--bad); }
        .glyph { font-size: 12px; font-weight: 700; text-anchor: middle; fill: var(--card); }
        .glyph.failed { fill: var(--bad); }
        .baton { transition: transform .3s linear; }
        .baton rect { fill: var(--baton); } .baton path { stroke: var(--card); stroke-width: 1.2; opacity: .75; }
        .baton circle { fill: none; stroke: var(--baton); opacity: .35; animation: breathe 2.4s ease-in-out infinite; }
        .baton.still circle { animation: none; opacity: 0; }
        .baton.unheard rect { fill: none; stroke: var(--warn); stroke-width: 1.6; stroke-dasharray: 3 2; }
        @keyframes breathe { 0%, 100% { opacity: .12; } 50% { opacity: .45; } }
        @media (prefers-reduced-motion: reduce) {
          .baton { transition: none; } .baton circle { animation: none; }
        }
        """#
}
