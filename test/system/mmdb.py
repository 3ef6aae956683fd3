"""Writes a database in MaxMind's format, version 2.0, from networks and what is known of them.

https://maxmind.github.io/MaxMind-DB/ : a tree of 24-bit records over the bits of IPv6 addresses (IPv4 in ::/96), 16 zero
bytes, the data, a marker, and the metadata."""
import ipaddress

MARKER = b'\xab\xcd\xefMaxMind.com'
TEXT, UNSIGNED_16, UNSIGNED_32, MAP, LIST, UNSIGNED_64 = 2, 5, 6, 7, 11, 9
SEPARATOR_BYTES = 16


def encode(value):
    if isinstance(value, dict):
        return head(MAP, len(value)) + b''.join(encode(key) + encode(item) for key, item in value.items())
    if isinstance(value, list):
        return head(LIST, len(value)) + b''.join(map(encode, value))
    if isinstance(value, str):
        return head(TEXT, len(value.encode())) + value.encode()
    kind, number = value
    digits = number.to_bytes(8, 'big').lstrip(b'\0')
    return head(kind, len(digits)) + digits


def head(kind, size):
    assert size < 29                                            # longer ones are not needed here
    return bytes([kind << 5 | size]) if kind < 8 else bytes([size, kind - 7])


def bits_of(network):
    network = ipaddress.ip_network(network)
    bits = f'{int(network.network_address):0{network.max_prefixlen}b}'[:network.prefixlen]
    return '0' * 96 + bits if network.version == 4 else bits


def mmdb(networks):
    """The database; `networks` maps those that do not overlap to values."""
    data, places, tree = b'', {}, [[None, None]]
    for network, value in networks.items():
        encoded = encode(value)
        if encoded not in places:
            places[encoded] = len(data)
            data += encoded
        node, bits = 0, bits_of(network)
        for bit in map(int, bits[:-1]):
            if tree[node][bit] is None:
                tree[node][bit] = len(tree)
                tree.append([None, None])
            node = tree[node][bit]
        tree[node][int(bits[-1])] = ('data', places[encoded])

    def record(entry):
        if entry is None:
            entry = len(tree)
        elif isinstance(entry, tuple):
            entry = len(tree) + SEPARATOR_BYTES + entry[1]
        return entry.to_bytes(3, 'big')

    metadata = {'binary_format_major_version': (UNSIGNED_16, 2), 'binary_format_minor_version': (UNSIGNED_16, 0),
                'build_epoch': (UNSIGNED_64, 1), 'database_type': 'Test-Country', 'description': {'en': 'Test'},
                'ip_version': (UNSIGNED_16, 6), 'languages': ['en'], 'node_count': (UNSIGNED_32, len(tree)),
                'record_size': (UNSIGNED_16, 24)}
    return (b''.join(record(left) + record(right) for left, right in tree) + bytes(SEPARATOR_BYTES) + data + MARKER +
            encode(metadata))
