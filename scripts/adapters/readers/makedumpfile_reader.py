#!/usr/bin/env python3
"""makedumpfile as a reader: the head of a dump on stdin, the nr_cpus that it writes as JSON on stdout.

If vmcoreinfo names symbols it reads kernel memory, which a head does not have.
So this renames that note and asks for a copy of all pages, and reads the header
of the copy.
"""
import json
import os
import subprocess
import sys
import tempfile

# The flattened format: a header, a place and a size, then struct disk_dump_header.
FLAT = 4096
RECORD = 16
NR_CPUS = FLAT + RECORD + 460

with tempfile.NamedTemporaryFile() as file, tempfile.TemporaryFile() as errors:
    file.write(sys.stdin.buffer.read().replace(b"VMCOREINFO\0", b"WITHHELD..\0"))
    file.flush()
    with subprocess.Popen(["makedumpfile", "-F", "-c", "-d", "0", file.name],
                          stdout=subprocess.PIPE, stderr=errors) as program:
        dump = program.stdout.read(NR_CPUS + 4)
        if len(dump) == NR_CPUS + 4:
            program.kill()
    if len(dump) < NR_CPUS + 4:
        if program.returncode < 0:  # It died, and did not refuse.
            os.kill(os.getpid(), -program.returncode)
        errors.seek(0)
        lines = errors.read().decode(errors="replace").split("\n")
        sys.exit(next((line for line in reversed(lines) if line and "Failed" not in line), "failed"))
    print(json.dumps({"nr_cpus": int.from_bytes(dump[NR_CPUS:], sys.byteorder)}))
