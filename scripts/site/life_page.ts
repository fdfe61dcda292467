/**
 * The page of a life: the segment after the load and after each event.
 *
 * @module
 */

import { lifeStrip } from "../../lib/draw/life_strip.ts";
import { playScenario } from "../../lib/model/hotplug.ts";
import { parseScenario } from "../../lib/spec/scenario.ts";
import { downloadsOf } from "./downloads.ts";
import { itemHead, itemTail, specText } from "./item_parts.ts";
import type { Item } from "./items.ts";
import { count, framePage, itemLink, type SiteFile } from "./page.ts";
import type { World } from "./world.ts";

/** Makes the page of a life. */
export function lifePage(item: Item, world: World): SiteFile[] {
  const { id, yaml } = item;
  const scenario = parseScenario(yaml, `spec/${id}.yaml`);
  const machine = world.byId.get(scenario.machine)!;
  const moments = playScenario(scenario, world.machines.get(machine.id)!);
  const goldens =
    world.corpus.scenarios.find((life) => life.id === id)!.goldens;
  const downloads = downloadsOf(item, undefined, goldens);
  const { call, hotplug } = scenario.load;
  const facts = [
    item.arch!,
    `Linux ${scenario.release}`,
    `${call}${hotplug === "true" ? " with updates allowed" : ""}`,
  ];
  const writes = moments.slice(1).filter(({ writes }) => writes > 0).length;
  const events = count(scenario.events.length, "event");
  const body = `${itemHead(item, facts, downloads)}
<h2>The segment over time</h2>
<p>${events} after the load${
    scenario.events.length === 0
      ? ""
      : `; ${writes === 0 ? "none" : writes} of them ${
        writes === 1 ? "writes" : "write"
      } the header`
  }. The machine at the load is ${itemLink(machine)}.</p>
${lifeStrip(moments)}
${itemTail(item, world)}
${specText(item)}`;
  return [
    framePage({ path: id, title: id, section: "Cases", body }),
    ...downloads.files,
  ];
}
