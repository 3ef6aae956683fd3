"""A real Prometheus that scrapes each second, and what it recorded."""
import json
import urllib.parse
from decimal import Decimal

from lab import fetch, wait_until


class Prometheus:
    def __init__(self, lab, targets, *flags, name='prometheus', settings=None):
        """`settings` are more of a job's, by its name."""
        self.address = ('127.0.0.1', lab.free_port())
        jobs = [{'job_name': job, 'static_configs': [{'targets': [f'{host}:{port}']}], **(settings or {}).get(job, {})}
                for job, (host, port) in targets.items()]
        configuration = {'global': {'scrape_interval': '1s'}, 'scrape_configs': jobs}
        file = lab.write(f'{name}.yml', json.dumps(configuration))          # JSON is YAML
        lab.start(name, 'prometheus', f'--config.file={file}', f'--storage.tsdb.path={lab.folder(f"tsdb-{name}")}',
                  f'--web.listen-address=127.0.0.1:{self.address[1]}', *flags)
        wait_until('Prometheus is ready', lambda: fetch(self.address, '/-/ready')[0] == 200)

    def ask(self, path, **parameters):
        _, _, body = fetch(self.address, f'/api/v1/{path}?{urllib.parse.urlencode(parameters)}')
        answer = json.loads(body, parse_float=Decimal)
        if answer['status'] != 'success':
            raise RuntimeError(answer)
        return answer['data']

    def query(self, expression):
        """The value of an expression with one series at most; None without one."""
        result = self.ask('query', query=expression)['result']
        return Decimal(result[0]['value'][1]) if result else None

    def recorded(self, selector):
        """All samples of a selector's series: for each, a mapping of the scrape's time to the value."""
        result = self.ask('query', query=selector + '[10m]')['result']
        return [{str(at): Decimal(value) for at, value in one['values']} for one in result]

    def targets(self):
        return {one['labels']['job']: one for one in self.ask('targets')['activeTargets']}
