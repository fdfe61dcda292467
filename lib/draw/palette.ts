/**
 * The one palette of the drawings. A hue means a part of a header and nothing
 * else, and no meaning is by colour alone.
 *
 * @module
 */

/** Colours of one scheme, by what they are for. */
export type Colours = Readonly<Record<keyof typeof LIGHT, string>>;

const LIGHT = {
  paper: "#ffffff",
  soft: "#f4f6f8",
  line: "#d5dbe1",
  ink: "#1a1e22",
  dim: "#56606a",
  link: "#0b4f94",
  notes: "#2b62a8",
  info: "#0d6f74",
  kernel: "#8a5200",
  ram: "#3f6b2a",
  cut: "#a1342a",
  absent: "#7d4f00",
  "notes-tint": "#dfeafa",
  "info-tint": "#d9f0ef",
  "kernel-tint": "#faebd2",
  "ram-tint": "#e3efd9",
  "cut-tint": "#f9e2df",
  "ehdr-tint": "#e6e4ee",
  wanted: "#17703f",
  got: "#b92d23",
};

const DARK: Colours = {
  paper: "#15181b",
  soft: "#1d2125",
  line: "#363d44",
  ink: "#e4e7ea",
  dim: "#a1a9b2",
  link: "#86bdf6",
  notes: "#7db0ee",
  info: "#5bc6c6",
  kernel: "#e4ad5c",
  ram: "#9cc97c",
  cut: "#f3938a",
  absent: "#e2ae52",
  "notes-tint": "#1c2f49",
  "info-tint": "#123436",
  "kernel-tint": "#3a2a10",
  "ram-tint": "#22331a",
  "cut-tint": "#452320",
  "ehdr-tint": "#2c2a3a",
  wanted: "#5cc98f",
  got: "#ff8378",
};

/** Both schemes. */
export const PALETTE: Readonly<Record<"light" | "dark", Colours>> = {
  light: LIGHT,
  dark: DARK,
};

function variables(colours: Colours): string {
  return Object.entries(colours).map(([name, colour]) => `--${name}: ${colour}`)
    .join("; ");
}

/** The palette as custom properties. Paper is light, whatever the screen. */
export const paletteStyle: string = `
:root { ${
  variables(LIGHT)
}; color-scheme: light dark; --mono: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
@media screen and (prefers-color-scheme: dark) { :root { ${variables(DARK)}; } }
`;

/** Contrast of two colours as WCAG 2 defines it, from 1 to 21. */
export function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((m, n) => m - n);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const value = parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
