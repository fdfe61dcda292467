/**
 * The linear map as the userspace kexec utility takes it, which on riscv64 and
 * without symbols is not the kernel's.
 *
 * @module
 */

import type { ArchName } from "../kernel/arch.ts";
import type { Case } from "../spec/case.ts";
import type { UtilityView } from "../spec/kexec_tools.ts";

/**
 * Offset that the utility adds to a physical address: on riscv64 no offset, but the
 * address of a page of the kernel; on arm64 nothing if `_text` is not found.
 *
 * @see `get_page_offset()`, kexec/arch/riscv/crashdump-riscv.c and
 * kexec/arch/arm64/kexec-arm64.c of kexec-tools
 *
 * @throws {RangeError} If that is not known, or said of another architecture.
 */
export function utilityLinearMap(
  { arch, address, page_size }: Case,
  view: UtilityView,
): { page_offset: bigint; phys_offset: bigint } {
  const strange = strangeKey(arch, view);
  if (strange) {
    throw new RangeError(
      `Cannot write as the utility: ${strange} must be absent on ${arch}`,
    );
  }
  const { sinittext, lacks = [] } = view;
  if (arch !== "riscv64") {
    const { page_offset, phys_offset = 0n } = address;
    const unknown = arch === "arm64" && lacks.includes("_text");
    return { page_offset: unknown ? 0n : page_offset, phys_offset };
  }
  if (sinittext === undefined) {
    throw new RangeError(
      "Cannot write as the utility: sinittext must be present on riscv64",
    );
  }
  return { page_offset: sinittext - BigInt(page_size), phys_offset: 0n };
}

/** A key that the utility of an architecture has no use for. */
function strangeKey(
  arch: ArchName,
  { sinittext, reserved, preserve_context, nested_ram, lacks = [] }:
    UtilityView,
): string | undefined {
  const looksForText = arch === "arm64" || arch === "loongarch64";
  return Object.entries({
    sinittext: arch === "riscv64" ? undefined : sinittext,
    reserved: arch === "riscv64" ? undefined : reserved,
    preserve_context: arch === "x86_64" ? undefined : preserve_context,
    nested_ram: arch === "ppc64le" ? nested_ram : undefined,
    "_text of lacks": lacks.find((what) => what === "_text" && !looksForText),
  }).find(([, value]) => value !== undefined)?.[0];
}
