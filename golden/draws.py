"""Writes draws.json: first values of the streams of src/data/draw.rs, by ChaCha with 12 rounds written out from its definition.

With --check only compares. See README.md."""

import decimal
import hashlib
import itertools
import json
import math
import pathlib
import struct
import sys

HERE = pathlib.Path(__file__).parent
WORD = 2**32 - 1
ROUND = [(0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15), (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)]


def block(key, counter, nonce):
    words = struct.unpack("<4I8I4I", b"expand 32-byte k" + key + struct.pack("<QQ", counter, nonce))
    state = list(words)
    for a, b, c, d in ROUND * 6:
        for x, y, z, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            state[x] = (state[x] + state[y]) & WORD
            v = state[z] ^ state[x]
            state[z] = (v << turn | v >> (32 - turn)) & WORD
    return [(s + w) & WORD for s, w in zip(state, words)]


def stream(seed, purpose, step):
    """64 bits at a time, the lower half first."""
    key = hashlib.sha256(b"actaudit.draw.v1" + struct.pack("<Q", seed) + purpose.encode()).digest()
    for counter in itertools.count():
        words = block(key, counter, step)
        yield from (low | high << 32 for low, high in zip(words[::2], words[1::2]))


def unit(bits):
    return (next(bits) >> 11) / 2**53


def below(bits, n):
    while True:
        product = next(bits) * n
        if product % 2**64 >= (2**64 - n) % n:
            return product >> 64


def normal(bits):
    while True:
        u, v = 2 * unit(bits) - 1, 2 * unit(bits) - 1
        s = u * u + v * v
        if 0 < s < 1:
            log = float(decimal.Decimal(s).ln(decimal.Context(prec=40)))  # correctly rounded, as math.log need not be
            return u * math.sqrt(-2 * log / s)


def truncated(bits):
    while True:
        z = normal(bits)
        if abs(z) <= 2:
            return z


def permutation(bits, n):
    order = list(range(n))
    for last in range(n - 1, 0, -1):
        other = below(bits, last + 1)
        order[last], order[other] = order[other], order[last]
    return order


def row(seed, purpose, step):
    some = lambda one, n: [one(bits) for bits in [stream(seed, purpose, step)] for _ in range(n)]
    all_bits = some(next, 100)
    return {
        "seed": seed,
        "purpose": purpose,
        "step": step,
        "bits": [f"{b:016x}" for b in all_bits[:3] + all_bits[-1:]],
        "unit": some(unit, 3),
        "unit_f32": some(lambda bits: (next(bits) >> 40) / 2**24, 3),
        "below_1000": some(lambda bits: below(bits, 1000), 3),
        "below_3_62": [str(v) for v in some(lambda bits: below(bits, 3 << 62), 5)],
        "normal": some(normal, 20),
        "truncated": some(truncated, 60),
        "permutation": permutation(stream(seed, purpose, step), 10),
    }


def main():
    path = HERE / "draws.json"
    rows = [(1, "test", 0), (1, "test", 1), (2**64 - 1, "", 2**64 - 1), (0, "init/blocks.0.mlp", 1000), (7, "ä", 2**40)]
    content = '{"schema": "actaudit.golden.draws.v1", "draws": [\n' + ",\n".join(json.dumps(row(*r)) for r in rows) + "\n]}\n"
    same = path.exists() and path.read_text() == content
    check = sys.argv[1:] == ["--check"]
    if not check:
        path.write_text(content)
    print(f"draws.json: {len(rows)} streams, {'unchanged' if same else 'changed'}")
    return int(check and not same)


if __name__ == "__main__":
    sys.exit(main())
