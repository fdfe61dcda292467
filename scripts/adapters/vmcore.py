#!/usr/bin/env python3
"""The head of /proc/vmcore and its reader in Python, written from spec/rules.yaml.

    vmcore.py            a header and memory as JSON on stdin, header and notes on stdout
    vmcore.py --nr-cpus  that head on stdin, the count of CPUs as JSON on stdout
    vmcore.py --notes    the same, all its notes on stdout

Exit 0: here it is. 1: there is no /proc/vmcore of this. Profiles vmcore, nr-cpus and notes.
"""
import base64
import itertools
import json
import struct
import sys

PT_LOAD, PT_NOTE = 1, 4
# R77: the most bytes of a PT_NOTE by e_machine and page size; elsewhere 1,024 pages.
LARGEST = {
    (21, 4096): 16 << 20, (21, 65536): 16 << 20,
    (183, 16384): 32 << 20, (183, 65536): 512 << 20,
    (258, 16384): 32 << 20, (258, 65536): 512 << 20,
}


class Refused(Exception):
    """The capture kernel has no /proc/vmcore of this."""


def up(value, to):
    return -(-value // to) * to


def notes_in(buffer):
    """Offset, size, name, type and data of each note, up to one that is not whole."""
    at = 0
    while at + 12 <= len(buffer):
        namesz, descsz, kind = struct.unpack_from("<III", buffer, at)
        size = 12 + up(namesz, 4) + up(descsz, 4)
        if at + size > len(buffer):
            return
        name, desc = at + 12, at + 12 + up(namesz, 4)
        yield at, size, buffer[name:name + namesz], kind, (desc, descsz)
        at += size


def notes_of_cpu(buffer):
    """R60: in memory a note without a name ends them, in a file it does not."""
    return itertools.takewhile(lambda note: note[2], notes_in(buffer))


def reader(memory):
    pieces = [(int(piece["paddr"], 16), base64.b64decode(piece["bytes"])) for piece in memory]

    def read(paddr, size):
        out = bytearray(size)
        for start, data in pieces:
            for i in range(max(start, paddr), min(start + len(data), paddr + size)):
                out[i - paddr] = data[i - start]
        return bytes(out)
    return read


def check(header, machine):
    """R61."""
    if len(header) < 64 or header[:4] != b"\x7fELF" or header[4] != 2 or header[6] != 1:
        raise Refused("no 64-bit ELF header")
    kind, e_machine, version = struct.unpack_from("<HHI", header, 16)
    ehsize, phentsize, phnum = struct.unpack_from("<HHH", header, 52)
    if (kind, e_machine, version, ehsize, phentsize) != (4, machine, 1, 64, 56) or phnum == 0:
        raise Refused("the ELF header is not sane")
    if len(header) < 64 + 56 * phnum:
        raise Refused("the program headers are cut")
    return phnum


def vmcore(request):
    header, page = base64.b64decode(request["elfcorehdr"]), request["page_size"]
    phnum, read = check(header, request["e_machine"]), reader(request["memory"])
    phdrs = [list(struct.unpack_from("<IIQQQQQQ", header, 64 + 56 * i)) for i in range(phnum)]
    found = [phdr for phdr in phdrs if phdr[0] == PT_NOTE]
    notes = b""
    for phdr in found:
        if not 0 < phdr[6] <= LARGEST.get((request["e_machine"], page), page << 10):
            raise Refused("a PT_NOTE that kmalloc cannot hold")  # R77
        buffer = read(phdr[2], phdr[6])
        phdr[6] = sum(size for _, size, *_ in notes_of_cpu(buffer))
        notes += buffer[:phdr[6]]
    if not notes:
        raise Refused("no note at all")  # R62
    room = up(64 + 56 * (phnum - len(found) + 1), page)
    merged = [PT_NOTE, 0, room, 0, 0, len(notes), len(notes), request["note_align"]]
    out = [merged, *phdrs[len(found):]]  # R57: by position
    at = room + up(len(notes), page)
    for phdr in out:
        if phdr[0] == PT_LOAD:  # R59
            start = phdr[2] // page * page
            size = (up((phdr[2] + phdr[6]) % 2**64, page) - start) % 2**64
            phdr[2] = (at + phdr[2] - start) % 2**64
            at = (at + size) % 2**64
    dumps = b"".join(device_dump(dump, page) for dump in request["device_dumps"])
    if dumps:  # R87, R88: all that is no note moves, whatever its type
        at = room + len(dumps) + up(len(notes), page)
        for phdr in out:
            if phdr[0] == PT_NOTE:
                phdr[5] = phdr[6] = len(notes) + len(dumps)
                continue
            start = phdr[2] // page * page
            size = (up((phdr[2] + phdr[6]) % 2**64, page) - start) % 2**64
            phdr[2] = (at + phdr[2] - start) % 2**64
            at = (at + size) % 2**64
    head = bytearray(header[:64] + b"".join(struct.pack("<IIQQQQQQ", *phdr) for phdr in out))
    struct.pack_into("<H", head, 56, len(out))
    return bytes(head).ljust(room, b"\0") + dumps + notes.ljust(up(len(notes), page), b"\0")


def device_dump(dump, page):
    data = base64.b64decode(dump["bytes"])
    size = up(64 + len(data), page)
    note = struct.pack("<III8s44s", 8, size - 20, 0x700, b"LINUX", dump["name"].encode()) + data
    return note.ljust(size, b"\0")


def pt_notes(head):
    """Where each PT_NOTE begins, and its size."""
    phoff, = struct.unpack_from("<Q", head, 32)
    phentsize, phnum = struct.unpack_from("<HH", head, 54)
    if head[:6] != b"\x7fELF\x02\x01" or (phoff, phentsize) != (64, 56):
        raise Refused("laid out otherwise than /proc/vmcore")
    phdrs = [struct.unpack_from("<IIQQQQQQ", head, 64 + 56 * i) for i in range(phnum)]
    return [(phdr[2], phdr[5]) for phdr in phdrs if phdr[0] == PT_NOTE]


def nr_cpus(head):
    """R63: makedumpfile takes the last PT_NOTE and counts NT_PRSTATUS."""
    start, size = pt_notes(head)[-1]
    answer = {"nr_cpus": 0}
    for _, _, name, kind, (desc, descsz) in notes_in(head[start:start + size]):
        if (name.split(b"\0")[0], kind) == (b"CORE", 1):
            answer["nr_cpus"] += 1
        elif (name.split(b"\0")[0], kind) == (b"VMCOREINFO", 0):
            answer["vmcoreinfo"] = {"offset": start + desc, "size": descsz}
    return answer


def notes(head):
    """Lists those of every PT_NOTE, as far as the file has them."""
    listed = []
    for start, size in pt_notes(head):
        segment = head[start:start + size]
        for at, _, name, kind, (desc, descsz) in notes_in(segment):
            note = {"offset": start + at, "name": name.split(b"\0")[0].decode("latin1"),
                    "type": kind, "size": descsz}
            if (note["name"], kind) == ("CORE", 1) and descsz >= 36:
                note["pid"] = int.from_bytes(segment[desc + 32:desc + 36], "little")
            listed.append(note)
    return {"notes": listed}


READERS = {"--nr-cpus": nr_cpus, "--notes": notes}

try:
    if len(sys.argv) == 2 and sys.argv[1] in READERS:
        print(json.dumps(READERS[sys.argv[1]](sys.stdin.buffer.read())))
    elif not sys.argv[1:]:
        sys.stdout.buffer.write(vmcore(json.load(sys.stdin)))
    else:
        sys.exit(__doc__)
except Refused as reason:
    print(reason, file=sys.stderr)
    sys.exit(1)
