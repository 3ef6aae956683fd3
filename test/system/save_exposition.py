"""Saves what tailmeter serves at /metrics after it has read the logs of a mirror with the preset.

    save_exposition.py TAILMETER FILE"""
import pathlib
import re
import sys

from lab import PRESET, run_test
from exposition import Exposition
from mmdb import mmdb

ACCESS = ('192.0.2.1 - - [21/Nov/2026:18:49:31 +0000] "{} /v2/a/b/{} HTTP/1.1" {} 1024 "-" "a" '
          'rt=0.012 urt="0.010" cs={}\n')
REQUESTS = [('GET', 'manifests/c', 200, 'HIT'), ('GET', 'blobs/c', 200, 'MISS'), ('PUT', 'manifests/c', 201, '-'),
            ('GET', 'blobs/c', 404, '-'), ('GET', 'blobs/c', 502, '-')]
SYNC = '''2026-11-21T18:49:31Z SYNC_SUCCESS image=library/nginx duration=12.5s bytes=1048576
2026-11-21T18:51:31Z SYNC_FAILED image=library/nginx error="manifest unknown"
'''


def main(lab):
    access = lab.write('access.log', '')
    sync = lab.write('mirror-sync.log', '')
    database = lab.write('country.mmdb', mmdb({'192.0.2.0/24': {'country': {'iso_code': 'DE'}}}))
    rules = lab.write('rules.yml', PRESET.read_text() + f'\ngeoip: {database.name}\n')
    follower = lab.follow(f'--config.file={rules}', access, sync)       # the preset knows them by their names
    access.write_text(''.join(ACCESS.format(*request) for request in REQUESTS))
    sync.write_text(SYNC)
    text = follower.text()
    configured = set(re.findall(r'(?m)^  - (?:counter|gauge|histogram|ratio|distinct|topk): (\w+)', PRESET.read_text()))
    missing = configured - Exposition(text).families.keys()
    lab.check(f'all {len(configured)} metrics of the preset are served', configured and not missing, missing)
    pathlib.Path(sys.argv[2]).write_text(text)


run_test(main)
