"""Registers of each possible CPU: drgn_registers.py <vmlinux> <dump>

Prints what crash's `help -r` prints: "CPU 0:", then registers, "RIP: <hex>".
"""
import sys

import drgn
from drgn.helpers.linux.cpumask import for_each_possible_cpu
from drgn.helpers.linux.sched import cpu_curr

vmlinux, dump = sys.argv[1:]
prog = drgn.Program()
prog.set_core_dump(dump)
prog.load_debug_info([vmlinux])
for cpu in for_each_possible_cpu(prog):
    print(f"CPU {cpu}:")
    try:
        trace = prog.stack_trace(cpu_curr(prog, cpu))
    except LookupError as error:
        print(error)
        continue
    for name, value in trace[0].registers().items():
        print(f"{name.upper()}: {value:x}")
