"""Times certified sup |f'| of GELU, SiLU and Mish in other systems, in one run on one machine. See README.md."""

import argparse
import json
import sys

from systems import ACTIVATIONS, GOALS, Answer, flint_bb, sollya, this

SYSTEMS = (sollya, flint_bb, this.CHECKED, this.SEARCHED)
COLUMNS = ("system", "domain", "activation", "goal", "seconds", "process_seconds", "width", "lower", "upper", "problem")


def row(system, activation, goal, repeat):
    out = dict.fromkeys(COLUMNS)
    out |= {"system": system.NAME, "domain": system.DOMAIN, "activation": activation, "goal": goal}
    answer = system.solve(activation, goal, repeat)
    if isinstance(answer, Answer):
        out |= {"seconds": answer.seconds, "process_seconds": answer.process, "width": f"{float(answer.width):.1e}"}
        out |= {"lower": answer.lower, "upper": answer.upper}
        if answer.width > GOALS[goal]:
            out["problem"] = "goal not reached"
    else:
        out["problem"] = answer
    return out


def disagreements(rows):
    """Enclosures of the same number must overlap."""
    for a in rows:
        for b in rows:
            if a["activation"] == b["activation"] and a["lower"] and b["lower"]:
                if Answer(a["lower"], b["upper"], 0, None).width < 0:
                    yield f"{a['activation']}: {a['system']} and {b['system']} contradict each other"


def text(rows, skipped):
    shown = COLUMNS[:7]
    cell = lambda v: "-" if v is None else f"{v:.4f}" if isinstance(v, float) else str(v)
    table = [list(shown)] + [[cell(r[c]) for c in shown] + ([r["problem"]] if r["problem"] else []) for r in rows]
    widths = [max(len(line[i]) for line in table) for i in range(len(shown))]
    lines = ["  ".join(c.ljust(w) for c, w in zip(line, widths + [0])).rstrip() for line in table]
    return "\n".join(lines + [f"skipped: {name} ({why})" for name, why in skipped.items()])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--repeat", type=int, default=3, help="the best of so many runs counts")
    args = parser.parse_args()
    skipped = {s.NAME: s.missing() for s in SYSTEMS if s.missing()}
    # every question to all systems in turn, so that a busy moment of the machine hits all of them
    rows = [row(s, a, g, args.repeat) for a in ACTIVATIONS for g in GOALS for s in SYSTEMS if s.NAME not in skipped]
    wrong = sorted(set(disagreements(rows)))
    if args.format == "json":
        print(json.dumps({"schema": "actaudit.peers.v1", "rows": rows, "skipped": skipped, "contradictions": wrong}, indent=1))
    else:
        print("\n".join([text(rows, skipped)] + wrong))
    return 1 if wrong else 3 if not rows else 0


if __name__ == "__main__":
    sys.exit(main())
