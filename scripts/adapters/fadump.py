#!/usr/bin/env python3
"""The header of a firmware-assisted dump in Python, written from spec/rules.yaml.

    fadump.py            a request as JSON on stdin; the header and the notes of CPUs on stdout
    fadump.py --jsonl    a request a line, an answer a line, until stdin ends

Exit 0: here it is. 1: the dump is lost. Profile fadump.
"""
import base64
import json
import struct
import sys

EHDR = struct.Struct("<16sHHIQQQIHHHHHH")
PHDR = struct.Struct("<IIQQQQQQ")  # type, flags, offset, vaddr, paddr, filesz, memsz, align
ET_CORE, PT_LOAD, PT_NOTE, RWX = 4, 1, 4, 7
PAGE_OFFSET = 0xC000000000000000
MASK = 2**64 - 1


class Refused(Exception):
    """The dump is lost."""


def u64(text):
    return int(text, 16)


def up(value, to):
    return -(-value // to) * to


def reached(release, first):
    def numbers(text):
        return [99] * 3 if text == "next" else ([int(part) for part in text.split(".")] + [0])[:3]
    return numbers(release) >= numbers(first)


def note(paddr, size):
    return [PT_NOTE, 0, paddr, 0, paddr, size, size, 0]


def load(paddr, size, offset):
    return [PT_LOAD, RWX, offset, paddr | PAGE_OFFSET, paddr, size, size, 0]


def check(request, regions):
    """R101, R102, R108: both kernels of one age, boot memory that firmware can copy."""
    first, second = (request[key]["release"] for key in ("first", "second"))
    if reached(first, "6.10") != reached(second, "6.10"):
        raise Refused("a fadump header of the other age")
    if len(regions) > 1 and not (reached(first, "6.12") and reached(second, "6.12")):
        raise Refused("a hole in boot memory before 6.12")
    if sum(size for _, size in regions) & MASK != u64(request["boot_memory"]["size"]):
        raise Refused("the fadump header is not behind the copies of boot memory")


def left_of(ranges, top, area):
    """What a reserved area leaves of each range above boot memory: R109, R110."""
    for start, end in ranges:
        if end < top:
            continue
        start = max(start, top)
        if area[0] > end or area[1] <= start:
            yield [(start, end)]
        else:
            yield [(a, b) for a, b in ((start, area[0] - 1), (area[1], end)) if a <= b]


def memory(request, regions, is_new):
    """The PT_LOADs above boot memory: R103, R104, R109 to R113."""
    top = regions[-1][0] + regions[-1][1]
    start = u64(request["reserved"]["start"])
    if is_new:
        saved = request["firmware"]["cpu_state_size"] + request["firmware"]["hpte_size"]
        size = up(saved, request["second"]["page_size"]) + u64(request["boot_memory"]["size"])
        size += 424 + (request["nr_cpus"] + 63) // 64 * 8
    else:
        size = u64(request["reserved"]["size"])
    ranges = [tuple(map(u64, ends)) for ends in request["at_dump" if is_new else "registered"]]
    rest = list(left_of(ranges, top, (start, start + size)))
    if is_new:
        for pieces in rest:
            yield from ([load(a, b - a + 1, a) for a, b in pieces] or [[0] * 8])
        return
    joined = []
    for a, b in (piece for pieces in rest for piece in pieces):
        if joined and joined[-1][1] + 1 == a:
            joined[-1] = (joined[-1][0], b)
        else:
            joined.append((a, b))
    yield from (load(a, b - a + 1, a) for a, b in joined)


def relocate(paddr, regions, copy):
    """R106: the copy of an address in boot memory."""
    for source, size in regions:
        if source <= paddr < source + size:
            return paddr - source + copy
        copy += size
    return paddr


def cpu_notes(request):
    """R115: a note for each CPU of the save area whose id is in the mask, then an empty one."""
    mask = set()
    for run in filter(None, request["cpu_mask"].split(",")):
        first, _, last = run.partition("-")
        mask.update(range(int(first), int(last or first) + 1))
    crashing = request["crashing"] or {"id": None}
    for cpu in request["save_area"]:
        if cpu["id"] in mask:
            regs = bytes.fromhex((crashing if cpu["id"] == crashing["id"] else cpu)["regs"])
            yield struct.pack("<III8s", 5, 504, 1, b"CORE") + (bytes(112) + regs).ljust(504, b"\0")
    yield bytes(12)


def write(request):
    """The header, and the notes of CPUs right behind it."""
    boot = request["boot_memory"]
    regions = [tuple(map(u64, region)) for region in boot["regions"]]
    check(request, regions)
    is_new = reached(request["first"]["release"], "6.10")
    size = up(536 * len(request["save_area"]), request["second"]["page_size"])
    copy = u64(boot["destination"])
    headers = [note(u64(request["notes"]), size),
               note(relocate(u64(request["vmcoreinfo"]), regions, copy), request["first"]["page_size"] + 36)]
    for source, size in regions:  # R107
        headers.append(load(source, size, copy))
        copy += size
    headers += memory(request, regions, is_new)
    if len(headers) > 0xFFFF:
        raise Refused(f"{len(headers)} program headers")
    out = EHDR.pack(b"\x7fELF\x02\x01\x01", ET_CORE, 21, 1, 0, 64, 0, 2, 64, 56, len(headers), 0, 0, 0)  # R116
    return out + b"".join(PHDR.pack(*header) for header in headers) + b"".join(cpu_notes(request))


def answer(request):
    """One answer of the jsonl protocol."""
    try:
        return {"id": request["id"], "bytes": base64.b64encode(write(request)).decode()}
    except Refused as reason:
        return {"id": request["id"], "refused": str(reason)}


def main(mode=None):
    if mode == "--jsonl":
        for line in sys.stdin:
            print(json.dumps(answer(json.loads(line))), flush=True)
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
