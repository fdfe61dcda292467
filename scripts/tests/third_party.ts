import { assertEquals } from "@std/assert";
import { CASES } from "../../golden/mod.ts";
import { decodeElfcorehdr } from "../../lib/kernel/read_header.ts";

// Tools that nobody here wrote must see in every golden what we see. They are
// skipped where they are not installed, but not in CI.
const ROOT = new URL("../../", import.meta.url).pathname;
const granted = (["run", "read", "env"] as const).every((name) =>
  Deno.permissions.querySync({ name }).state === "granted"
);

function installed(program: string): boolean {
  if (!granted) return false;
  if (Deno.env.get("CI") === "true") return true;
  try {
    return new Deno.Command(program, { args: ["--version"] }).outputSync()
      .success;
  } catch {
    return false;
  }
}

const TYPES: Record<string, number> = { LOAD: 1, NOTE: 4 };
const ROW_REGEXP =
  /^ +(NOTE|LOAD) +(0x\w+) (0x\w+) (0x\w+) (0x\w+) (0x\w+) ([R ][W ][E ]) (\w+)$/gm;

for (
  const [program, ...options] of [
    ["readelf", "-hlW"],
    ["eu-readelf", "-hl"],
    ["llvm-readelf", "-hl"],
  ]
) {
  Deno.test({
    name: `${program} reads every golden as we do`,
    ignore: !installed(program),
    fn: async () => {
      for (const { id, golden } of CASES) {
        const { code, stdout, stderr } = await new Deno.Command(program, {
          args: [...options, `${ROOT}golden/${id}.bin`],
          env: { LC_ALL: "C" },
        }).output();
        const text = new TextDecoder().decode(stdout);
        assertEquals([id, code, new TextDecoder().decode(stderr)], [id, 0, ""]);
        const rows = [...text.matchAll(ROW_REGEXP)].map(
          ([, type, offset, vaddr, paddr, filesz, memsz, flags, align]) => ({
            p_type: TYPES[type],
            p_flags: flags === "RWE" ? 7 : flags === "   " ? 0 : -1,
            p_offset: BigInt(offset),
            p_vaddr: BigInt(vaddr),
            p_paddr: BigInt(paddr),
            p_filesz: BigInt(filesz),
            p_memsz: BigInt(memsz),
            p_align: BigInt(align),
          }),
        );
        assertEquals([id, rows], [id, decodeElfcorehdr(golden).phdrs]);
      }
    },
  });
}
