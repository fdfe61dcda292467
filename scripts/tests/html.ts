import { assert, assertEquals } from "@std/assert";
import { chromium, installed } from "./chromium.ts";
import { ROOT } from "./run.ts";
import { conform } from "./run_conform.ts";

// The HTML report in a real Chromium, by its own switches: it draws the page,
// runs what the page runs, and prints the document that comes of it. Skipped
// where there is none, but not in CI.

const reports = new Map<string, Promise<string>>();

/** A report in which all cases of an architecture fail: each answered with the golden of another. */
function report(arch: string): Promise<string> {
  const made = reports.get(arch) ?? makeReport(arch);
  reports.set(arch, made);
  return made;
}

async function makeReport(arch: string): Promise<string> {
  const page = await Deno.makeTempFile({ suffix: ".html" });
  const other = `${ROOT}golden/x86_64/6.1-smp2of8-hotadd.bin`;
  await conform("--arch", arch, "--output", page, "--", "cat", other);
  return page;
}

/**
 * Evaluates an expression in the page, in a frame of a width: Chromium has no
 * window below 500 pixels.
 */
async function evaluate(
  page: string,
  width: number,
  expression: string,
): Promise<unknown> {
  const html = (await Deno.readTextFile(page)).replace(
    "</html>",
    () =>
      `<script>parent.document.title = JSON.stringify(${expression});</script></html>`,
  ).replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  const outer = await Deno.makeTempFile({ suffix: ".html" });
  await Deno.writeTextFile(
    outer,
    `<!doctype html><title></title><iframe width="${width}" height="900" style="border:0" srcdoc="${html}"></iframe>`,
  );
  const { dom, log } = await chromium(outer, "--dump-dom");
  assertEquals(log, []);
  return JSON.parse(/<title>(.*?)<\/title>/.exec(dom)![1]);
}

Deno.test({
  name: "the HTML report fits 1280, 768 and 400 pixels, all cases closed",
  ignore: !installed(),
  fn: async () => {
    const page = await report("x86_64");
    for (const [width, most] of [[1280, 10000], [768, 12000], [400, 20000]]) {
      const seen = await evaluate(
        page,
        width,
        `(() => {
          const { body } = document;
          const got = document.querySelector(".cause .got").getBoundingClientRect();
          return {
            width: innerWidth,
            open: document.querySelectorAll("details[open]").length,
            height: body.scrollHeight,
            wide: [...document.querySelectorAll("main > *, header > *")]
              .filter((one) => one.getBoundingClientRect().right > ${width} + 1).length,
            got: got.right <= ${width} && got.height > 0,
          };
        })()`,
      ) as {
        width: number;
        open: number;
        height: number;
        wide: number;
        got: boolean;
      };
      assertEquals({ ...seen, height: 0 }, {
        width,
        open: 0,
        height: 0,
        wide: 0,
        got: true,
      });
      assert(seen.height < most, `${seen.height} pixels at ${width}`);
    }
  },
});

Deno.test({
  name: "the HTML report finds cases by rule, field, cause and words",
  ignore: !installed(),
  fn: async () => {
    const page = await report("riscv64");
    const [all, byRule, byWords, byCause, text] = await evaluate(
      page,
      1280,
      `(() => {
        const shown = () => cases.filter((one) => one.offsetParent !== null).length;
        const set = (id, value) => {
          byId(id).value = value;
          byId(id).dispatchEvent(new Event("input"));
          return shown();
        };
        const all = shown();
        const byRule = set("rule", "R06");
        set("rule", "");
        const byWords = set("text", "SV39");
        set("text", "");
        document.querySelector("[data-show]").click();
        const text = document.querySelector(document.querySelector(".cause a").hash + " + dd").textContent;
        return [all, byRule, byWords, shown(), text];
      })()`,
    ) as [number, number, number, number, string];
    assert(all >= 20);
    assert(byRule > 0 && byRule < all);
    assertEquals(byWords, 1);
    assert(byCause > 1 && byCause <= all);
    assert(text.length > 20, "the rule's number leads to its text");
  },
});

Deno.test({
  name: "the HTML report shows what passes when it is asked for",
  ignore: !installed(),
  fn: async () => {
    const seen = await evaluate(
      await report("x86_64"),
      1280,
      `(() => {
        byId("status").value = "pass";
        byId("status").dispatchEvent(new Event("input"));
        return cases.filter((one) => one.offsetParent !== null)
          .map((one) => one.querySelector("code").textContent);
      })()`,
    );
    assertEquals(seen, ["x86_64/6.1-smp2of8-hotadd"]);
  },
});

Deno.test({
  name: "the HTML report can be looked at and printed: Chromium does",
  ignore: !installed(),
  fn: async () => {
    const page = await report("loongarch64");
    const folder = await Deno.makeTempDir();
    await chromium(page, `--screenshot=${folder}/seen.png`);
    await chromium(page, `--print-to-pdf=${folder}/printed.pdf`);
    assert((await Deno.stat(`${folder}/seen.png`)).size > 20_000);
    assert((await Deno.stat(`${folder}/printed.pdf`)).size > 10_000);
  },
});

Deno.test({
  name:
    "the HTML report opens its cases when it is printed, and shows each wrong field at 400 pixels",
  ignore: !installed(),
  fn: async () => {
    const seen = await evaluate(
      await report("riscv64"),
      400,
      `(() => {
        dispatchEvent(new Event("beforeprint"));
        const closed = document.querySelectorAll("article details:not([open])").length;
        const wrong = [...document.querySelectorAll("article:not(#passes *) .wrong")];
        const outside = wrong.filter((cell) => {
          const { width, right } = cell.getBoundingClientRect();
          return width === 0 || right > 400;
        });
        return [closed, wrong.length > 100, outside.length];
      })()`,
    );
    assertEquals(seen, [0, true, 0]);
  },
});

Deno.test({
  name: "the HTML report does not hide a focused case behind its filters",
  ignore: !installed(),
  fn: async () => {
    const hidden = await evaluate(
      await report("x86_64"),
      1280,
      `(() => {
        scrollTo(0, document.body.scrollHeight);
        const rows = [...document.querySelectorAll("main > article summary")].slice(-40).reverse();
        return rows.filter((row) => {
          row.focus();
          return row.getBoundingClientRect().top < form.getBoundingClientRect().bottom;
        }).length;
      })()`,
    );
    assertEquals(hidden, 0);
  },
});
