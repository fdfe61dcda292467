/**
 * The style of all drawings, for a page that may have any of them.
 *
 * @module
 */

import { crashFlowStyle } from "./crash_flow.ts";
import { headerFieldsStyle } from "./header_fields.ts";
import { headerMapStyle } from "./header_map.ts";
import { headerSlotsStyle } from "./header_slots.ts";
import { lifeStripStyle } from "./life_strip.ts";
import { markupStyle } from "./markup.ts";
import { maskStripStyle } from "./mask_strip.ts";
import { memoryBarStyle } from "./memory_bar.ts";
import { paletteStyle } from "./palette.ts";
import { releaseMatrixStyle } from "./release_matrix.ts";
import { witnessStyle } from "./witness_line.ts";

/** Palette first. */
export const drawStyle: string = [
  paletteStyle,
  markupStyle,
  maskStripStyle,
  memoryBarStyle,
  headerSlotsStyle,
  headerMapStyle,
  headerFieldsStyle,
  lifeStripStyle,
  crashFlowStyle,
  releaseMatrixStyle,
  witnessStyle,
].join("");
