"""Does `tailmeter check --web.config.file` take and refuse what `promtool check web-config` takes and refuses?

Debian's promtool is of Prometheus 2.42, with the rules of exporter-toolkit 0.8. Where we judge otherwise, the case says why."""
from certificates import Certificates
from lab import run_test

HASH = '$2y$10$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyz01234'
TLS = 'tls_server_config: {cert_file: server.pem, key_file: server.key%s}\n'

# Judged alike.
ALIKE = {
    'an empty file': '',
    'comments alone': '# basic_auth_users:\n#   alice: hash\n',
    'an empty mapping': '{}\n',
    'empty sections': 'tls_server_config: {}\nhttp_server_config: {}\nbasic_auth_users: {}\n',
    'a list': '- tls_server_config\n',
    'an unknown section': 'tls_config: {}\n',
    'broken YAML': 'tls_server_config: [\n',
    'a key twice': 'basic_auth_users: {}\nbasic_auth_users: {}\n',
    'a user': f'basic_auth_users: {{alice: {HASH}}}\n',
    'two users': f'basic_auth_users:\n  alice: {HASH}\n  bob: "{HASH}"\n',
    'a user with a number for a name': f'basic_auth_users: {{1: {HASH}}}\n',
    'a user twice': f'basic_auth_users: {{alice: {HASH}, alice: {HASH}}}\n',
    'a password in place of a hash': 'basic_auth_users: {alice: secret}\n',
    'an MD5 hash': 'basic_auth_users: {alice: $apr1$abcdefgh$abcdefghijklmnopqrstuv}\n',
    'an empty hash': "basic_auth_users: {alice: ''}\n",
    'a hash of cost 3': f'basic_auth_users: {{alice: {HASH.replace("$10$", "$03$")}}}\n',
    'a hash of cost 4': f'basic_auth_users: {{alice: {HASH.replace("$10$", "$04$")}}}\n',
    'a hash of cost 31': f'basic_auth_users: {{alice: {HASH.replace("$10$", "$31$")}}}\n',
    'a hash of cost 32': f'basic_auth_users: {{alice: {HASH.replace("$10$", "$32$")}}}\n',
    'a hash of another bcrypt': f'basic_auth_users: {{alice: {HASH.replace("$2y$", "$2a$")}}}\n',
    'a hash that is cut short': f'basic_auth_users: {{alice: {HASH[:50]}}}\n',
    'a hash of version 3': f'basic_auth_users: {{alice: {HASH.replace("$2y$", "$3y$")}}}\n',
    'users as a list': f'basic_auth_users: [{HASH}]\n',
    'users as a text': 'basic_auth_users: alice\n',
    'TLS': TLS % '',
    'a certificate without a key': 'tls_server_config: {cert_file: server.pem}\n',
    'a key without a certificate': 'tls_server_config: {key_file: server.key}\n',
    'a certificate that is not there': 'tls_server_config: {cert_file: none.pem, key_file: server.key}\n',
    'a key that is not there': 'tls_server_config: {cert_file: server.pem, key_file: none.key}\n',
    'a key of another': 'tls_server_config: {cert_file: server.pem, key_file: other.key}\n',
    'a key with a passphrase': 'tls_server_config: {cert_file: server.pem, key_file: locked.key}\n',
    'a certificate in place of the key': 'tls_server_config: {cert_file: server.pem, key_file: server.pem}\n',
    'a chain': 'tls_server_config: {cert_file: chain.pem, key_file: server.key}\n',
    'an unknown key of TLS': TLS % ', cert_files: x',
    'no client certificates': TLS % ', client_auth_type: NoClientCert',
    'requested client certificates': TLS % ', client_auth_type: RequestClientCert',
    'any client certificate, by the old name': TLS % ', client_auth_type: RequireClientCert',
    'any client certificate': TLS % ', client_auth_type: RequireAnyClientCert',
    'client certificates if given': TLS % ', client_auth_type: VerifyClientCertIfGiven, client_ca_file: ca.pem',
    'client certificates': TLS % ', client_auth_type: RequireAndVerifyClientCert, client_ca_file: ca.pem',
    'an unknown way of client certificates': TLS % ', client_auth_type: Verify, client_ca_file: ca.pem',
    'client certificates without TLS': 'tls_server_config: {client_auth_type: RequireAnyClientCert}\n',
    'an authority for nobody': TLS % ', client_ca_file: ca.pem',
    'an authority for nobody, said so': TLS % ', client_ca_file: ca.pem, client_auth_type: NoClientCert',
    'an authority that is not there':
        TLS % ', client_auth_type: RequireAndVerifyClientCert, client_ca_file: none.pem',
    'versions': TLS % ', min_version: TLS12, max_version: TLS13',
    'an old version': TLS % ', min_version: TLS10',
    'an unknown version': TLS % ', min_version: SSL30',
    'a version without TLS': 'tls_server_config: {min_version: TLS13}\n',
    'ciphers': TLS % ', cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, TLS_RSA_WITH_AES_256_GCM_SHA384, '
                     'TLS_AES_128_GCM_SHA256]',
    'no ciphers': TLS % ', cipher_suites: []',
    'a cipher that is no list': TLS % ', cipher_suites: TLS_AES_128_GCM_SHA256',
    'an unsafe cipher': TLS % ', cipher_suites: [TLS_RSA_WITH_3DES_EDE_CBC_SHA]',
    "OpenSSL's name of a cipher": TLS % ', cipher_suites: [ECDHE-RSA-AES128-GCM-SHA256]',
    'curves': TLS % ', curve_preferences: [CurveP256, CurveP384, CurveP521, X25519]',
    "OpenSSL's name of a curve": TLS % ', curve_preferences: [P-256]',
    'whose ciphers go first': TLS % ', prefer_server_cipher_suites: no',
    'whose ciphers go first, as a number': TLS % ', prefer_server_cipher_suites: 1',
    'no HTTP/2': 'http_server_config: {http2: false}\n',
    'HTTP/2 switched on': 'http_server_config: {http2: On}\n',
    'HTTP/2 as a text': 'http_server_config: {http2: maybe}\n',
    'all headers': 'http_server_config:\n  headers:\n    Content-Security-Policy: default-src *\n'
                   '    Strict-Transport-Security: max-age=1\n    X-Content-Type-Options: nosniff\n'
                   '    X-Frame-Options: sameorigin\n    X-XSS-Protection: 1\n',
    'another header': 'http_server_config: {headers: {Server: x}}\n',
    'a header in small letters': 'http_server_config: {headers: {x-frame-options: deny}}\n',
    'frames in capitals': 'http_server_config: {headers: {X-Frame-Options: DENY}}\n',
    'sniffing': 'http_server_config: {headers: {X-Content-Type-Options: sniff}}\n',
    'an empty header': "http_server_config: {headers: {X-XSS-Protection: ''}}\n",
    'an unknown key of HTTP': 'http_server_config: {http3: true}\n',
}

# Refused by us alone.
STRICTER = {
    'an anchor': ('basic_auth_users: &users {}\n', 'what the file says is where it says it'),
    'a tag': ('basic_auth_users: !!map {}\n', 'what the file says is where it says it'),
    'a second document': ('{}\n---\nbasic_auth_users: {}\n', 'promtool reads the first alone, whatever the rest says'),
    'users without a value': ('basic_auth_users:\n', 'everyone would get in'),
    'empty names of files': ("tls_server_config: {cert_file: '', key_file: ''}\n", 'TLS would be off'),
    'a version above the highest': (TLS % ', min_version: TLS13, max_version: TLS12', 'no client could connect'),
    'nothing but old versions': (TLS % ', max_version: TLS11', 'no client could connect'),
    'ciphers of TLS 1.3 for TLS 1.2':
        (TLS % ', max_version: TLS12, cipher_suites: [TLS_AES_128_GCM_SHA256]', 'no client could connect'),
    'client certificates of no authority': (TLS % ', client_auth_type: RequireAndVerifyClientCert',
                                            'whom any authority of the system knows would get in'),
    'an authority without certificates':
        (TLS % ', client_auth_type: RequireAndVerifyClientCert, client_ca_file: server.key', 'nobody would get in'),
    'a weak key': ('tls_server_config: {cert_file: weak.pem, key_file: weak.key}\n', 'clients refuse it'),
    'a header of two lines': ('http_server_config: {headers: {X-XSS-Protection: "1\\nSet-Cookie: a"}}\n',
                              'Go writes a blank for the newline'),
    'a section without a value': ('http_server_config:\n', 'a key without a value is one that was forgotten'),
    'a setting without a value': (TLS % ', min_version: ', 'a key without a value is one that was forgotten'),
    'a header in a block': ('http_server_config:\n  headers:\n    X-XSS-Protection: >\n      1\n',
                            'it ends with a newline'),
    'a user with a colon': (f'basic_auth_users: {{"a:b": {HASH}}}\n', 'nobody could give this name'),
    'a hash with a tail': (f'basic_auth_users: {{alice: {HASH}x}}\n', 'it is no hash, and no password would be right'),
    'a hash of signs that no hash has':
        (f'basic_auth_users: {{alice: "{HASH[:-1]}!"}}\n', 'it is no hash, and no password would be right'),
    'a hash of the faulty bcrypt':
        (f'basic_auth_users: {{alice: {HASH.replace("$2y$", "$2x$")}}}\n', 'Go takes it for another one'),
}

# Taken by us alone: what later toolkits have.
NEWER = {
    'a rate limit': ('rate_limit: {interval: 1s, burst: 10}\n', 'of 0.14'),
    'names of clients':
        (TLS % ', client_auth_type: RequireAndVerifyClientCert, client_ca_file: ca.pem, client_allowed_sans: [a]',
         'of 0.10'),
    'a certificate in the file': ('{inline}', 'of 0.11'),
    'a quoted boolean': ("http_server_config: {http2: 'true'}\n", 'it says the same'),
}


def make_files(lab):
    certificates = Certificates(lab)
    for name in 'server', 'other':
        certificates.make(name)
    certificates.openssl('pkey', '-in', 'server.key', '-aes256', '-passout', 'pass:x', '-out', 'locked.key')
    certificates.openssl('genrsa', '-out', 'weak.key', '1024')
    certificates.openssl('req', '-x509', '-key', 'weak.key', '-days', '2', '-subj', '/CN=weak', '-out', 'weak.pem')
    lab.write('chain.pem', (lab.dir / 'server.pem').read_text() + (lab.dir / 'ca.pem').read_text())


def verdicts(lab, text):
    """(promtool takes it, we take it, what we say)"""
    if text == '{inline}':
        pem = {key: (lab.dir / f'server.{end}').read_text() for key, end in (('cert', 'pem'), ('key', 'key'))}
        text = 'tls_server_config:\n' + ''.join(f'  {key}: |\n' + ''.join(f'    {line}\n' for line in lines.splitlines())
                                                for key, lines in pem.items())
    file = lab.write('web.yml', text)
    theirs = lab.run('promtool', 'check', 'web-config', file)
    ours = lab.run(lab.tailmeter, 'check', f'--web.config.file={file}')
    if theirs.returncode not in (0, 1) or ours.returncode not in (0, 2):
        raise RuntimeError((theirs, ours))
    return theirs.returncode == 0, ours.returncode == 0, ours.stdout + ours.stderr


def main(lab):
    make_files(lab)
    taken = 0
    for name, text in ALIKE.items():
        theirs, ours, says = verdicts(lab, text)
        taken += theirs
        lab.check(f'{name}: {"taken" if theirs else "refused"} by both', theirs == ours, says)
        if not ours:
            lab.check(f'{name}: the refusal has a place', 'web.yml:' in says and '^' in says, says)
    lab.refuses('a program that takes all, and one that refuses all', 0 < taken < len(ALIKE), taken)
    _, _, says = verdicts(lab, ALIKE['two users'])
    lab.check('what is right is summed up', says == f'{lab.dir}/web.yml: right: no TLS, 2 users, 0 headers\n', says)
    for name, (text, why) in STRICTER.items():
        theirs, ours, says = verdicts(lab, text)
        lab.check(f'{name}: refused by us alone: {why}', theirs and not ours and '^' in says, (theirs, ours, says))
    for name, (text, why) in NEWER.items():
        theirs, ours, says = verdicts(lab, text)
        lab.check(f'{name}: taken by us alone: {why}', ours and not theirs, (theirs, ours, says))


run_test(main, needs=['promtool', 'openssl'])
