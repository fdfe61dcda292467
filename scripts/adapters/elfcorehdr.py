#!/usr/bin/env python3
"""An elfcorehdr writer and reader in Python, written from spec/rules.yaml.

    elfcorehdr.py            a request as JSON on stdin, the bytes on stdout
    elfcorehdr.py --jsonl    a request a line, an answer a line, until stdin ends
    elfcorehdr.py --inputs   as --jsonl, but working out the ranges from the inputs
    elfcorehdr.py --reader   a header on stdin, its program headers as JSON on stdout

Exit 0: here it is. 1: I refuse this input. 3: I do not support it.

Copy it, replace write() by a call of your own code, and run
    deno task conform -- ./elfcorehdr.py
"""
import base64
import json
import struct
import sys

EHDR = struct.Struct("<16sHHIQQQIHHHHHH")
PHDR = struct.Struct("<IIQQQQQQ")  # type, flags, offset, vaddr, paddr, filesz, memsz, align
PHDR_KEYS = "p_type p_flags p_offset p_vaddr p_paddr p_filesz p_memsz p_align".split()
IDENT = b"\x7fELF\x02\x01\x01"
ET_CORE, PT_LOAD, PT_NOTE, RWX = 4, 1, 4, 7
PAGE_SIZES = {"x86_64": [4096], "arm64": [4096, 16384, 65536], "ppc64le": [4096, 65536], "riscv64": [4096],
              "loongarch64": [4096, 16384, 65536]}
MASK = 2**64 - 1


class Refused(Exception):
    """The input is one that no implementation may accept."""


def u64(text):
    return int(text, 16)


def note(paddr, size):
    return [PT_NOTE, 0, paddr, 0, paddr, size, size, 0]


def load(paddr, vaddr, size):
    return [PT_LOAD, RWX, paddr, vaddr & MASK, paddr, size & MASK, size & MASK, 0]


def program_headers(request):
    """The program headers in the order of rule R07."""
    headers = [note(u64(n["paddr"]), u64(n["size"])) for n in request["notes"]]
    vmcoreinfo = request["vmcoreinfo"]
    headers.append(note(u64(vmcoreinfo["paddr"]), u64(vmcoreinfo["size"])))
    if request["kernel"]:
        paddr, vaddr, size = (u64(request["kernel"][key]) for key in ("paddr", "vaddr", "size"))
        headers.append(load(paddr, vaddr, size))
    page_offset, phys_offset = u64(request["va"]["page_offset"]), u64(request["va"]["phys_offset"])
    for start, end in request["ranges"]:
        start, end = u64(start), u64(end)
        linear = (start - phys_offset) & MASK
        vaddr = linear + page_offset if request["va"]["op"] == "add" else linear | page_offset
        headers.append(load(start, vaddr, end - start + 1))
    if request["backup"]:  # R36, R40: the first one at physical address 0, whatever it is
        at_zero = next((header for header in headers if header[4] == 0), None)
        if at_zero:
            at_zero[2] = u64(request["backup"])
    return headers


def reached(release, *boundary):
    """A series that a boundary names decides by its point release, any other by the first."""
    def numbers(text):
        return [99] * 3 if text == "next" else ([int(part) for part in text.split(".")] + [0])[:3]
    own = [first for first in boundary if numbers(first)[:2] == numbers(release)[:2]]
    return numbers(release) >= numbers((own or boundary)[0])


CMA = {"x86_64": "6.17", "ppc64le": "6.19", "arm64": "7.3", "riscv64": "7.3"}  # R69


def cut_first(ranges, hole):
    """R67: before 6.8 a cut stops at the first range that it shortens."""
    done = False
    for start, end in ranges:
        if done or hole is None or end < hole[0] or start > hole[1]:
            yield start, end
        elif not (hole[0] <= start and end <= hole[1]):
            yield from cut([(start, end)], hole)
            done = True


def cut(ranges, hole):
    """R33: what is left of each range, as many as the hole touches."""
    for start, end in ranges:
        if hole is None or end < hole[0] or start > hole[1]:
            yield start, end
            continue
        if start < hole[0]:
            yield start, hole[0] - 1
        if end > hole[1]:
            yield hole[1] + 1, end


def add(ranges, new):
    """R43: widens the first range that it overlaps by more than a byte, or comes last."""
    for i, (start, end) in enumerate(ranges):
        if new[0] < end and new[1] > start:
            return [*ranges[:i], (min(start, new[0]), max(end, new[1])), *ranges[i + 1:]]
    return [*ranges, new]


def merge(ranges):
    merged = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def remove(ranges, block, release):
    """R70, R41: the upper part of a split comes last and has a wrong end; R71: it is right."""
    if reached(release, "7.3"):
        return list(cut(ranges, block))
    long = reached(release, "6.19", "6.18.2", "6.17.13", "6.12.63")
    for i, (start, end) in enumerate(ranges):
        if start <= block[0] and block[1] <= end:
            left = [(start, block[0] - 1)] if start < block[0] else []
            right = [(block[1] + 1, end)] if block[1] < end else []
            if left and right:
                return add([*ranges[:i], *left, *ranges[i + 1:]], (block[1] + 1, end + 1 if long else block[0] - 1))
            return [*ranges[:i], *left, *right, *ranges[i + 1:]]
    return ranges


def collect(arch, release, inputs):
    """The PT_LOADs of RAM from System RAM: rules R32 to R37, R41 to R43 and R67 to R71."""
    pair = {key: value and tuple(map(u64, value)) for key, value in inputs.items()
            if key in ("crashkernel", "crashkernel_low", "rtas", "opal", "removed")}
    ram = [tuple(map(u64, ends)) for ends in inputs["system_ram"]]
    low = pair["crashkernel_low"]
    if low and low[1] == 0 or arch == "riscv64" and not reached(release, "7.3", "7.2.6", "6.12.110"):
        pair["crashkernel_low"] = None  # R68; an end of 0 says that there is no low region
    cma = [tuple(map(u64, ends)) for ends in inputs["crashkernel_cma"] or []
           if arch in CMA and reached(release, CMA[arch])]
    cut_one = cut if reached(release, "6.8") else cut_first
    if arch != "ppc64le":
        holes = [(0, 0xFFFFF)] if arch == "x86_64" else []
        for hole in [*holes, pair["removed"], pair["crashkernel"], pair["crashkernel_low"], *cma]:
            ram = list(cut_one(ram, hole))
        return ram
    ranges, room = [], 0
    for start, end in ram:
        if start == 0:
            start = 0x10000
            if end < start:
                continue
        if len(ranges) == room:  # 2048 bytes more: 127 ranges at first, then 128
            room += 128 if room else 127
        ranges = add(ranges, (start, end))
        if len(ranges) == room:
            ranges = merge(ranges)
    for hole in [pair["crashkernel"], *cma]:
        ranges = list(cut_one(ranges, hole))
    for extra in pair["rtas"], pair["opal"], (0, 0xFFFF):
        if extra:
            ranges = add(ranges, extra)
    ranges.sort(key=lambda ends: ends[0])
    return remove(ranges, pair["removed"], release) if pair["removed"] else ranges


def check(request):
    """Rules R38 and R44."""
    arch, kernel = request["arch"], request["kernel"]
    count = len(request["notes"]) + 1 + bool(kernel) + len(request["ranges"])
    if count > 0xFFFF:
        raise Refused(f"{count} program headers")
    if not 0 < request["nr_possible"] >= len(request["notes"]):
        raise Refused("more notes than possible CPUs, or no CPU at all")
    # R70: what a block that goes leaves comes last on ppc64le, and may end below its start
    looked = request["ranges"][:-1] if arch == "ppc64le" else request["ranges"]
    if any(u64(end) < u64(start) for start, end in looked):
        raise Refused("a range ends before it starts")
    if request["page_size"] not in PAGE_SIZES[arch]:
        raise Refused(f"{arch} has no such pages")
    if bool(kernel) == (arch == "ppc64le") or bool(request["backup"]) != (arch == "ppc64le"):
        raise Refused(f"{arch} has no such part, or lacks one")
    if kernel and not 0 < u64(kernel["size"]) <= 2**64 - u64(kernel["vaddr"]):
        raise Refused("the kernel ends before it starts")


def write(request):
    """The whole header as bytes."""
    check(request)
    headers = program_headers(request)
    out = EHDR.pack(IDENT, ET_CORE, request["e_machine"], 1, 0, 64, 0, 0, 64, 56, len(headers), 0, 0, 0)
    out += b"".join(PHDR.pack(*header) for header in headers)
    # R28 to R30: a slot for each possible CPU, vmcoreinfo, the kernel and each range
    slots = request["nr_possible"] + 2 + len(request["ranges"])
    return out.ljust(-(-(64 + 56 * slots) // 4096) * 4096, b"\0")


def read(data):
    """The headers as the reader profile prints them."""
    if len(data) < EHDR.size:
        raise Refused("shorter than an ELF header")
    ident, e_type, machine, version, _, phoff, _, _, ehsize, phentsize, phnum, *_ = EHDR.unpack_from(data)
    if not ident.startswith(IDENT) or (e_type, version) != (ET_CORE, 1):
        raise Refused("not a little-endian 64-bit ELF core file")
    if (phoff, ehsize, phentsize) != (64, 64, 56):
        raise Refused("headers of the wrong size or in the wrong place")
    if not 0 < phnum <= (len(data) - 64) // 56:
        raise Refused(f"{phnum} program headers in {len(data)} bytes")
    rows = (PHDR.unpack_from(data, 64 + 56 * i) for i in range(phnum))
    phdrs = [dict(zip(PHDR_KEYS, [*row[:2], *map(hex, row[2:])])) for row in rows]
    return {"e_machine": machine, "e_phnum": phnum, "phdrs": phdrs}


def answer(request):
    """One answer of the jsonl protocol."""
    try:
        return {"id": request["id"], "bytes": base64.b64encode(write(request)).decode()}
    except Refused as reason:
        return {"id": request["id"], "refused": str(reason)}


def main(mode=None):
    if mode in ("--jsonl", "--inputs"):
        for line in sys.stdin:
            request = json.loads(line)
            if mode == "--inputs" and request["inputs"]["system_ram"] is not None:
                ranges = collect(request["arch"], request["release"], request["inputs"])
                request["ranges"] = [tuple(map(hex, ends)) for ends in ranges]
            print(json.dumps(answer(request)), flush=True)
    elif mode == "--reader":
        print(json.dumps(read(sys.stdin.buffer.read())))
    elif mode is None:
        sys.stdout.buffer.write(write(json.load(sys.stdin)))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Refused as reason:
        print(reason, file=sys.stderr)
        sys.exit(1)
