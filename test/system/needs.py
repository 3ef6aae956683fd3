"""Runs a command, or ends with 77 when a program that it needs is not installed.

    needs.py PROGRAM... -- COMMAND [ARGUMENT...]"""
import os
import sys

from lab import SKIPPED, path_of

separator = sys.argv.index('--')
missing = [program for program in sys.argv[1:separator] if not path_of(program)]
if missing:
    print(f'skipped: not installed: {", ".join(missing)}')
    sys.exit(SKIPPED)
os.execvp(sys.argv[separator + 1], sys.argv[separator + 1:])
