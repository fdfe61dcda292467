/**
 * A plot of header writes over a trace, as SVG: two steps up, one a policy.
 *
 * @module
 */

/** Writes so far, under both policies, after some event. */
export interface Point {
  /** Count of events so far. */
  readonly events: number;
  /** Writes so far under `present`. */
  readonly present: number;
  /** Writes so far under `possible`. */
  readonly possible: number;
}

const WIDTH = 960;
const HEIGHT = 540;
const LEFT = 90;
const RIGHT = 190;
const TOP = 70;
const BOTTOM = 60;

/** Draws the plot. */
export function plotWrites(title: string, points: readonly Point[]): string {
  const last = points.at(-1) ?? { events: 0, present: 0, possible: 0 };
  const most = Math.max(1, last.present, last.possible);
  const x = (events: number) =>
    LEFT + (WIDTH - LEFT - RIGHT) * events / Math.max(1, last.events);
  const y = (writes: number) =>
    HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * writes / most;
  const line = (key: "present" | "possible") =>
    points.map((point) =>
      `${x(point.events).toFixed(1)},${y(point[key]).toFixed(1)}`
    ).join(" ");
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => Math.round(most * part));
  const number = (value: number) => value.toLocaleString("en-US");
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="15">
<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>
<text x="${LEFT}" y="36" font-size="21" font-weight="600" fill="#1c1f23">${title}</text>
<text x="${LEFT}" y="58" fill="#6a7078">header writes, cumulative, over ${
    number(last.events)
  } events</text>
${
    ticks.map((tick) =>
      `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(tick)}" y2="${
        y(tick)
      }" stroke="#e3e6ea"/><text x="${LEFT - 10}" y="${
        y(tick) + 5
      }" text-anchor="end" fill="#6a7078">${number(tick)}</text>`
    ).join("\n")
  }
<text x="${LEFT}" y="${HEIGHT - 30}" fill="#6a7078">0</text>
<text x="${WIDTH - RIGHT}" y="${
    HEIGHT - 30
  }" text-anchor="end" fill="#6a7078">${number(last.events)} events</text>
<polyline points="${
    line("present")
  }" fill="none" stroke="#c3352b" stroke-width="3"/>
<polyline points="${
    line("possible")
  }" fill="none" stroke="#1a7f4b" stroke-width="3"/>
<text x="${WIDTH - RIGHT + 12}" y="${
    y(last.present) + 5
  }" fill="#c3352b">present: ${number(last.present)}</text>
<text x="${WIDTH - RIGHT + 12}" y="${
    Math.min(HEIGHT - BOTTOM, y(last.possible)) +
    (Math.abs(y(last.present) - y(last.possible)) < 20 ? 25 : 5)
  }" fill="#1a7f4b">possible: ${number(last.possible)}</text>
</svg>
`;
}
