#!/usr/bin/env python3
"""libkdumpfile as a reader: the head of a dump on stdin, its count of CPUs as JSON on stdout."""
import json
import sys
import tempfile

import kdumpfile
from kdumpfile.exceptions import KDumpBaseException

with tempfile.NamedTemporaryFile() as file:
    file.write(sys.stdin.buffer.read())
    file.flush()
    try:
        attr = kdumpfile.kdumpfile(file.name).attr
        # There is no such attribute where it found no CPU.
        print(json.dumps({"nr_cpus": attr["cpu.number"] if "cpu.number" in attr else 0}))
    except KDumpBaseException as error:
        sys.exit(str(error))
