import { assert, assertEquals } from "@std/assert";
import { parse } from "@std/yaml";
import release from "../../.github/workflows/release.yml" with { type: "text" };

interface Step {
  readonly run?: string;
  readonly uses?: string;
}

interface Job {
  readonly needs?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

const { jobs, permissions } = parse(release) as {
  jobs: Record<string, Job>;
  permissions: Record<string, string>;
};

Deno.test("the job that may publish runs nothing of this repository", () => {
  assertEquals(permissions, { contents: "read" });
  const mayWrite = Object.values(jobs).filter((job) => job.permissions);
  assertEquals(mayWrite.length, 1);
  for (const { run = "" } of mayWrite[0].steps) {
    assert(!/deno (?:task|run|test)|scripts\/|npm (?:ci|run)/.test(run), run);
  }
});

Deno.test("a release is a draft until everything is published", () => {
  const runs = jobs.publish.steps.flatMap(({ run = [] }) => run);
  assertEquals(jobs.publish.needs, "build");
  const [created, published, shown] = [
    /gh release create .*--draft /,
    /deno publish$/,
    /gh release edit .*--draft=false$/,
  ].map((step) => runs.findIndex((run) => step.test(run)));
  assertEquals([created, published, shown], [
    runs.length - 3,
    runs.length - 2,
    runs.length - 1,
  ]);
});
