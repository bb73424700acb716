// SPDX-License-Identifier: Apache-2.0

// How values are written.

export const at = text => Date.parse(text);
export const clock = time => new Date(time).toISOString().slice(11, 19);

export const duration = seconds => {
  if (seconds < 59.95) return seconds.toFixed(1) + " s";
  const whole = Math.round(seconds), minutes = Math.floor(whole / 60);
  if (minutes < 60) return minutes + " min " + String(whole % 60).padStart(2, "0") + " s";
  return Math.floor(minutes / 60) + " h " + String(minutes % 60).padStart(2, "0") + " min";
};

export const ago = seconds => {
  if (seconds < 60) return Math.max(0, Math.round(seconds)) + " s ago";
  if (seconds < 3600) return Math.round(seconds / 60) + " min ago";
  return seconds < 86400 ? Math.round(seconds / 3600) + " h ago" : Math.round(seconds / 86400) + " d ago";
};

export const count = number => number.toLocaleString("en-US");
export const percent = share => (share * 100).toFixed(share > 0 && share < .1 ? 1 : 0) + " %";
export const milliseconds = value => (value < 10 ? value.toFixed(1) : Math.round(value)) + " ms";

export const money = total => {
  const units = total.micros / 1e6;
  return units.toFixed(units !== 0 && Math.abs(units) < 1 ? 4 : 2) + " " + total.currency;
};

export const title = text => text.charAt(0).toUpperCase() + text.slice(1);
export const attemptText = attempt => attempt > 1 ? ", attempt " + attempt : "";

export const glyphs = { running: "●", finished: "✓", dropped: "✗", superseded: "»", refused: "⊘", cancelled: "–" };
export const tones = { running: "", finished: "ok", dropped: "bad", superseded: "warn", refused: "bad",
  cancelled: "warn" };
