// SPDX-License-Identifier: Apache-2.0

// The track: five runners, the course from left to right or from top to bottom, and where the baton is.

import { ahead, legOf } from "./course.js";
import { byId, draw } from "./dom.js";
import { at, percent } from "./format.js";
import { planFor } from "./plan.js";
import { shown } from "./shown.js";
import { drawEnds, drawLost, drawRows, drawStations, drawStop } from "./track-parts.js";

// A runner is heard twice a second.
const patience = 2000;

/** Where the baton is, for those who cannot see it. */
export const sentence = baton => {
  const s = baton.summary, progress = s.progress ? ", " + percent(s.progress.progress.fraction) + " done" : "";
  if (!s.duty) return `${s.model} has ${s.phase === "running" ? "started" : "ended: " + s.phase}`
    + (s.ending && s.ending.reason ? ", " + s.ending.reason : "");
  return `${s.model} is at ${s.duty} with ${s.leg}, ${s.lane} lane, attempt ${s.attempt}` + progress;
};

const fractionOf = baton => baton && baton.summary.progress ? baton.summary.progress.progress.fraction : 0;

const drawWay = (track, plan, stops, phase) => {
  let along = plan.start, across = plan.across("captain");
  for (const stop of stops) {
    const start = plan.of(stop.duty) - plan.half, next = plan.level(stop.duty, stop.lane);
    draw(track, "path", stop.standing === "ahead" ? "plan" : "run", { d: plan.curve(along, across, start, next) });
    along = start + 2 * plan.half;
    across = next;
  }
  const ended = phase && phase !== "running";
  draw(track, "path", ended ? "run" + (phase === "finished" ? "" : " failed") : "plan",
    { d: plan.curve(along, across, plan.finish, plan.across("captain")) });
};

// The same element each time, so that it moves where it would jump.
let batonElement = null;
const makeBaton = track => {
  const element = draw(track, "g", "baton", {});
  const part = (name, attributes) => element.appendChild(draw(track, name, "", attributes));
  part("circle", { r: 17 });
  part("rect", { x: -15, y: -4.5, width: 30, height: 9, rx: 4.5, transform: "rotate(-24)" });
  part("path", { d: "M-7 5.2l-2.6 -5.8M8.4 -1.4l-2.6 -5.8" });
  return element;
};

const placeBaton = (track, plan, baton, current, hearing) => {
  const s = baton.summary, fraction = fractionOf(baton);
  const begin = current ? plan.of(current.duty) - plan.half : plan.start;
  const { x, y } = plan.spot(current ? begin + 2 * plan.half * fraction : begin,
    current ? plan.level(current.duty, current.lane) : plan.across("captain"));
  if (batonElement) track.appendChild(batonElement);
  else batonElement = makeBaton(track);
  const heardAt = at(s.progress ? s.progress.heardAt : s.assignedAt);
  const isHeard = hearing.now() - heardAt < patience && !hearing.isSilent();
  batonElement.setAttribute("class", "baton" + (isHeard ? "" : " still unheard"));
  batonElement.style.transform = `translate(${x}px, ${y}px)`;
  if (!current) return;
  const note = s.progress ? s.progress.progress.note : "ordered, no report yet";
  const short = note.length > plan.note ? note.slice(0, plan.note - 1) + "…" : note;
  draw(track, "text", "doing", plan.tall ? { x: 1, y: plan.height - 8 }
    : { x: 2, y: plan.across(legOf[current.duty]) + 15 }, short);
};

export const renderTrack = (baton, hearing) => {
  const track = byId("track"), plan = planFor(Math.round(track.clientWidth) || 1000);
  const stops = baton ? baton.track.stops : ahead, current = stops.find(stop => stop.standing === "now");
  const phase = baton ? baton.summary.phase : null, ended = phase && phase !== "running";
  track.setAttribute("viewBox", `0 0 ${plan.width} ${plan.height}`);
  track.classList.toggle("tall", plan.tall);
  track.replaceChildren();
  drawRows(track, plan, current ? legOf[current.duty] : baton ? null : "captain");
  drawWay(track, plan, stops, phase);
  for (const stop of stops) drawStop(track, plan, stop, fractionOf(baton));
  for (const lost of baton ? baton.track.lost : []) drawLost(track, plan, lost);
  drawStations(track, plan, stops, ended, phase === "finished");
  drawEnds(track, plan, phase);
  if (baton && !ended) placeBaton(track, plan, baton, current, hearing);
  track.setAttribute("aria-label", baton ? shown(sentence(baton)) : "The track is empty: no baton is out");
};
