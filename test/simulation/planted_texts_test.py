#!/usr/bin/env python3
"""Does each planted fault still have its place in the code? That the simulation finds it is a long run of its own."""
import sys

from planted_faults import FAULTS, ROOT, Fault


def plant(fault):
    """Says why it cannot be planted; nothing if it can."""
    try:
        changed = fault.plant((ROOT / fault.file).read_text())
    except ValueError as error:
        return str(error)
    return '' if fault.replacement in changed else f'{fault.file}: nothing changes'


faults = [(fault.name, plant(fault)) for fault in FAULTS]
refused = plant(Fault('none', 'has no place', FAULTS[0].file, 'a text that no file has', ''))
for name, error in faults:
    print(f'not ok - {name}: {error}' if error else f'ok - {name}')
print('ok - a text that no file has is refused' if refused else 'not ok - a text that no file has is taken')
sys.exit(0 if refused and not any(error for _, error in faults) else 1)
