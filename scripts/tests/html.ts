import { assert, assertEquals } from "@std/assert";

// The HTML report in a real Chromium, by its own switches: it draws the page,
// runs what the page runs, and prints the document that comes of it. Skipped
// where there is none, but not in CI.
const ROOT = new URL("../../", import.meta.url).pathname;
const granted = (["run", "read", "write", "env"] as const).every((name) =>
  Deno.permissions.querySync({ name }).state === "granted"
);

function installed(): boolean {
  if (!granted) return false;
  if (Deno.env.get("CI") === "true") return true;
  try {
    return new Deno.Command("chromium", { args: ["--version"] }).outputSync()
      .success;
  } catch {
    return false;
  }
}

async function chromium(page: string, ...options: string[]) {
  const profile = await Deno.makeTempDir();
  const { stdout, stderr } = await new Deno.Command("chromium", {
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--enable-logging=stderr",
      `--user-data-dir=${profile}`,
      ...options,
      `file://${page}`,
    ],
  }).output();
  await Deno.remove(profile, { recursive: true });
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const log = decode(stderr).split("\n").filter((line) =>
    line.includes(":CONSOLE:")
  );
  return { dom: decode(stdout), log };
}

/** A report with failures: each case answered with the golden of another. */
async function report(): Promise<string> {
  const page = await Deno.makeTempFile({ suffix: ".html" });
  const wrong = `${ROOT}golden/x86_64/6.1-smp2of8-hotadd.bin`;
  await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "scripts/conform.ts",
      "--filter",
      "x86_64/6.*-smp2of8-*",
      "--format",
      "html",
      "--output",
      page,
      "--",
      "cat",
      wrong,
    ],
    cwd: ROOT,
  }).output();
  return page;
}

Deno.test({
  name: "the HTML report draws, filters, and logs nothing in Chromium",
  ignore: !installed(),
  fn: async () => {
    const page = await report();
    const plain = await chromium(page, "--dump-dom");
    assertEquals(plain.log, []);
    assert(plain.dom.includes("5 of 5 cases"), "the script counted the cases");
    assert(
      /class="field s2 wrong"[^>]*data-tip="byte 0x38 {2}ehdr\.e_phnum/.test(
        plain.dom,
      ),
    );

    // The page again, with someone typing into its filter.
    const typed = await Deno.makeTempFile({ suffix: ".html" });
    const html = await Deno.readTextFile(page);
    await Deno.writeTextFile(
      typed,
      html.replace(
        "</html>",
        `<script>
byId("text").value = "R09 HOTADD";
byId("text").dispatchEvent(new Event("input"));
document.title = cases.filter((one) => one.offsetParent !== null).map((one) => one.querySelector("code").textContent).join();
</script></html>`,
      ),
    );
    const filtered = await chromium(typed, "--dump-dom");
    assertEquals(filtered.log, []);
    assert(filtered.dom.includes("1 of 5 cases"));
    assert(filtered.dom.includes("<title>x86_64/6.12-smp2of8-hotadd</title>"));
  },
});

Deno.test({
  name: "the HTML report can be looked at: Chromium takes a picture of it",
  ignore: !installed(),
  fn: async () => {
    const picture = await Deno.makeTempFile({ suffix: ".png" });
    await chromium(
      await report(),
      `--screenshot=${picture}`,
      "--window-size=1200,900",
    );
    const { size } = await Deno.stat(picture);
    assert(size > 20_000, `${size} bytes`);
  },
});
