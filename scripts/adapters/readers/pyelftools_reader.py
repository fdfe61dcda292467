#!/usr/bin/env python3
"""pyelftools as a reader: a header on stdin, its program headers as JSON on stdout."""
import io
import json
import sys

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile
from elftools.elf.enums import ENUM_E_MACHINE, ENUM_P_TYPE_BASE

KEYS = "p_type p_flags p_offset p_vaddr p_paddr p_filesz p_memsz p_align".split()

try:
    elf = ELFFile(io.BytesIO(sys.stdin.buffer.read()))
    rows = [segment.header for segment in elf.iter_segments()]
    # Known numbers come as names, all others as numbers.
    phdrs = [{key: ENUM_P_TYPE_BASE.get(row[key], row[key]) for key in KEYS} for row in rows]
    machine = ENUM_E_MACHINE.get(elf["e_machine"], elf["e_machine"])
    print(json.dumps({"e_machine": machine, "e_phnum": len(rows), "phdrs": phdrs}))
except ELFError as error:
    sys.exit(f"{type(error).__name__}: {error}")
