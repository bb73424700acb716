// SPDX-License-Identifier: Apache-2.0

// The parts of the track.

import { course, legOf, runners } from "./course.js";
import { draw } from "./dom.js";
import { title } from "./format.js";

export const drawRows = (track, plan, active) => {
  runners.forEach((name, index) => {
    const across = plan.across(name), tone = active === name ? " active" : "";
    // Beside each other the names would touch, and the last one leave the track.
    const edge = plan.tall && index === runners.length - 1;
    draw(track, "text", "runner" + tone + (edge ? " edge" : ""), plan.tall
      ? { x: edge ? plan.width - 1 : across, y: 12 + 13 * (index % 3) } : { x: 2, y: across + 1 }, title(name));
    const rail = (kind, level) => draw(track, "path", kind, { d: plan.line(plan.start, plan.finish, level) });
    if (name === "captain") return rail("rail", across);
    rail("rail", across - 4);
    rail("rail second", across + 8);
  });
};

export const drawStations = (track, plan, stops, ended, finished) => {
  const kinds = { done: " done", now: " active", failed: " failed", ahead: "" };
  const station = (along, tone, text) => draw(track, "text", "station" + tone,
    plan.tall ? { x: 1, y: along + 4 } : { x: along, y: 256 }, text);
  station(plan.start, "", "Request");
  for (const duty of course) {
    const stop = stops.find(one => one.duty === duty);
    station(plan.of(duty), stop ? kinds[stop.standing] : "", title(duty));
  }
  station(plan.finish, ended ? finished ? " done" : " failed" : "", "Finish");
};

const drawTag = (track, plan, stop, tone, text) => {
  const along = plan.of(stop.duty), across = plan.across(legOf[stop.duty]);
  if (!plan.tall) return draw(track, "text", "tag" + tone, { x: along, y: across + 21 }, text);
  const before = across > plan.width / 2;
  return draw(track, "text", "tag" + tone + (before ? " before" : " after"),
    { x: across + (before ? -13 : 17), y: along + 4 }, text);
};

export const drawStop = (track, plan, stop, fraction) => {
  const along = plan.of(stop.duty), across = plan.level(stop.duty, stop.lane), half = plan.half;
  const whole = plan.line(along - half, along + half, across);
  if (stop.standing === "ahead") draw(track, "path", "plan", { d: whole });
  else if (stop.standing === "now") {
    draw(track, "path", "ahead", { d: whole });
    draw(track, "path", "now", { d: plan.line(along - half, along - half + 2 * half * fraction, across) });
  } else draw(track, "path", "run " + (stop.standing === "failed" ? "failed" : stop.lane), { d: whole });
  const beside = plan.tall ? { x: across - 11, y: along + 4 } : { x: along, y: across - 7 };
  if (stop.standing === "failed") draw(track, "text", "glyph failed", beside, "✗");
  if (stop.lane === "fallback") drawTag(track, plan, stop, "", "fallback");
  else if (stop.attempt > 1) drawTag(track, plan, stop, " lost", "attempt " + stop.attempt);
};

/** An attempt that was given up: a short stub that leads nowhere. */
export const drawLost = (track, plan, lost) => {
  const along = plan.of(lost.duty), across = plan.level(lost.duty, lost.lane), { x, y } = plan.spot(along, across);
  const cross = plan.tall ? `M${x - 4} ${y}l8 8m0 -8l-8 8` : `M${x} ${y - 4}l8 8m0 -8l-8 8`;
  draw(track, "path", "lost", { d: plan.line(along - plan.half, along - 4, across) + cross });
};

export const drawEnds = (track, plan, phase) => {
  const { x, y } = plan.spot(plan.finish, plan.across("captain")), ended = phase && phase !== "running";
  const kind = !ended ? "" : phase === "finished" ? " done" : " failed";
  draw(track, "circle", "post" + kind, { cx: x, cy: y, r: 10 });
  const glyph = { finished: "✓", dropped: "✗", superseded: "»", refused: "⊘", cancelled: "–" }[phase];
  if (ended) draw(track, "text", "glyph" + (kind === " done" ? "" : kind), { x, y: y + 4.5 }, glyph);
  draw(track, "circle", "post" + (phase ? " done" : ""),
    { ...plan.spot(plan.start, plan.across("captain"), ["cx", "cy"]), r: 6 });
};
