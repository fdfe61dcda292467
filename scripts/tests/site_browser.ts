import { assert, assertEquals } from "@std/assert";
import { escapeMarkup } from "../../lib/draw/markup.ts";
import { chromium, installed } from "./chromium.ts";
import { run } from "./run.ts";
import { inlined, KINDS, site } from "./site_build.ts";

// The site in a real Chromium; skipped where there is none.

/** Writes a page that has a page of each kind in a frame: Chromium starts slowly. */
async function framed(
  width: number,
  script: string,
  inEach = "",
): Promise<string> {
  const frames = await Promise.all(KINDS.map(async (page) => {
    const html = (await inlined(page))
      .replace("</body>", () => `<script>${inEach}</script></body>`);
    return `<iframe title="${page}" width="${width}" height="800" srcdoc="${
      escapeMarkup(html)
    }"></iframe>`;
  }));
  const { folder } = await site();
  const outer = await Deno.makeTempFile({ dir: folder, suffix: ".html" });
  await Deno.writeTextFile(
    outer,
    `<!doctype html><title></title>${
      frames.join("")
    }<script>const frames = [...document.querySelectorAll("iframe")];
${script}</script>`,
  );
  return outer;
}

for (const width of [400, 768, 1280, 1600]) {
  Deno.test({
    name: `no page of the site is wider than ${width} pixels, nor has an error`,
    ignore: !installed(),
    fn: async () => {
      const { dom, log } = await chromium(
        await framed(
          width,
          `onload = () => {
  document.title = frames
    .filter(({ contentDocument: { documentElement: root } }) => root.scrollWidth > ${width})
    .map(({ title }) => title).join(" ");
};`,
        ),
        "--dump-dom",
      );
      assertEquals(log, []);
      assertEquals(/<title>(.*?)<\/title>/.exec(dom)![1], "");
    },
  });
}

Deno.test({
  name: "each kind of page of the site is drawn by Chromium, light and dark",
  ignore: !installed(),
  fn: async () => {
    const { folder } = await site();
    const shot = await Deno.makeTempFile({ suffix: ".png" });
    for (const [i, page] of KINDS.entries()) {
      const dark = i % 2 === 0
        ? []
        : ["--blink-settings=preferredColorScheme=0"];
      const { log } = await chromium(
        `${folder}/${page}.html`,
        `--screenshot=${shot}`,
        "--window-size=1280,900",
        ...dark,
      );
      assertEquals(log, [], page);
      assert((await Deno.stat(shot)).size > 10_000, page);
    }
    await Deno.remove(shot);
  },
});

Deno.test({
  name: "the site searches, and follows a release, in a real browser",
  ignore: !installed(),
  fn: async () => {
    const { folder } = await site();
    const page = `${folder}/release/ppc64le.html`;
    const asking = `${folder}/release/asking.html`;
    await Deno.writeTextFile(
      asking,
      (await Deno.readTextFile(page)).replace(
        "</body>",
        `<script>addEventListener("load", async () => {
  box.value = "R36";
  await search();
  showRelease("6.12.95");
  document.title = JSON.stringify([
    form.querySelector("a").getAttribute("href"),
    document.querySelector("#ask output").textContent,
    document.querySelector(".asked").id,
  ]);
});</script></body>`,
      ),
    );
    const { dom, log } = await chromium(
      asking,
      "--dump-dom",
      "--virtual-time-budget=4000",
    );
    assertEquals(log, []);
    assertEquals(
      JSON.parse(/<title>(.*?)<\/title>/.exec(dom)![1]),
      [
        "../rule/R36.html",
        "6.12.95 is in: 6.12.91 and later 6.12",
        "6.12.91",
      ],
    );
  },
});

/** axe-core from npm, of the checks that it has today; nothing where npm does not reach it. */
async function axe(): Promise<string | undefined> {
  const folder = await Deno.makeTempDir();
  try {
    const packed = await run("npm", ["pack", "--silent", "axe-core@4"], {
      cwd: folder,
    });
    if (packed.code !== 0) return undefined;
    await run("tar", ["xzf", packed.stdout.trim()], { cwd: folder });
    return await Deno.readTextFile(`${folder}/package/axe.min.js`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

Deno.test({
  name: "axe-core finds nothing wrong on a page of each kind of the site",
  ignore: !installed(),
  fn: async () => {
    const checks = await axe();
    if (checks === undefined) {
      console.log("axe-core cannot be had from npm: nothing was checked");
      return;
    }
    const outer = await framed(
      1280,
      `onload = async () => {
  const found = [];
  for (const { title, contentWindow } of frames) {
    const { violations } = await contentWindow.axe.run();
    found.push(...violations.map(({ id, nodes }) => title + ": " + id + " " + nodes[0].html));
  }
  document.title = "axe: " + found.join("; ");
};`,
      checks,
    );
    const { dom } = await chromium(
      outer,
      "--dump-dom",
      "--virtual-time-budget=120000",
    );
    assertEquals(/<title>(.*?)<\/title>/s.exec(dom)![1], "axe: ");
  },
});
