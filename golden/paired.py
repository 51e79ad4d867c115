"""Writes paired.json: paired comparisons, power, Holm's adjustment and rank correlations by SciPy and statsmodels, power by quadrature as well.

With --check only compares. See README.md; takes seconds."""

import json
import pathlib
import sys
import time

import numpy as np
import scipy
import statsmodels
from mpmath import exp, gamma, mpf, ncdf, quad, sqrt
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestPower
from statsmodels.stats.weightstats import ttost_paired

HERE = pathlib.Path(__file__).parent


def series():
    """Pairs of series: alike and not, with ties, with outliers, of all scales."""
    rng = np.random.default_rng(20261127)
    for n in (2, 3, 5, 8, 9, 12, 17, 20):
        seeds = rng.normal(0.78, 0.026, n)
        yield seeds + rng.normal(0.022, 0.02, n), seeds
        yield seeds * 1e6, rng.normal(0, 1, n)
    yield np.array([1.0, 2, 3, 4, 5, 6]), np.array([2.0, 2, 1, 5, 5, 9])
    yield np.array([0.1, 0.2, 0.3, 0.4]), np.array([0.4, 0.1, 0.2, 0.3])
    yield rng.standard_cauchy(10), rng.standard_cauchy(10)
    yield rng.lognormal(0, 2, 15), np.zeros(15)


def comparison(k, a, b):
    level = (0.95, 0.9, 0.99)[k % 3]
    d, n = a - b, len(a)
    row = {"a": a.tolist(), "b": b.tolist(), "level": level}
    row["mean"], row["sd"] = d.mean(), d.std(ddof=1)
    constant = min(a.std(), b.std()) == 0
    row["correlation"] = None if constant else stats.pearsonr(a, b).statistic
    t = stats.ttest_rel(a, b)
    row["t_p"] = t.pvalue
    row["interval"] = list(t.confidence_interval(level))
    exact = stats.permutation_test((d,), np.sum, permutation_type="samples", n_resamples=np.inf)
    row["sign_flip_p"] = exact.pvalue
    boot = stats.bootstrap((d,), np.mean, n_resamples=199, confidence_level=level, method="BCa", rng=np.random.default_rng(k))
    row["means"] = boot.bootstrap_distribution.tolist()
    ends = list(boot.confidence_interval)
    row["bootstrap"] = ends if np.isfinite(ends).all() else None
    larger, smaller = int((d > 0).sum()), int((d < 0).sum())
    exactly = lambda count: stats.binomtest(count, n).proportion_ci(level, "exact")
    row["chance"] = [exactly(larger).low, exactly(n - smaller).high]
    row["region"] = abs(row["mean"]) * (0.5, 1.5, 4)[k % 3] + 0.3 * row["sd"]
    row["equivalence_p"] = ttost_paired(a, b, -row["region"], row["region"])[0]
    return row


def exact_power(n, effect, t):
    """P(|T| > t) of a noncentral T, as the mean over s = sqrt(chi^2/freedom); SciPy's has no value for some of these."""
    v, shift = mpf(n - 1), mpf(effect) * sqrt(mpf(n))
    density = lambda s: 2 * (v / 2) ** (v / 2) / gamma(v / 2) * s ** (v - 1) * exp(-v * s * s / 2)
    tail = lambda s: ncdf(shift - t * s) + ncdf(-shift - t * s)
    spread, width = 1 / sqrt(2 * v), 1 / mpf(t)
    last = 1 + 14 * spread
    knots = [1 + k * spread for k in range(-13, 14, 2)] + [shift / t + k * width for k in range(-9, 10, 3)] + [9 * width]
    knots = sorted({mpf(0), last, *(k for k in knots if 0 < k < last)})
    return quad(lambda s: density(s) * tail(s), knots)


def powers():
    for n in (2, 3, 5, 6, 8, 10, 12, 16, 20, 29, 200):
        for level in (0.05, 0.05 / 6, 0.001):
            t = stats.t.isf(level / 2, n - 1)
            for effect in (0.0, 0.2, 1.0, 3.0):
                power, theirs = float(exact_power(n, effect, t)), TTestPower().power(effect, n, level)
                # a second opinion, where it has one
                assert not np.isfinite(theirs) or abs(theirs - power) < 1e-9, (n, level, effect, theirs, power)
                yield {"n": n, "level": level, "effect": effect, "power": power}


def ranks():
    rng = np.random.default_rng(7)
    for n in (2, 3, 5, 9, 30):
        for v in (rng.normal(size=n), np.sort(rng.normal(size=n)), np.r_[rng.integers(0, 3, n - 1), 5]):
            x = np.arange(n)
            yield {"series": v.astype(float).tolist(), "spearman": stats.spearmanr(x, v).statistic, "kendall": stats.kendalltau(x, v).statistic}


def holms():
    rng = np.random.default_rng(3)
    for m in (1, 2, 6, 12, 25):
        p = np.round(rng.uniform(0, 1, m) ** 3, 3)
        yield {"p": p.tolist(), "adjusted": multipletests(p, method="holm")[1].tolist()}


def main():
    start, path = time.monotonic(), HERE / "paired.json"
    head = {
        "schema": "actaudit.golden.paired.v1",
        "made_by": f"golden/paired.py, SciPy {scipy.__version__}, statsmodels {statsmodels.__version__}",
    }
    parts = {
        "comparisons": [comparison(k, a, b) for k, (a, b) in enumerate(series())],
        "powers": list(powers()),
        "ranks": list(ranks()),
        "holm": list(holms()),
    }
    lists = [f'"{name}": [\n' + ",\n".join(map(json.dumps, rows)) + "\n]" for name, rows in parts.items()]
    content = json.dumps(head)[:-1] + ", " + ",\n".join(lists) + "}\n"
    same = path.exists() and path.read_text() == content
    check = sys.argv[1:] == ["--check"]
    if not check:
        path.write_text(content)
    print(f"paired.json: {sum(map(len, parts.values()))} rows, {time.monotonic() - start:.0f} s, {'unchanged' if same else 'changed'}")
    return int(check and not same)


if __name__ == "__main__":
    sys.exit(main())
