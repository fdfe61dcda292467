#!/usr/bin/env python3
"""pyelftools as a reader: an ELF file on stdin, its program headers as JSON on stdout, with --notes its notes.

With --jsonl a request a line and an answer a line, until stdin ends.
"""
import base64
import io
import json
import sys

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile
from elftools.elf.enums import ENUM_CORE_NOTE_N_TYPE, ENUM_E_MACHINE, ENUM_NOTE_N_TYPE, ENUM_P_TYPE_BASE
from elftools.elf.segments import NoteSegment

KEYS = "p_type p_flags p_offset p_vaddr p_paddr p_filesz p_memsz p_align".split()
# Known numbers come as names, all others as numbers.
N_TYPES = {**ENUM_NOTE_N_TYPE, **ENUM_CORE_NOTE_N_TYPE}


def headers(elf):
    rows = [segment.header for segment in elf.iter_segments()]
    phdrs = [{key: ENUM_P_TYPE_BASE.get(row[key], row[key]) for key in KEYS} for row in rows]
    machine = ENUM_E_MACHINE.get(elf["e_machine"], elf["e_machine"])
    return {"e_machine": machine, "e_phnum": len(rows), "phdrs": phdrs}


def notes(elf):
    listed = []
    for segment in elf.iter_segments():
        for note in segment.iter_notes() if isinstance(segment, NoteSegment) else ():
            listed.append({"offset": note["n_offset"], "name": note["n_name"], "size": note["n_descsz"],
                           "type": N_TYPES.get(note["n_type"], note["n_type"])})
    return {"notes": listed}


class Refused(Exception):
    """pyelftools complains of the file."""


def read(data):
    try:
        return (notes if "--notes" in sys.argv else headers)(ELFFile(io.BytesIO(data)))
    except ELFError as error:
        raise Refused(f"{type(error).__name__}: {error}") from None


def answer(request):
    try:
        return {"id": request["id"], **read(base64.b64decode(request["bytes"]))}
    except Refused as reason:
        return {"id": request["id"], "refused": str(reason)}


if "--jsonl" in sys.argv:
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)
else:
    try:
        print(json.dumps(read(sys.stdin.buffer.read())))
    except Refused as reason:
        sys.exit(str(reason))
