"""Writes suprema.json and values.json beside this file; with --check only compares. See README.md."""

import json
import pathlib
import sys
import time

import flint

from oracle.formulas import catalogue
from oracle.suprema import DIGITS as SUP_DIGITS, records
from oracle.values import DIGITS, points

HERE = pathlib.Path(__file__).parent
MADE = f"golden/make.py, python-flint {flint.__version__}"


def suprema_text(activations):
    rows = [json.dumps(r) for a in activations for r in records(a)]
    head = {"schema": "actaudit.golden.suprema.v1", "made_by": MADE, "digits": SUP_DIGITS}
    return json.dumps(head)[:-1] + ', "suprema": [\n' + ",\n".join(rows) + "\n]}\n"


def values_text(activations):
    blocks = []
    for a in activations:
        rows = ",\n".join(json.dumps(p) for p in points(a))
        blocks.append(json.dumps({"id": a.id, "params": a.params})[:-1] + ', "points": [\n' + rows + "\n]}")
    head = {"schema": "actaudit.golden.values.v1", "made_by": MADE, "digits": DIGITS}
    return json.dumps(head)[:-1] + ', "activations": [\n' + ",\n".join(blocks) + "\n]}\n"


def main():
    check = sys.argv[1:] == ["--check"]
    changed = False
    for name, make in (("suprema.json", suprema_text), ("values.json", values_text)):
        start = time.monotonic()
        text, path = make(catalogue()), HERE / name
        json.loads(text)
        same = path.exists() and path.read_text() == text
        changed |= not same
        if not check:
            path.write_text(text)
        print(f"{name}: {len(text)} bytes, {time.monotonic() - start:.1f} s, {'unchanged' if same else 'changed'}")
    return int(check and changed)


if __name__ == "__main__":
    sys.exit(main())
