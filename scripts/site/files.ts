/**
 * All files of the site.
 *
 * @module
 */

import { ARCH_NAMES } from "../../lib/kernel/arch.ts";
import { RULES } from "../../lib/spec/rules.ts";
import { shownBoundaries } from "./boundaries.ts";
import { casePage } from "./case_page.ts";
import { casesPage } from "./cases_page.ts";
import { fadumpPage } from "./fadump_page.ts";
import { imagePage } from "./image_page.ts";
import type { Item } from "./items.ts";
import { kexecToolsPage } from "./kexec_tools_page.ts";
import { lifePage } from "./life_page.ts";
import { machinePage } from "./machine_page.ts";
import { otherPage } from "./other_page.ts";
import type { SiteFile } from "./page.ts";
import { panicPage } from "./panic_page.ts";
import { programPage, programsPage } from "./program_page.ts";
import { releasesPage } from "./releases_page.ts";
import { GIT_KERNEL_ORG, rulePage, rulesPage } from "./rule_page.ts";
import { siteScript } from "./script.ts";
import { searchEntries, searchIndex } from "./search_index.ts";
import { startPage } from "./start_page.ts";
import { siteStyle } from "./style.ts";
import { defectOf, utilityPage } from "./utility_page.ts";
import type { World } from "./world.ts";

/** Makes the site. */
export function siteFiles(world: World): SiteFile[] {
  const { items, programs, corpus } = world;
  const boundaries = shownBoundaries(items);
  const headers = items.filter(({ list }) => list === "kexec_tools")
    .map((item) => [item, defectOf(item, world)] as const);
  const defects = headers.filter(([, defect]) => defect !== undefined).length;
  const pages: Partial<
    Record<keyof typeof corpus, (item: Item) => SiteFile[]>
  > = {
    cases: (item) => casePage(item, world, boundaries),
    kexec_tools: (item) => utilityPage(item, world),
    scenarios: (item) => lifePage(item, world),
    vmcores: (item) => panicPage(item, world),
    images: (item) => imagePage(item, world),
    fadumps: (item) => fadumpPage(item, world),
  };
  return [
    ["style.css", siteStyle],
    ["script.js", siteScript],
    ["search.js", searchIndex(searchEntries(world))],
    startPage(world),
    ...ARCH_NAMES.map((arch) => releasesPage(arch, boundaries)),
    casesPage(world),
    ...items.flatMap((item) =>
      pages[item.list]?.(item) ?? otherPage(item, world)
    ),
    rulesPage(world),
    ...RULES.map((rule) => rulePage(rule, world, boundaries, GIT_KERNEL_ORG)),
    programsPage(world, defects),
    ...programs.map((program) => programPage(program, world)),
    kexecToolsPage(headers, world),
    machinePage(),
  ];
}
