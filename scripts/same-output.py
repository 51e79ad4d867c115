#!/usr/bin/env python3
"""Runs two builds of actaudit on the same commands and compares what they print, byte for byte.

usage: scripts/same-output.py OLD NEW [WORDS]

OLD and NEW are programs; with WORDS, only commands that contain them all are run. Exit code, standard output and standard
error of each command have to be the same; where they are not, the first lines that differ are shown. What OLD prints is
kept in target/same-output/, by the hash of the program, so that it is asked once. Exit code 1 if anything differs.
"""

import difflib
import hashlib
import json
import os
import pathlib
import subprocess
import sys

COMMANDS = """
verify gelu --effort quick
verify gelu --effort quick --format json
verify gelu --effort quick --jobs 1 --format json
verify relu --effort quick --format json
verify srelu --effort quick
verify srelu --effort quick -p alpha=1/10 --dtype f16,f32
verify srelu --impl native:paper --dtype f16 --pass forward --effort quick
verify srelu --impl native:paper --impl native --dtype f16,bf16 --effort quick
verify srelu --impl native:paper --impl native --dtype f32 --effort quick --format json
verify silu --impl native:naive --effort quick --regions
verify silu --dtype f64 --pass backward
verify silu --dtype f64 --pass backward --format json
verify mish --impl native:naive --dtype f32 --effort quick --format json
verify mish --impl native --impl native:naive --dtype bf16
verify softplus --dtype f32,bf16 --effort quick -p b=2
verify elu --dtype f16 --format json
verify leaky_relu -p a=1/5 --dtype f64 --effort quick
verify hardswish --effort quick --pass forward
verify tanh --dtype f16 --check ulp,range,monotone
verify sigmoid --dtype f32 --effort quick --max-ulp 0.4 --format json
verify sigmoid --dtype f16 --atol 1e-3 --rtol 1e-3 --pass forward
verify exp --dtype bf16 --pass forward
verify gem --dtype f16 --effort quick --impl native --impl native:naive
verify --expr x*sigmoid(x) --dtype f16
verify --expr=-x*sigmoid(b*x) -p b=2 --dtype f16 --format json
verify --definition tests/definitions/own.toml --dtype f16 --effort quick
verify gelu --impl native:naive --dtype f32 --input 0xc0b20000 --input 0x3fc00000
verify gelu --impl native:naive --dtype f32 --pass forward --input 0xc0b20000 --format json
verify gelu --impl defect:1-gelu --dtype f32 --effort quick
verify relu --dtype f16 --pass backward --declare subgradient=left
verify silu --dtype f16 --declare flush,nan=quiet --format json
verify gelu --dtype f16 --pass double
verify silu --impl lib:absent.so:f --dtype f16
verify silu --impl native:none --dtype f16
verify silu --impl table:absent.bin,dtype=f16 --dtype f16
verify silu --dtype f16 --check none
bound gelu
bound gelu --format json
bound silu --quantity lipschitz --digits 30
bound srelu --quantity distance --to relu
bound mish --quantity curvature --unchecked
bound mish --quantity range --format json --unchecked
bound elu --quantity slope --domain=-1..1
bound gelu --quantity lipschitz --max-boxes 3
bound exp --quantity lipschitz --format json
continuity srelu
continuity gem -p N=3 --format json
continuity --definition tests/definitions/off_by_1e-18.toml
claims
claims --format json
claims tests/claims/too_small.toml
claims tests/claims/true_but_declared_false.toml --format json
survey tests/survey/plan.toml --dtype f16 --effort quick
survey tests/survey/plan.toml --dtype bf16,f32 --effort quick --jobs 1
survey tests/survey/plan.toml --dtype bf16 --pass forward --format json
survey tests/definitions/own.toml
identify native --of gelu
identify native:naive --of mish --format json
identify native:paper --of srelu --dtype f64 --pass backward
identify defect:1-gelu
identify native
power --rtol 1e-3 --atol 1e-5
power --preset torch --format json
power --max-ulp 4 --inputs uniform:-4..4:512
power --preset none
explain
explain ulp
list
show gelu
recheck tests/definitions/own.toml
""".strip().splitlines()

ROOT = pathlib.Path(__file__).resolve().parent.parent


def run(program, command):
    done = subprocess.run([program, *command.split()], cwd=ROOT, capture_output=True, env={**os.environ, "NO_COLOR": "1"})
    return [str(done.returncode), done.stdout.decode(), done.stderr.decode()]


def kept(program):
    digest = hashlib.sha256(pathlib.Path(program).read_bytes()).hexdigest()[:16]
    return ROOT / "target/same-output" / f"{digest}.json"


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    old, new = (os.path.abspath(path) for path in sys.argv[1:3])
    commands = [c for c in COMMANDS if all(word in c for word in sys.argv[3:])]
    file = kept(old)
    answers = json.loads(file.read_text()) if file.exists() else {}
    differing = 0
    for command in commands:
        if command not in answers:
            answers[command] = run(old, command)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(answers))
        again = run(new, command)
        if again == answers[command]:
            continue
        differing += 1
        print(f"differs: actaudit {command}")
        for name, a, b in zip(["exit code", "output", "errors"], answers[command], again):
            lines = difflib.unified_diff(a.splitlines(), b.splitlines(), "old", "new", lineterm="", n=0)
            for line in list(lines)[2:14]:
                print(f"  {name}: {line}")
    print(f"{len(commands)} commands: {differing} differ")
    sys.exit(1 if differing or not commands else 0)


main()
