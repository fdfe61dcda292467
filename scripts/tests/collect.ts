import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  CRASH_SIZE,
  HEADER_AT,
  lay,
  LAYOUTS,
  layPieces,
  SECRET,
  SECRET_AT,
} from "./host_machine.ts";
import { run, test } from "./run.ts";
import {
  COLLECT,
  collect,
  type Collected,
  filesBelow,
  HEADER,
  machine,
  readText,
  SHELLS,
  textOf,
} from "./run_collect.ts";

for (const [i, shell] of Object.keys(SHELLS).entries()) {
  test(`collect.sh copies what was planted under ${shell}, with as many programs for 512 CPUs as for 2`, async () => {
    const counts: string[][] = [];
    for (const [j, cpus] of [2, 512].entries()) {
      const { root, files } = machine(LAYOUTS[(i + j) % 2], cpus);
      const got = await collect(shell, root, { before: "" });
      assertEquals([got.code, got.stderr], [0, ""]);
      assertEquals(
        textOf(got, "collect"),
        "format: 1\nroot: made up\n" +
          ["elfcorehdr", "kexec_crash_image", "kimage"].map((name) =>
            `twice: ${name} same\n`
          ).join("") + "header: kimage\n",
      );
      for (const [path, content] of files) {
        const wanted = typeof content === "string"
          ? new TextEncoder().encode(content)
          : content;
        assert(got.files.get(path), `${path} is missing`);
        assertEquals(got.files.get(path)!.toHex(), wanted.toHex(), path);
      }
      assertEquals(got.files.size, files.size + 1);
      assert(!hasSecret(got), "keys were copied");
      await assertArchived(got);
      counts.push(got.started.toSorted());
    }
    assertEquals(counts[1], counts[0]);
    assert(counts[0].length < 100, `${counts[0].length} programs`);
  });
}

function hasSecret({ files }: Collected): boolean {
  return [...files.values()].some((bytes) =>
    new TextDecoder("latin1").decode(bytes).includes(SECRET)
  );
}

/** Checks that the archive has the files of the folder, for the owner alone. */
async function assertArchived({ folder, files }: Collected): Promise<void> {
  const archive = `${folder}/out/b.tar.gz`;
  const { mode, size } = Deno.statSync(archive);
  assertEquals(mode! & 0o777, 0o600);
  assert(size < 4096 + 32 * files.size, `${size} bytes`);
  await Deno.mkdir(`${folder}/again`);
  await run("tar", ["-xzf", archive, "-C", `${folder}/again`]);
  assertEquals(filesBelow(`${folder}/again/b`), files);
}

test("collect.sh scans for all candidates where the symbol is hidden, and takes only what they count", async () => {
  const { root, at } = machine(LAYOUTS[1]);
  const kallsyms = readText(`${root}/proc/kallsyms`);
  lay(
    `${root}/proc/kallsyms`,
    kallsyms.replaceAll(/^[0-9a-f]+/gm, "0".repeat(16)),
  );
  const { crash } = LAYOUTS[1];
  const old = crash + CRASH_SIZE - 0x2000n;
  const relocatable = HEADER.slice();
  relocatable[16] = 1;
  layPieces(`${root}/proc/kcore`, [
    [at(old), HEADER],
    [at(old) + HEADER.length, new TextEncoder().encode(SECRET)],
    [at(crash + 0x8000n), relocatable],
  ]);
  for (const shell of Object.keys(SHELLS)) {
    const got = await collect(shell, root);
    const names = [crash + HEADER_AT, old].map((paddr) =>
      `elfcorehdr.scan.${paddr.toString(16).padStart(16, "0")}`
    );
    const found = [...got.files.keys()].filter((name) => /^elf/.test(name));
    assertEquals(found.sort(), names);
    for (const name of names) {
      assertEquals(got.files.get(name), HEADER.slice(0, 64 + 56 * HEADER[56]));
    }
    assertStringIncludes(textOf(got, "collect")!, "\nheader: scan\n");
    assertStringIncludes(got.stdout, "not read: proc/kallsyms: its addresses");
    assert(!hasSecret(got));
  }
});

for (
  const [what, path, content, wanted] of [
    ["nothing is loaded", "sys/kernel/kexec_crash_loaded", "0\n", "is loaded"],
    [
      "no segment is a core file",
      "proc/kcore",
      [HEADER_AT, new Uint8Array(64)],
      "no segment can be read",
    ],
    [
      "iomem has another region",
      "proc/iomem",
      "10000000-1fffffff : Crash kernel\n",
      "no table of segments",
    ],
  ] as const
) {
  test(`collect.sh finds no header where ${what}`, async () => {
    const { root, at } = machine();
    if (typeof content === "string") lay(`${root}/${path}`, content);
    else {
      const [offset, bytes] = content;
      layPieces(`${root}/${path}`, [[at(LAYOUTS[0].crash + offset), bytes]]);
    }
    const got = await collect("dash", root);
    assertEquals([got.code, got.files.get("elfcorehdr")], [0, undefined]);
    assertStringIncludes(textOf(got, "collect")!, "\nheader: none\n");
    assertStringIncludes(got.stdout, wanted);
  });
}

test("collect.sh says that a header and the pointer to its image changed meanwhile", async () => {
  const { root, at } = machine();
  const kcore = `${root}/proc/kcore`;
  const symbol = at(0xffffffff89400000n + 0x2766b38n);
  const patch = (name: string, skip: number, at: number) =>
    `case "$*" in *"skip=${skip} "*) [ -e ${root}/${name} ] && printf X | /bin/dd of=${kcore} bs=1 seek=${at} conv=notrunc 2>/dev/null; >${root}/${name};; esac`;
  const header = at(LAYOUTS[0].crash + HEADER_AT);
  const got = await collect("dash", root, {
    before: [
      // The first read of a page there looks whether it is a header.
      patch("header", header / 4096, header + 100),
      patch("pointer", symbol / 8, symbol),
    ].join("\n"),
  });
  for (const name of ["elfcorehdr", "kexec_crash_image"]) {
    assertStringIncludes(
      textOf(got, "collect")!,
      `twice: ${name} changed meanwhile`,
    );
    assertStringIncludes(got.stdout, `${name} changed meanwhile`);
  }
  assertEquals(got.files.get("elfcorehdr")!.slice(0, HEADER.length), HEADER);
});

test("collect.sh refuses a folder, a link or an archive that is there, and changes nothing", async () => {
  const dir = Deno.makeTempDirSync();
  Deno.mkdirSync(`${dir}/folder`);
  Deno.symlinkSync(`${dir}/nowhere`, `${dir}/link`);
  Deno.symlinkSync(`${dir}/nowhere`, `${dir}/archived.tar.gz`);
  const names = () => [...Deno.readDirSync(dir)].map(({ name }) => name);
  const before = names();
  const { root } = machine();
  for (const args of [["folder"], ["folder/"], ["link"], ["archived"], []]) {
    const { code, stdout, stderr } = await run(
      "sh",
      [COLLECT, "--root", root, ...args],
      { cwd: dir },
    );
    assertEquals([code, stdout], [2, ""]);
    assertStringIncludes(stderr, "Cannot collect: ");
  }
  assertEquals(names(), before);
});

test("collect.sh reads no FIFO, no link out of a made-up tree, and of an endless file the beginning", async () => {
  const { root } = machine();
  const secret = `${root}-secret`;
  lay(secret, `${SECRET}\n`);
  const replace = (path: string) => {
    Deno.removeSync(`${root}/${path}`);
    return `${root}/${path}`;
  };
  const cpu = "sys/devices/system/cpu";
  for (const path of ["proc/kcore", "proc/iomem", `${cpu}/cpu0/crash_notes`]) {
    await run("mkfifo", [replace(path)]);
  }
  for (const path of ["etc/os-release", `${cpu}/cpu1/crash_notes`]) {
    Deno.symlinkSync(secret, replace(path));
  }
  const endless = [
    "proc/kallsyms",
    "proc/version",
    `${cpu}/cpu0/crash_notes_size`,
  ];
  for (const path of endless) {
    lay(`${root}/${path}`, "");
    Deno.truncateSync(`${root}/${path}`, 2 ** 40);
  }
  lay(`${root}/${cpu}/possible`, `0-${"9".repeat(30)}`);
  const got = await collect("dash", root);
  assertEquals([got.code, got.stderr], [0, ""]);
  assert(!hasSecret(got), "a link was followed");
  for (const path of ["proc/kcore", "proc/iomem", "etc/os-release"]) {
    assertStringIncludes(got.stdout, `not read: ${path}: must be a regular`);
  }
  assertStringIncludes(got.stdout, "not read: proc/version: cut after");
  assertEquals(got.files.get("proc/version")!.length, 4 << 20);
});

test("collect.sh says what it could not read without root, and writes the rest", async () => {
  const { root } = machine();
  for (const path of ["proc/kcore", "sys/kernel/vmcoreinfo"]) {
    Deno.chmodSync(`${root}/${path}`, 0);
  }
  lay(`${root}/proc/iomem`, "00000000-00000000 : System RAM\n");
  Deno.chmodSync(root, 0o755);
  const got = await collect("dash", root, {
    uid: Deno.uid() === 0 ? 65534 : undefined,
  });
  assertEquals(got.code, 0, got.stderr);
  for (
    const line of [
      "not read: proc/kcore: Permission denied\n",
      "not read: sys/kernel/vmcoreinfo: Permission denied\n",
      "not read: proc/iomem: its addresses are hidden",
    ]
  ) assertStringIncludes(got.stdout, line);
  assertEquals(textOf(got, "proc/sys/kernel/osrelease"), "6.12.118\n");
  assertEquals(got.files.has("sys/kernel/vmcoreinfo"), false);
});

test("collect.sh names lockdown as the reason where it closes kcore", async () => {
  const { root } = machine();
  lay(`${root}/sys/kernel/security/lockdown`, "none [confidentiality]\n");
  const said = "dd: failed to open '/proc/kcore': Operation not permitted";
  const got = await collect("dash", root, {
    before: `case "$*" in *proc/kcore*) echo "${said}" >&2; exit 1;; esac`,
  });
  assertStringIncludes(got.stdout, "Operation not permitted (lockdown=conf");
  assertEquals([got.code, got.stderr], [0, ""]);
});

test("collect.sh reads 64 bytes of a segment that is no header", async () => {
  const { root, at } = machine();
  const secret = at(LAYOUTS[0].crash + SECRET_AT);
  const { folder } = await collect("dash", root, {
    before: `case "$*" in *"skip=${secret / 64} "*) echo little;; *"skip=${
      secret / 4096
    } "*) echo much;; esac >>seen`,
  });
  assertEquals(readText(`${folder}/seen`), "little\n");
});
