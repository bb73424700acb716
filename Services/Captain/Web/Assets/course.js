// SPDX-License-Identifier: Apache-2.0

// The course: its duties in order, who runs each, and the runners from the first row to the last. What a baton made of
// it the captain says; this is the ground that it is drawn on, also when no baton is out.

export const legOf = { admission: "governance", build: "pipeline", verification: "deploy", approval: "governance",
  rollout: "deploy", watch: "monitor", closing: "governance" };
export const course = Object.keys(legOf);
export const runners = ["captain", "pipeline", "deploy", "monitor", "governance"];

/** The course as it lies ahead of everybody. */
export const ahead = course.map(duty => ({ duty, lane: "primary", standing: "ahead" }));
