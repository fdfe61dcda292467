/**
 * Headers by the name that spec files give them.
 *
 * @module
 */

import { imageBytes, parseImage } from "../lib/spec/image.ts";
import { CASES, IMAGES, SCENARIOS } from "./mod.ts";

/**
 * Finds a header: the golden of a case, of a scenario's moment
 * (`scenario/<id>/<golden>`), or an image for readers.
 *
 * @throws {RangeError} If there is none of that name.
 */
export function headerNamed(name: string): Uint8Array {
  const known = CASES.find(({ id }) => id === name);
  if (known) return known.golden;
  const image = IMAGES.find(({ id }) => id === name);
  if (image) {
    const spec = parseImage(image.yaml);
    return imageBytes(spec, headerNamed(spec.base));
  }
  const [, id, moment] = /^(.*)\/([^/]*)$/.exec(name) ?? [];
  const golden = SCENARIOS.find((scenario) => scenario.id === id)
    ?.goldens[moment];
  if (golden) return golden;
  throw new RangeError(`No header is named ${name}`);
}
