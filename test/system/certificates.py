"""Certificates for a test, made by the openssl command in a Lab's directory."""


class Certificates:
    """NAME.pem and NAME.key in the lab's directory; the authority is ca.pem."""

    def __init__(self, lab):
        self.lab = lab
        self.make('ca', authority=None)

    def openssl(self, *words):
        done = self.lab.run('openssl', *words)
        if done.returncode != 0:
            raise RuntimeError(f'openssl {words}: {done.stderr}')

    def make(self, name, authority='ca', names='DNS:localhost,IP:127.0.0.1', days=2, also=()):
        signed = ['-CA', f'{authority}.pem', '-CAkey', f'{authority}.key',
                  '-addext', 'basicConstraints=critical,CA:false'] if authority else []
        self.openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', days,
                     '-subj', f'/CN={name}', '-addext', f'subjectAltName={names}', '-keyout', f'{name}.key',
                     '-out', f'{name}.pem', *signed, *also)
        for end in 'pem', 'key':
            self.lab.give_away(self.lab.dir / f'{name}.{end}')
        return self.lab.dir / f'{name}.pem', self.lab.dir / f'{name}.key'
