/**
 * Wrong makers of /proc/vmcore that look at too little of a header, or at too
 * much of it.
 *
 * @module
 */

import {
  EHDR,
  EI,
  ELFCLASS64,
  ELFDATA2LSB,
  ELFMAG,
  ET_CORE,
  EV_CURRENT,
  phdrOffset,
  PN_XNUM,
  readEhdr,
  SIZEOF_EHDR,
  SIZEOF_PHDR,
  viewOf,
} from "../../lib/elf/elf64.ts";
import { mistake, STEPS, type VmcoreMistake } from "./vmcore_again.ts";

/** Looks at a header with its bytes at `at` set right, so that one check is as good as gone. */
function unchecked(
  name: string,
  what: string,
  at: number,
  ...values: number[]
): VmcoreMistake {
  return mistake(name, what, {
    refuses: (header, kernel) => {
      const corrected = header.slice();
      if (corrected.length >= SIZEOF_EHDR) corrected.set(values, at);
      return STEPS.refuses(corrected, kernel);
    },
  });
}

/** All of them. */
export const CHECK_MISTAKES: readonly VmcoreMistake[] = [
  unchecked("magic-unchecked", "the magic is not looked at", 0, ...ELFMAG),
  unchecked(
    "class-unchecked",
    "the class is not looked at",
    EI.EI_CLASS,
    ELFCLASS64,
  ),
  unchecked(
    "ident-version-unchecked",
    "the version in e_ident is not looked at",
    EI.EI_VERSION,
    EV_CURRENT,
  ),
  unchecked(
    "type-unchecked",
    "e_type is not looked at",
    EHDR.e_type.at,
    ET_CORE,
    0,
  ),
  mistake("machine-unchecked", "e_machine is not looked at", {
    refuses: (header, kernel) =>
      header.length < SIZEOF_EHDR ||
      STEPS.refuses(header, {
        ...kernel,
        e_machine: readEhdr(viewOf(header)).e_machine,
      }),
  }),
  unchecked(
    "version-unchecked",
    "e_version is not looked at",
    EHDR.e_version.at,
    EV_CURRENT,
    0,
    0,
    0,
  ),
  unchecked(
    "ehsize-unchecked",
    "e_ehsize is not looked at",
    EHDR.e_ehsize.at,
    SIZEOF_EHDR,
    0,
  ),
  unchecked(
    "phentsize-unchecked",
    "e_phentsize is not looked at",
    EHDR.e_phentsize.at,
    SIZEOF_PHDR,
    0,
  ),
  mistake(
    "truncation-unchecked",
    "program headers beyond the end are read as far as they go",
    {
      refuses: (header, kernel) => {
        if (header.length < SIZEOF_EHDR) return true;
        const padded = new Uint8Array(
          Math.max(header.length, phdrOffset(PN_XNUM)),
        );
        padded.set(header);
        return STEPS.refuses(padded, kernel);
      },
    },
  ),
  mistake("data-checked", "a foreign data encoding is refused", {
    refuses: (header, kernel) =>
      STEPS.refuses(header, kernel) || header[EI.EI_DATA] !== ELFDATA2LSB,
  }),
  mistake("osabi-checked", "another OS ABI than 0 is refused", {
    refuses: (header, kernel) =>
      STEPS.refuses(header, kernel) || header[EI.EI_OSABI] !== 0,
  }),
];
