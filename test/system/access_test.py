"""Who may see the pages: TLS, client certificates, passwords, as --web.config.file says.

What a password opens is compared with Prometheus itself, which reads the same file by exporter-toolkit."""
import base64
import http.client
import socket
import ssl
import time
import warnings

from certificates import Certificates
from exposition import Exposition
from lab import fetch, run_test, wait_until
from password_guesser import PasswordGuesser, basic
from prometheus import Prometheus

with warnings.catch_warnings():
    warnings.simplefilter('ignore')         # it goes in Python 3.13
    import crypt

GUESSES = 300
COST = 4                                     # for what is hashed often
SALT = '$2b$%02d$' % COST + 'abcdefghijklmnopqrstuu'
LONG = 'x' * 72
USERS = {'alice': 'secret', 'bob': 'pass:word', 'long': LONG, 'üser': 'pässwörd', '': 'anonymous'}


def hashed(password, name='2b', salt=SALT):
    return f'${name}{crypt.crypt(password, salt)[3:]}'


def users_yml(users):
    return 'basic_auth_users:\n' + ''.join(f"  '{user}': {hash}\n" for user, hash in users.items())


def encoded(text):
    return 'Basic ' + base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode()


AUTHORIZATIONS = [
    None, '', 'Basic', 'Basic ', 'Bearer x', 'Basic *', encoded('alice'), encoded(':'), encoded(''),
    encoded('alice:secret'), encoded('alice:secret').replace('Basic', 'basic'),
    encoded('alice:secret').replace('Basic', 'BASIC'), encoded('alice:secret') + '=', encoded('alice:secret')[:-1],
    encoded('alice:secret').replace(' ', '  '), encoded('alice:secret') + ' ',
    encoded('alice:secret') + ', ' + encoded('alice:secret'),
    encoded('alice:wrong'), encoded('alice:'), encoded('Alice:secret'), encoded('alice:secret '), encoded('alice:SECRET'),
    encoded('alice:secret\0'), encoded('alice:secret\0x'), encoded('alice:sec\0ret'), encoded('nobody:secret'),
    encoded('bob:pass:word'), encoded('bob:pass'), encoded('bob:pass:'),
    encoded('long:' + LONG), encoded('long:' + LONG + 'y'), encoded('long:' + LONG + 'y' * 1000), encoded('long:' + LONG[1:]),
    encoded('üser:pässwörd'), encoded('user:passwort'), encoded('üser:pässwörd'.encode('latin-1')),
    encoded(':anonymous'), encoded(':secret'), encoded(b'\xff\xfe:\xff')]


def ask(address, path='/metrics', method='GET', context=None, source='127.0.0.1', authorization=None):
    """(status, headers, body), on a connection of its own."""
    kind = {'context': context} if context else {}
    connection = (http.client.HTTPSConnection if context else http.client.HTTPConnection)(
        *address, timeout=10, source_address=(source, 0), **kind)
    try:
        connection.request(method, path, headers={} if authorization is None else {'Authorization': authorization})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


class Site:
    def __init__(self, lab):
        self.lab = lab
        self.log = lab.write('access.log', 'a line\n' * 100)
        self.rules = lab.rules_for_lines(self.log)

    def follow(self, web, name, **ask_by):
        file = self.lab.write(f'{name}.yml', web)
        return self.lab.follow(f'--config.file={self.rules}', f'--web.config.file={file}', name=name,
                               ready=lambda address: ask(address, '/-/ready', **ask_by)[0])


def check_against_prometheus(lab, site):
    web = users_yml({user: hashed(password, name) for (user, password), name in
                     zip(USERS.items(), ('2a', '2b', '2y', '2a', '2y'))})
    follower = site.follow(web, 'users', authorization=basic('alice', 'secret'))
    theirs = ('127.0.0.1', lab.free_port())
    lab.start('oracle', 'prometheus', f'--web.config.file={lab.dir}/users.yml', f'--web.listen-address=127.0.0.1:{theirs[1]}',
              f'--config.file={lab.write("none.yml", "{}")}', f'--storage.tsdb.path={lab.folder("oracle")}')
    wait_until('Prometheus answers', lambda: ask(theirs, '/-/ready', authorization=basic('alice', 'secret'))[0] == 200)
    judged = {}
    for number, authorization in enumerate(AUTHORIZATIONS):
        # Each from an address of its own, so that no guess is one too many.
        ours, headers, _ = ask(follower.address, source=f'127.0.1.{number + 1}', authorization=authorization)
        want, _, _ = ask(theirs, '/-/healthy', authorization=authorization)
        judged[want] = judged.get(want, 0) + 1
        lab.check(f'{authorization!r:.60} gets {want}, as of Prometheus',
                  ours == want and (ours == 200 or headers['WWW-Authenticate'].startswith('Basic')), (ours, want, headers))
    lab.refuses('a program that lets all in, and one that lets in nobody', min(judged.get(200, 0), judged.get(401, 0)) > 5)
    for path in '/', '/-/healthy', '/-/ready', '/nowhere':
        status = ask(follower.address, path)[0]
        lab.check(f'{path} wants a password too', status == 401, status)
    lab.check('so does taking over the rule file', ask(follower.address, '/-/reload', 'POST')[0] == 401)
    lab.check('with it, it is done',
              ask(follower.address, '/-/reload', 'POST', authorization=basic('alice', 'secret'))[0] == 200)


def scrape_during_guesses(lab, follower, sources):
    guesser = PasswordGuesser(follower.address, 'alice', sources=sources).start()
    seconds, statuses = [], set()
    while sum(guesser.answers.values()) < GUESSES:
        begin = time.monotonic()
        status, _, body = ask(follower.address, authorization=basic('alice', 'secret'))
        seconds.append(time.monotonic() - begin)
        statuses.add(status if status != 200 or Exposition(body)['lines_total'] == 100 else 'wrong')
    answers = guesser.stop()
    lab.check(f'{len(seconds)} scrapes are answered while passwords are guessed from {len(sources)} addresses; '
              f'the slowest took {max(seconds):.3f} s', statuses == {200}, statuses)
    lab.check('no guess is right, nor wrong in another way', not answers.keys() - {401, 429}, answers)
    return answers


def check_guesses(lab, site):
    web = users_yml({'alice': hashed('secret', salt='$2b$12$abcdefghijklmnopqrstuu')}) + \
        'http_server_config: {headers: {X-Frame-Options: deny}}\n'
    follower = site.follow(web, 'guesses', authorization=basic('alice', 'secret'))
    answers = scrape_during_guesses(lab, follower, ['127.0.0.1'])       # the scraper's own
    lab.check(f'of {sum(answers.values())} guesses from one address few are hashed',
              0 < answers[401] <= 10 and answers[429] > GUESSES / 2, answers)
    answers = scrape_during_guesses(lab, follower, [f'127.0.3.{number}' for number in range(1, 101)])
    lab.check('of those from many, as many as one after the other', answers[401] > 0 and answers[429] > 0, answers)
    for _ in range(10):
        status, headers, _ = ask(follower.address, authorization=basic('alice', 'wrong'))
        if status == 429:
            break
    lab.check('one too many is told when to come back', status == 429 and 0 < int(headers['Retry-After']) <= 12, headers)
    lab.check('the headers that are asked for are on that answer too', headers.get('X-Frame-Options') == 'deny', headers)
    status, headers, _ = ask(follower.address, source='127.0.2.1')
    lab.check('and on that to nobody', (status, headers.get('X-Frame-Options')) == (401, 'deny'), headers)


def client_context(lab, name=None):
    context = ssl.create_default_context(cafile=lab.dir / 'ca.pem')
    if name:
        context.load_cert_chain(lab.dir / f'{name}.pem', lab.dir / f'{name}.key')
    return context


def serial(address, context):
    with context.wrap_socket(socket.create_connection(address), server_hostname='localhost') as stream:
        return stream.getpeercert()['serialNumber']


def refusal(address, context):
    """What OpenSSL calls the alert by which a client is told why; '' if it is let in."""
    try:
        ask(address, context=context)
        return ''
    except ssl.SSLError as error:
        return error.reason


def reload_of_web_config(follower, context):
    return Exposition(ask(follower.address, context=context)[2])['tailmeter_web_config_last_reload_successful']


def check_tls(lab, site, certificates):
    for name in 'server', 'next', 'scraper', 'other':
        certificates.make(name, names=f'DNS:localhost,IP:127.0.0.1,DNS:{name}.example.org')
    certificates.make('stranger', authority=None, names='DNS:scraper.example.org')
    web = '''tls_server_config:
  cert_file: server.pem
  key_file: server.key
  client_ca_file: ca.pem
  client_auth_type: RequireAndVerifyClientCert
  client_allowed_sans: [scraper.example.org]
'''
    scraper = client_context(lab, 'scraper')
    follower = site.follow(web, 'tls', context=scraper)
    status, _, body = ask(follower.address, context=scraper)
    lab.check('who shows the right certificate sees the metrics', status == 200 and Exposition(body)['lines_total'] == 100)
    for name, alert in ((None, 'TLSV13_ALERT_CERTIFICATE_REQUIRED'), ('stranger', 'TLSV1_ALERT_UNKNOWN_CA'),
                        ('other', 'SSLV3_ALERT_BAD_CERTIFICATE')):
        told = refusal(follower.address, client_context(lab, name))
        lab.check(f'who shows {name or "no certificate"} does not, and is told why', told == alert, told)
    count = Exposition(ask(follower.address, context=scraper)[2])['tailmeter_http_connections_closed_total{reason="handshake"}']
    lab.check('these are counted', count == 3, count)
    status = fetch(follower.address, '/metrics')[0]
    lab.check('nor does who speaks no TLS', status == 400, status)

    before = serial(follower.address, scraper)
    (lab.dir / 'next.pem').replace(lab.dir / 'server.pem')
    time_of_look = time.monotonic() + 2.5
    serials = set()
    while time.monotonic() < time_of_look:
        serials.add(serial(follower.address, scraper))
        time.sleep(0.2)
    complaints = follower.server.output().count('the key is not that of the certificate')
    lab.check('a certificate without its key leaves the old one in use, and is told of once',
              serials == {before} and complaints == 1, (serials, before, follower.server.output()))
    lab.check('and by a metric', reload_of_web_config(follower, scraper) == 0)
    (lab.dir / 'next.key').replace(lab.dir / 'server.key')
    wait_until('the new certificate is shown', lambda: serial(follower.address, scraper) != before)
    lab.check('which says so when it is mended', reload_of_web_config(follower, scraper) == 1)
    lab.check('the log says that it is TLS', f'address="https://127.0.0.1:{follower.address[1]}"' in follower.server.output() or
              f'address=https://127.0.0.1:{follower.address[1]}' in follower.server.output(), follower.server.output())
    return follower


def check_prometheus(lab, site, follower):
    """Real scrapes, by certificate and by password, right and wrong."""
    users = site.follow(users_yml({'alice': hashed('secret')}), 'basic', authorization=basic('alice', 'secret'))

    def tls(name):
        return {'scheme': 'https', 'tls_config': {'ca_file': str(lab.dir / 'ca.pem'), **(
            {'cert_file': str(lab.dir / f'{name}.pem'), 'key_file': str(lab.dir / f'{name}.key')} if name else {})}}
    options = {'tls': tls('scraper'), 'tls_other': tls('other'), 'tls_none': tls(None),
               'basic': {'basic_auth': {'username': 'alice', 'password': 'secret'}},
               'basic_wrong': {'basic_auth': {'username': 'alice', 'password': 'wrong'}}, 'basic_none': {}}
    prometheus = Prometheus(lab, {job: (users if job.startswith('basic') else follower).address for job in options},
                            settings=options)
    wait_until('all are scraped', lambda: [target['health'] != 'unknown' for target in prometheus.targets().values()]
               == [True] * len(options))
    for job, target in prometheus.targets().items():
        is_right = job in ('tls', 'basic')
        lab.check(f'Prometheus {"scrapes" if is_right else "is refused"} as {job}: {target["lastError"]}',
                  (target['health'] == 'up') == is_right, target)
    wait_until('there are samples of both', lambda: prometheus.query('count(lines_total)') == 2)
    lab.check('and they are right', prometheus.query('min(lines_total)') == prometheus.query('max(lines_total)') == 100)
    lab.check('who has a wrong password is told so by 401 or 429',
              any(code in prometheus.targets()['basic_wrong']['lastError'] for code in ('401', '429')))


def check_wrong_files(lab, site):
    for name, text, code, says in (('wrong', 'basic_auth_user: {}\n', 2, 'did you mean "basic_auth_users"?'),
                                   ('lost', 'tls_server_config: {cert_file: none.pem, key_file: none.key}\n', 2, 'No such file')):
        file = lab.write(f'{name}.yml', text)
        done = lab.run(lab.tailmeter, 'run', f'--config.file={site.rules}', f'--web.config.file={file}', '--state.dir=none')
        lab.check(f'a file that is {name} ends the start with {code}',
                  done.returncode == code and says in done.stderr and f'{file}:1:' in done.stderr, done)
    done = lab.run(lab.tailmeter, 'run', f'--config.file={site.rules}', '--web.config.file=none.yml', '--state.dir=none')
    lab.check('one that is not there, with 1', done.returncode == 1 and 'none.yml: No such file' in done.stderr, done)


def main(lab):
    certificates = Certificates(lab)
    site = Site(lab)
    check_wrong_files(lab, site)
    check_against_prometheus(lab, site)
    check_guesses(lab, site)
    follower = check_tls(lab, site, certificates)
    check_prometheus(lab, site, follower)


run_test(main, needs=['prometheus', 'openssl'])
