#!/usr/bin/env python3
"""Reads memory of a dump: a request on stdin, the bytes on stdout. Profile memory.

A request is JSON with the dump in it, or lines that name its file, as in the
archive. Exit 1: not all of it is in the dump.
"""
import base64
import json
import pathlib
import struct
import sys

PT_LOAD = 1


def parse(text):
    """The dump, whether by physical or virtual address, the first byte, and how many."""
    if text.startswith("{"):
        request = json.loads(text)
        dump = base64.b64decode(request["dump"])
    else:
        request = dict(line.split(" ", 1) for line in text.splitlines() if " " in line)
        dump = pathlib.Path(request["dump"]).read_bytes()
    return dump, request["space"], int(request["address"], 16), int(request["size"])


def segments(dump, space):
    """First address, bytes in the file and bytes of memory of each PT_LOAD."""
    phoff, = struct.unpack_from("<Q", dump, 32)
    phentsize, phnum = struct.unpack_from("<HH", dump, 54)
    for i in range(phnum):
        kind, _, offset, vaddr, paddr, filesz, memsz, _ = struct.unpack_from("<IIQQQQQQ", dump, phoff + i * phentsize)
        if kind == PT_LOAD:
            yield vaddr if space == "virtual" else paddr, dump[offset:offset + filesz], memsz


def read(dump, space, address, size):
    """The bytes, or None where one of them is in no PT_LOAD."""
    found = {}
    for start, data, memsz in segments(dump, space):
        for at in range(max(start, address), min(start + memsz, address + size)):
            found[at] = data[at - start] if at - start < len(data) else found.get(at, 0)
    return bytes(found[at] for at in sorted(found)) if len(found) == size else None


if __name__ == "__main__":
    memory = read(*parse(sys.stdin.read()))
    if memory is None:
        sys.exit("not in the dump")
    sys.stdout.buffer.write(memory)
