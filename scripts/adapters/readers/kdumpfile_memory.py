#!/usr/bin/env python3
"""libkdumpfile as a reader of memory by physical addresses; it finds virtual ones by page tables, not by p_vaddr."""
import base64
import json
import sys
import tempfile

import kdumpfile
from kdumpfile.exceptions import KDumpBaseException

request = json.load(sys.stdin)
if request["space"] != "physical":
    print("only physical addresses", file=sys.stderr)
    sys.exit(3)
with tempfile.NamedTemporaryFile() as file:
    file.write(base64.b64decode(request["dump"]))
    file.flush()
    try:
        dump = kdumpfile.kdumpfile(file.name)
        sys.stdout.buffer.write(dump.read(kdumpfile.KDUMP_MACHPHYSADDR, int(request["address"], 16), request["size"]))
    except KDumpBaseException as error:
        sys.exit(str(error))
