// SPDX-License-Identifier: Apache-2.0

// Where things stand on the track, along the course and across it: from left to right where there is room for the names
// of all duties beside each other, else from top to bottom. Never so small that words cannot be read.

import { course, legOf, runners } from "./course.js";

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

/** The plan for a track of so many pixels. Index 0 along the course is the request, the last one the finish. */
export const planFor = width => {
  const plan = width < 700 ? tall(width) : wide(width);
  // A point of a path, and the place of an element.
  plan.point = (along, across) => plan.tall ? `${across} ${along}` : `${along} ${across}`;
  plan.spot = (along, across, names = ["x", "y"]) => plan.tall
    ? { [names[0]]: across, [names[1]]: along } : { [names[0]]: along, [names[1]]: across };
  plan.line = (from, to, across) => `M${plan.point(from, across)}L${plan.point(to, across)}`;
  plan.curve = (a1, c1, a2, c2) => {
    // A path that skips duties changes rows at once and then follows its row.
    const turn = a2 - a1 > plan.step ? a1 + plan.step - 2 * plan.half : a2, bend = (turn - a1) / 2;
    return `M${plan.point(a1, c1)}C${plan.point(a1 + bend, c1)} ${plan.point(turn - bend, c2)} ${plan.point(turn, c2)}`
      + `L${plan.point(a2, c2)}`;
  };
  plan.start = plan.along(0);
  plan.finish = plan.along(course.length + 1);
  plan.of = duty => plan.along(course.indexOf(duty) + 1);
  plan.level = (duty, lane) => plan.across(legOf[duty]) + (lane === "fallback" ? 8 : -4);
  return plan;
};
