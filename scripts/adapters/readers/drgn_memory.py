#!/usr/bin/env python3
"""drgn as a reader of memory: physical addresses by p_paddr, virtual ones by p_vaddr.

On ppc64le it opens no dump whose vmcoreinfo lacks the kernel's symbols.
"""
import base64
import json
import sys
import tempfile

import drgn

request = json.load(sys.stdin)
with tempfile.NamedTemporaryFile() as file:
    file.write(base64.b64decode(request["dump"]))
    file.flush()
    program = drgn.Program()
    try:
        program.set_core_dump(file.name)
    except Exception as error:  # drgn has no class of its own for this.
        if "swapper_pg_dir" not in str(error):
            raise
        print(error, file=sys.stderr)
        sys.exit(3)
    try:
        sys.stdout.buffer.write(program.read(int(request["address"], 16), request["size"],
                                             request["space"] == "physical"))
    except drgn.FaultError as error:
        sys.exit(f"{type(error).__name__}: {error}")
