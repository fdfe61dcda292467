import { assert, assertEquals } from "@std/assert";
import { parse } from "@std/yaml";
import release from "../../.github/workflows/release.yml" with { type: "text" };
import site from "../../.github/workflows/site.yml" with { type: "text" };

interface Step {
  readonly run?: string;
  readonly uses?: string;
}

interface Job {
  readonly needs?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly jobs: Readonly<Record<string, Job>>;
  readonly permissions: Readonly<Record<string, string>>;
}

const { jobs } = parse(release) as Workflow;

for (const [name, workflow] of Object.entries({ release, site })) {
  Deno.test(`the job of ${name}.yml that may publish runs nothing of this repository`, () => {
    const { jobs, permissions } = parse(workflow) as Workflow;
    assertEquals(permissions, { contents: "read" });
    const mayWrite = Object.values(jobs).filter((job) => job.permissions);
    assertEquals(mayWrite.length, 1);
    for (const { run = "" } of mayWrite[0].steps) {
      assert(
        !/deno (?:task|run|test)|scripts\/|npm (?:ci|run)/.test(run),
        run,
      );
    }
  });

  Deno.test(`every action of ${name}.yml is pinned to a commit`, () => {
    const { jobs } = parse(workflow) as Workflow;
    const used = Object.values(jobs).flatMap(({ steps }) =>
      steps.flatMap(({ uses }) => uses ? [uses] : [])
    );
    assertEquals(used.filter((uses) => !/@[0-9a-f]{40}$/.test(uses)), []);
  });
}

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
