"""Does each preset for a mirror's tool find in sample logs what another program's count of them, truth.json, has found?"""
import time
from collections import Counter
from decimal import Decimal

from preset_samples import grep, labelled, run_preset_test

SI = {'K': 10**3, 'M': 10**6, 'G': 10**9, 'T': 10**12}
IEC = {'bytes': 1, 'KiB': 2**10, 'MiB': 2**20, 'GiB': 2**30}
SUCCESS, FAILED, STARTED = 'mirror_sync_success_total', 'mirror_sync_failed_total', 'mirror_sync_started_total'
ERRORS, BYTES = 'mirror_sync_errors_total', 'mirror_sync_transferred_bytes_total'
SKIPPED_ONES = 'mirror_sync_skipped_total'
LAST = 'mirror_sync_last_success_timestamp_seconds'
FILES, BLOBS, SECONDS = 'mirror_sync_files_total', 'mirror_sync_blobs_total', 'mirror_sync_duration_seconds'


def seconds(moments, form):
    """Local time. Without a year the last such moment: of it or of the year before."""
    return [time.mktime(time.strptime(moment, form)) for moment in moments]


def iec(text):
    number, unit = text.split()
    return Decimal(number) * IEC[unit]


# What the preset has to make of the truth: {family: sum over its series, or (family, label, value): sum over those}.


def rsync(truth):
    """A run cut off by a signal is reported by both of its processes, in the samples with one code."""
    codes = Counter({line.split()[1]: 1 for line in truth['exit_lines']})
    summaries, stats = truth.get('summary', []), truth.get('stats', {})
    is_dry = truth.get('stats', {}).get('Literal data') == 0 and stats['Total transferred file size'] > 0
    return {SUCCESS: 0 if is_dry else len(summaries), FAILED: len(set(codes) - {'24'}),
            **labelled(ERRORS, 'code', codes),
            BYTES: sum(summary['sent'] + summary['received'] for summary in summaries)}


def rsync_with_stats(truth):
    """Where there is one run with --stats, also its files."""
    stats = truth.get('stats')
    if not stats or len(truth['summary']) != 1:
        return rsync(truth)
    return rsync(truth) | {FILES: stats['Number of regular files transferred'],
                           'mirror_sync_deleted_files_total': stats['Number of deleted files']}


def rsync_errors(truth):
    """What rsync says on standard error alone: of each run that fails one line with its code."""
    codes = Counter(grep(truth, r'^rsync error: .* \(code (\d+)\) at '))
    return {SUCCESS: 0, FAILED: codes.total(), **labelled(ERRORS, 'code', codes)}


def rsyncd(truth):
    events = truth['events']
    return {'mirror_sync_sessions_total': events['rsync on'], SUCCESS: events['session_end'],
            FAILED: sum(truth['errors'].values()), (ERRORS, 'code', '11'): 1,
            'unmatched': truth['lines_without_timestamp'],
            BYTES: truth['session_bytes_sent_sum'] + truth['session_bytes_received_sum']}


def tunasync_worker(truth):
    started = Counter(truth['start']) + Counter(truth['retry'])
    return {**labelled(SUCCESS, 'mirror', truth['success']), **labelled(FAILED, 'mirror', truth['failed']),
            **labelled(STARTED, 'mirror', started),
            SUCCESS: sum(truth['success'].values()), FAILED: sum(truth['failed'].values()),
            SECONDS + '_count': sum(truth['success'].values()) + sum(truth['failed'].values())}


def tunasync_manager(truth):
    status = truth['status']
    sizes = {tuple(job.split('@')): Decimal(size[:-1]) * SI[size[-1]] for job, size in truth['last_size'].items()}
    return {SUCCESS: status['success'], FAILED: status['failed'], STARTED: status['syncing'],
            **{('tunasync_mirror_size_bytes', 'mirror', mirror, 'worker', worker): size
               for (mirror, worker), size in sizes.items()}}


def ftpsync(truth):
    now, done = time.time(), grep(truth, r'^(\w+ +\d+ [\d:]+) .*: Mirrorsync done$')
    this_year, last_year = (seconds([f'{time.localtime(now).tm_year - ago} {moment}' for moment in done], '%Y %b %d %X')
                            for ago in (0, 1))
    return {SUCCESS: truth['done'], FAILED: truth['done_with_errors'], STARTED: truth['start'],
            LAST: max((new if new < now else old for new, old in zip(this_year, last_year)), default=0),
            SECONDS + '_count': truth['done'] + truth['done_with_errors'],
            **labelled(ERRORS, 'code', Counter(truth['errors']))}


def apt_mirror(truth):
    archive = sum(int(count) for count, what in truth['downloading'] if what == 'archive files')
    begins, ends = (seconds(grep(truth, f'^{word} time: (.*)$'), '%a %b %d %X %Y') for word in ('Begin', 'End'))
    return {SUCCESS: len(grep(truth, r'can be freed\.$')), FAILED: len(grep(truth, "can't open index")),
            SECONDS + '_count': len(ends), SECONDS + '_sum': sum(ends) - sum(begins), LAST: max(ends),
            ERRORS: truth['error_lines'], 'mirror_sync_announced_files_total': archive,
            'mirror_sync_announced_bytes_total': sum(map(iec, truth['will_be_downloaded']))}


def wget(truth):
    return {FILES: truth['saved'], BYTES: truth['saved_bytes_sum'], **labelled(ERRORS, 'code', truth['errors'])}


def debmirror(truth):
    downloaded = truth['downloaded']
    return {SUCCESS: int(truth['everything_ok']), FAILED: int(bool(truth['failed'])), FILES: truth['ok'],
            BYTES: sum(iec(size) for size, _, _ in downloaded),
            SECONDS + '_sum': sum(Decimal(took.rstrip('s')) for _, took, _ in downloaded),
            **labelled(ERRORS, 'code', Counter(status.split()[0] for _, status in truth['failed']))}


def skopeo(truth):
    """Of the errors of a sync that goes on, one says twice that a repository failed, and the fatal one repeats all."""
    events, level = Counter(truth['events']), Counter(truth['level'])
    skipped = events['Skipping: image already present']
    failed = level['error'] - 1 if level['error'] else level['fatal']
    figures = {SUCCESS: events['Writing manifest'] + skipped, FAILED: failed, BLOBS: events['Copying blob']}
    if truth['synced_images_total']:
        figures |= {SKIPPED_ONES: skipped, SECONDS + '_count': len(truth['synced_images_sources'])}
        assert figures[SUCCESS] == truth['synced_images_total']
    return figures


def diff_image(truth):
    """The fatal messages in the samples are of repositories whose tags could not be listed."""
    events = Counter(truth['events'])
    return {SUCCESS: events['diff-image.sh: SYNCHRONIZED'] + events['Writing manifest'],
            FAILED: len(grep(truth, '^diff-image.sh: NOT-SYNCHRONIZED: ')),
            STARTED: events['diff-image.sh: SYNCHRONIZE'], BLOBS: events['Copying blob'],
            'mirror_sync_differing_total': events['diff-image.sh: NOT-SYNCHRONIZED']}


def image_syncer(truth):
    tasks = truth['tasks']
    return {SUCCESS: 0, FAILED: 1, 'mirror_sync_failed_tasks_total': truth['final_failed'],
            BLOBS: tasks['blob'], SKIPPED_ONES: tasks['blob_exists'],
            'mirror_sync_images_total': tasks['manifest'],
            SECONDS + '_sum': Decimal(str(truth['final_cost_seconds'])), SECONDS + '_count': 1}


def regsync(truth):
    events = truth['events']
    return {STARTED: events['needed'] + events['refresh'], FAILED: events['failed'],
            'mirror_sync_rate_limited_total': events['ratelimit']}


def harbor(truth):
    events = truth['events']
    return {SUCCESS: events['jobs_ok'], FAILED: events['jobs_failed'], BLOBS: events['blobs'],
            'mirror_sync_images_total': events['artifacts'], SKIPPED_ONES: events['skipped'],
            SECONDS + '_count': events['jobs_ok'] + events['jobs_failed']}


def ocimirror(truth):
    events = truth['events']
    return {STARTED: events['images'], BLOBS: events['blobs'], SKIPPED_ONES: events['skipped_platforms'],
            FAILED: events['failed']}


def runner(truth):
    events = truth['events']
    return {SUCCESS: events['finish'], FAILED: events['failed'], BYTES: truth['bytes_finished'],
            SKIPPED_ONES: events['skip'], 'mirror_sync_retries_total': events['retry']}


def cidn(truth):
    events = truth['events']
    return {SUCCESS: events['finish'], FAILED: events['error'], STARTED: events['start'],
            SECONDS + '_count': events['finish'], SECONDS + '_sum': Decimal(str(truth['took_seconds_sum']))}


# The samples, by path: the preset, its source, what the truth amounts to.
CASES = {
    'generated/rsync/rsyncd.log': ('rsyncd', 'rsyncd', rsyncd),
    'generated/rsync/*.log': ('rsync_stats', 'rsync', rsync_with_stats),
    'generated/apt/ftpsynclog*/rsync-ftpsync.log.*': ('rsync_stats', 'rsync', rsync),
    'generated/apt/ftpsynclog*/rsync-ftpsync.error.*': ('rsync_stats', 'rsync', rsync_errors),
    'generated/apt/ftpsynclog*/ftpsync.log.*': ('ftpsync', 'ftpsync', ftpsync),
    'generated/apt/apt-mirror*.stdout.log': ('apt_mirror', 'apt_mirror', apt_mirror),
    'generated/apt/apt-mirror*.wget.log': ('apt_mirror', 'wget', wget),
    'generated/apt/debmirror*.log': ('debmirror', 'debmirror', debmirror),
    'generated/derived/tunasync.worker.*.log': ('tunasync_worker', 'tunasync_worker', tunasync_worker),
    'generated/derived/tunasync.manager.log': ('tunasync_manager', 'tunasync_manager', tunasync_manager),
    'generated/derived/image-syncer.log': ('image_syncer', 'image_syncer', image_syncer),
    'generated/derived/regsync.text.log': ('regsync', 'regsync', regsync),
    'generated/derived/harbor.replication.log': ('harbor_replication', 'harbor', harbor),
    'generated/derived/ocimirror.*.log': ('opencidn', 'ocimirror', ocimirror),
    'generated/derived/opencidn.runner.*.log': ('opencidn', 'runner', runner),
    'generated/derived/cidn.*.log': ('opencidn', 'cidn', cidn),
    'generated/image-mirror/skopeo.*.log': ('skopeo', 'skopeo', skopeo),
    'generated/image-mirror/daocloud.*.log': ('daocloud_diff_image', 'diff_image', diff_image),
}


run_preset_test(CASES)
