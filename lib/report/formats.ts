/**
 * The formats of a report, a row each.
 *
 * @module
 */

import { formatAnnotations } from "./annotations.ts";
import { formatHtml } from "./html.ts";
import { formatJson } from "./json.ts";
import { formatJunit } from "./junit.ts";
import { formatMarkdown } from "./markdown.ts";
import type { Format } from "./report.ts";
import { formatTap } from "./tap.ts";
import { formatText } from "./text.ts";

/** All of them, by name. */
export const FORMATS = {
  text: formatText,
  tap: formatTap,
  junit: formatJunit,
  json: formatJson,
  markdown: formatMarkdown,
  html: formatHtml,
  annotations: formatAnnotations,
} as const satisfies Record<string, Format>;
