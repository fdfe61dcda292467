import { assert } from "@std/assert";
import { contrast, PALETTE } from "./palette.ts";

const TEXT = ["ink", "dim", "link", "absent", "wanted", "got"] as const;
const EDGES = ["notes", "info", "kernel", "ram", "cut"] as const;

for (const [scheme, colours] of Object.entries(PALETTE)) {
  Deno.test(`PALETTE: text of the ${scheme} scheme has a contrast of 4.5`, () => {
    for (const name of [...TEXT, ...EDGES]) {
      for (const ground of ["paper", "soft"] as const) {
        const found = contrast(colours[name], colours[ground]);
        assert(found >= 4.5, `${name} on ${ground}: ${found}`);
      }
    }
  });

  Deno.test(`PALETTE: an edge of the ${scheme} scheme has a contrast of 3 on its tint, ink of 4.5`, () => {
    for (const name of EDGES) {
      const tint = colours[`${name}-tint`];
      assert(contrast(colours[name], tint) >= 3, name);
      assert(contrast(colours.ink, tint) >= 4.5, name);
    }
  });
}
