/**
 * The events of a guest after the load: CPUs and memory that come and go,
 * driven from outside where hardware does it, from inside where an operator.
 *
 * @module
 */

import { formatCpulist } from "../../../lib/kernel/cpumask.ts";
import { excludeRange, type Range } from "../../../lib/kernel/range.ts";
import type { LifeEvent } from "../../../lib/spec/scenario.ts";
import { CommandError } from "../../command.ts";
import { type Machine, readMachine } from "./machine.ts";
import type { Qemu } from "./qemu.ts";

const CPU = "/sys/devices/system/cpu";
const BLOCKS = "/sys/devices/system/memory";
/** Seconds until hardware that came or went must show in the guest. */
const PATIENCE = 30;
/** Milliseconds for a block to change its state. */
const SETTLE = 1500;

/**
 * Applies one event; returns what it changed.
 *
 * @throws {CommandError} If it does not show in the guest's masks or memory.
 */
export async function happen(
  vm: Qemu,
  step: string,
  before: Machine,
): Promise<{ machine: Machine; events: LifeEvent[] }> {
  const [name, value = ""] = step.split("=");
  const blocks = new Set((await readBlocks(vm)).keys());
  await ACTIONS[name](vm, value, before);
  // A block that goes offline stays in iomem and memblock: nothing shows.
  if (name === "memory-online" || name === "memory-offline") {
    await sleep(SETTLE);
    const block = await blockAt(vm, value);
    const event = name === "memory-online"
      ? { memory_online: block }
      : { memory_offline: block };
    return { machine: await readMachine(vm, before.arch), events: [event] };
  }
  const wanted = name.replace("-", "_");
  let last = "";
  for (let second = 0; second < PATIENCE; second++) {
    await sleep(1000);
    const offline = name === "memory-add" && await onlineBlocks(vm, blocks);
    const machine = await readMachine(vm, before.arch);
    // Hot-added memory comes block by block: it is there when nothing more comes.
    const events = differences(before, machine);
    const now = JSON.stringify(
      events,
      (_, value) => typeof value === "bigint" ? `${value}` : value,
    );
    const there = events.some((event) => wanted in event);
    if (there && !offline && now === last) return { machine, events };
    last = now;
  }
  throw new CommandError(
    `Cannot capture: ${step} must show in the guest: ${PATIENCE} s later it does not`,
  );
}

const ACTIONS: Readonly<
  Record<
    string,
    (vm: Qemu, value: string, before: Machine) => Promise<void>
  >
> = {
  "cpu-add": addCpu,
  "cpu-remove": async (vm, value, { arch }) => {
    if (arch === "ppc64le") {
      const index = 0x10000000 + Number(value);
      return await write(
        vm,
        "/sys/kernel/dlpar",
        `cpu remove index 0x${index.toString(16)}`,
      );
    }
    await vm.qmp("device_del", { id: `cpu${value}` });
  },
  "cpu-online": (vm, value) => write(vm, `${CPU}/cpu${value}/online`, "1"),
  "cpu-offline": (vm, value) => write(vm, `${CPU}/cpu${value}/online`, "0"),
  "memory-add": addMemory,
  "memory-remove": async (vm, value, { arch }) => {
    if (arch !== "ppc64le") {
      await vm.qmp("device_del", { id: await dimmAt(vm, value) });
      return;
    }
    const index = 0x80000000n + BigInt(value) / await blockSize(vm);
    await write(
      vm,
      "/sys/kernel/dlpar",
      `memory remove index 0x${index.toString(16)}`,
    );
  },
  "memory-online": async (vm, value) =>
    await write(vm, await blockState(vm, value), "online"),
  "memory-offline": async (vm, value) =>
    await write(vm, await blockState(vm, value), "offline"),
};

interface HotpluggableCpu {
  type: string;
  "qom-path"?: string;
  props: Record<string, number>;
}

/** Plugs the slot that is asked for, or the first free one. */
async function addCpu(vm: Qemu, value: string): Promise<void> {
  const all = await vm.qmp("query-hotpluggable-cpus") as HotpluggableCpu[];
  // x86_64 has sockets, ppc64le cores.
  const place = ({ props }: HotpluggableCpu) =>
    props["socket-id"] ?? props["core-id"];
  const free = all.filter((cpu) => cpu["qom-path"] === undefined).sort((a, b) =>
    place(a) - place(b)
  );
  const cpu = value === ""
    ? free[0]
    : free.find((slot) => place(slot) === Number(value));
  if (cpu === undefined) {
    throw new CommandError(
      `Cannot capture: cpu-add must name a free slot: ${
        free.map(place).join(", ") || "there is none"
      }`,
    );
  }
  await vm.qmp("device_add", {
    driver: cpu.type,
    id: `cpu${place(cpu)}`,
    ...cpu.props,
  });
}

async function addMemory(vm: Qemu, value: string): Promise<void> {
  const [size, addr] = (value || "256M").split("@");
  const objects = await vm.qmp("qom-list", { path: "/objects" }) as unknown[];
  const id = `memory${objects.length}`;
  const unit = size.endsWith("G") ? 1 << 30 : 1 << 20;
  await vm.qmp("object-add", {
    "qom-type": "memory-backend-ram",
    id,
    size: parseInt(size) * unit,
  });
  await vm.qmp("device_add", {
    driver: "pc-dimm",
    id: `dimm-${id}`,
    memdev: id,
    ...addr === undefined ? {} : { addr: Number(addr) },
  });
}

/** The DIMM at an address, or the last one that came. */
async function dimmAt(vm: Qemu, address: string): Promise<string> {
  const devices = await vm.qmp("query-memory-devices") as {
    data: { id: string; addr: number };
  }[];
  const dimm = address === ""
    ? devices.at(-1)
    : devices.find(({ data }) => data.addr === Number(address));
  if (dimm) return dimm.data.id;
  throw new CommandError(
    `Cannot capture: memory-remove must name the address of a DIMM that was added: current value is "${address}"`,
  );
}

/** State of each memory block, by the path of its file. */
async function readBlocks(vm: Qemu): Promise<Map<string, string>> {
  const { lines } = await vm.ask(`cat ${BLOCKS}/memory*/state`);
  return new Map(
    lines.map((line) => line.split("\t") as [path: string, state: string]),
  );
}

/**
 * Kernels differ in whether new blocks come online by themselves.
 *
 * @returns Whether any was not.
 */
async function onlineBlocks(
  vm: Qemu,
  known: ReadonlySet<string>,
): Promise<boolean> {
  let found = false;
  for (const [path, state] of await readBlocks(vm)) {
    if (state !== "offline" || known.has(path)) continue;
    await write(vm, path, "online_movable");
    found = true;
  }
  return found;
}

async function blockSize(vm: Qemu): Promise<bigint> {
  const { lines } = await vm.ask(`cat ${BLOCKS}/block_size_bytes`);
  return BigInt(`0x${lines[0].split("\t")[1]}`);
}

async function blockState(vm: Qemu, address: string): Promise<string> {
  return `${BLOCKS}/memory${BigInt(address) / await blockSize(vm)}/state`;
}

async function blockAt(vm: Qemu, address: string): Promise<Range> {
  const size = await blockSize(vm);
  const start = BigInt(address) / size * size;
  return { start, end: start + size - 1n };
}

async function write(vm: Qemu, path: string, text: string): Promise<void> {
  const { errno } = await vm.ask(`write ${path} ${text}`);
  if (errno !== 0) {
    throw new CommandError(
      `Cannot capture: writing "${text}" to the guest's ${path} must work: errno ${errno}`,
    );
  }
}

/** Changes, in the terms of a scenario and in their order. */
function differences(before: Machine, after: Machine): LifeEvent[] {
  const mask = (name: "present" | "online") => {
    const [old, now] = [before.cpus[name], after.cpus[name]];
    return {
      came: now.filter((cpu) => !old.includes(cpu)),
      went: old.filter((cpu) => !now.includes(cpu)),
    };
  };
  const present = mask("present");
  const online = mask("online");
  const leftOnline = online.went.filter((cpu) => !present.went.includes(cpu));
  const cpulist = (
    key: "cpu_add" | "cpu_remove" | "cpu_online" | "cpu_offline",
    cpus: number[],
  ): LifeEvent[] => cpus.length > 0 ? [{ [key]: formatCpulist(cpus) }] : [];
  const [old, now] = [before.memory.system_ram, after.memory.system_ram];
  return [
    ...cpulist("cpu_offline", leftOnline),
    ...cpulist("cpu_remove", present.went),
    ...cpulist("cpu_add", present.came),
    ...cpulist("cpu_online", online.came),
    ...without(old, now).map((memory_remove) => ({ memory_remove })),
    ...without(now, old).map((memory_add) => ({ memory_add })),
  ];
}

/** Returns the parts of a list of ranges that another lacks. */
function without(
  ranges: readonly Range[],
  others: readonly Range[],
): Range[] {
  return others.reduce<Range[]>(excludeRange, [...ranges]);
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
