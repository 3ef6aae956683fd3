"""A writer that heeds nobody: appends numbered lines, one a write, some 1,000 a second.

    appender.py LOG FIRST COUNT"""
import os
import sys
import time

from log import line

INTERVAL_SECONDS = 0.001

file = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND)
first, count = map(int, sys.argv[2:])
for number in range(first, first + count):
    os.write(file, line(number))
    time.sleep(INTERVAL_SECONDS)
