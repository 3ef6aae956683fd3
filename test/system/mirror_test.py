"""The mirror's figures that are more than counts, as the preset has them, against Python: hits, users, images, countries."""
import collections
import random

from exposition import series
from lab import fetch, run_test
from mmdb import mmdb

LINES = 3_000
NETWORKS = {'192.0.2.0/25': {'country': {'iso_code': 'DE'}}, '192.0.2.128/26': {'country': {'iso_code': 'JP'}},
            '2001:db8::/32': {'registered_country': {'iso_code': 'FR'}}, '198.51.100.0/24': {'city': {'names': 'x'}}}
HITS, MISSES = ('HIT', 'STALE', 'UPDATING', 'REVALIDATED'), ('MISS', 'EXPIRED', 'BYPASS', 'SCARCE')
RULES = 'sources:\n  - name: nginx\n    files: [{log}]\n    start_at: beginning\n    preset: mirror\n'
OFF = ('geographic_distribution is off: source "nginx" has no $geoip2_country_code; name a database with geoip: FILE, or '
       'have nginx write the field')


def country_of(address):
    if ':' in address:
        return 'FR' if address.startswith('2001:db8:') else 'unknown'
    network, last = address.rsplit('.', 1)
    if network != '192.0.2' or int(last) >= 192:
        return 'unknown'
    return 'DE' if int(last) < 128 else 'JP'


def requests(rng):
    for _ in range(LINES):
        address = rng.choice((f'192.0.2.{rng.randrange(256)}', f'198.51.100.{rng.randrange(256)}',
                              f'2001:db8::{rng.randrange(99):x}', f'2001:dc8::{rng.randrange(99):x}'))
        yield address, f'team/app-{int(rng.expovariate(0.1))}', rng.choice((*HITS, *MISSES, '-'))


def line(address, image, cache, **fields):
    more = ''.join(f' {name}={value}' for name, value in fields.items())
    return (f'{address} - - [21/Nov/2026:18:49:31 +0000] "GET /v2/{image}/manifests/latest HTTP/1.1" 200 512 "-" "-" '
            f'rt=0.001 urt="0.001" cs={cache}{more}\n')


def check_database(lab):
    """What reads the database elsewhere reads ours alike, and nothing in a damaged one."""
    path = lab.write('country.mmdb', mmdb(NETWORKS))
    for address in ('192.0.2.1', '192.0.2.130', '2001:db8::1', '192.0.2.200'):
        done = lab.run('mmdblookup', '--file', path, '--ip', address)
        want = country_of(address)
        found = f'"{want}"' in done.stdout if want != 'unknown' else done.returncode != 0
        lab.check(f'mmdblookup finds {want} for {address}', found, done.stdout + done.stderr)
    return path


def main(lab):
    database = check_database(lab)
    log = lab.folder('log') / 'access.log'
    seen = list(requests(random.Random(3)))
    log.write_text(''.join(line(*request) for request in seen))
    rules = lab.write('rules.yml', RULES.format(log=log) + f'geoip: {database.name}\n')
    follower = lab.follow(f'--config.file={rules}')
    samples = follower.metrics().samples

    hits, misses = sum(cache in HITS for *_, cache in seen), sum(cache in MISSES for *_, cache in seen)
    lab.check('the ratio of hits is that of hits and misses',
              abs(float(samples['cache_hit_ratio']) - hits / (hits + misses)) < 1e-8, samples.get('cache_hit_ratio'))
    users = len({address for address, *_ in seen})
    lab.check(f'{users} users are counted within 2.5 %', abs(int(samples['unique_users_total']) - users) <= users * 0.025,
              samples['unique_users_total'])
    images = collections.Counter(image for _, image, _ in seen)
    top = {series('top_requested_images', image=image): count for image, count in
           sorted(images.items(), key=lambda entry: (-entry[1], entry[0]))[:20]}
    lab.same('the images asked for most are these',
             {key: value for key, value in samples.items() if key.startswith('top_requested_images{')}, top)

    def countries():
        return {key: value for key, value in follower.metrics().samples.items() if key.startswith('geographic_dist')}
    wanted = collections.Counter(series('geographic_distribution', country=country_of(address)) for address, *_ in seen)
    lab.same('each request has its country, or is of an unknown one', countries(), wanted)

    # The field of nginx's own, in the lines of another format, comes before the database.
    rules.write_text(RULES.format(log=log) + "    format: '$remote_addr - $remote_user [$time_local] \"$request\" $status "
                     '$body_bytes_sent "$http_referer" "$http_user_agent" rt=$request_time '
                     'urt="$upstream_response_time" cs=$upstream_cache_status geo=$geoip2_country_code\'\n')
    status, _, body = fetch(follower.address, '/-/reload', method='POST')
    lab.check('rules without a database, for lines that have the field, are taken over', status == 200, body)
    with log.open('a') as file:
        file.write(line('192.0.2.1', 'a', 'HIT', geo='US') + line('192.0.2.1', 'a', 'HIT', geo='-'))
    wanted[series('geographic_distribution', country='US')] += 1
    lab.same('what nginx writes itself counts; "-" is no country', countries(), wanted)
    follower.server.stop()

    bare = lab.write('bare.yml', RULES.format(log=log))
    done = lab.run(lab.tailmeter, 'check', bare)
    lab.same('with neither, check says that the metric is off, and that the file is right',
             {'said': (done.returncode, done.stderr)}, {'said': (0, f'{bare}: {OFF}\n')})
    follower = lab.follow(f'--config.file={bare}', '--state.dir=none')
    lab.check('run says so too, and shows no such metric', OFF.replace('"', '\\"') in follower.server.output() and not countries(),
              follower.server.output())
    damaged = lab.write('damaged.yml', RULES.format(log=log) + 'geoip: bare.yml\n')
    done = lab.run(lab.tailmeter, 'check', damaged)
    lab.check('what is no database is refused with its name', done.returncode == 2 and
              f'geoip: {lab.dir}/bare.yml: The MaxMind DB file contains invalid metadata' in done.stderr, done.stderr)


run_test(main)
