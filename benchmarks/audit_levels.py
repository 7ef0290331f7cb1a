"""Hold the audits' intervals and verdicts against known truths: ``python -m benchmarks.audit_levels [--quick]``.

Ten unequal groups of 20 to 5,000 people, with outcomes, decisions and scores that are rare or common. How often do
intervals hold the truth, how often is a disparity found where there is none, and how often where there is one? Tables
go to the standard output, in per cent, ± the Monte Carlo error. Seeds, sizes and rates stand here, fixed before the
first run.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.timing import progress
from riskscope.fairness.bootstrap import bootstrap_counts, interval
from riskscope.fairness.profiles.audit import profile_audit_of
from riskscope.fairness.scores.audit import audit_scores
from riskscope.fairness.scores.group_means import largest_gap, means_of
from riskscope.fairness.scores.ranking import by_group, gap_of
from riskscope.fairness.scores.records import scored
from riskscope.fairness.testing import (
    DISPARITY,
    NO_LARGER,
    _simultaneous_quantile,
    gap_interval,
    one_against_rest,
    one_against_rest_weighted,
    over_families,
    pair_intervals,
    verdict,
)
from riskscope.intervals import clopper_pearson, newcombe, wilson

SEED = 20261124
SIZES = np.array([20, 30, 50, 80, 150, 300, 600, 1200, 2500, 5000])
MIN_GROUP = 10
MARGIN = 0.05
#: Selection rates and base rates whose intervals are looked at.
RATES = (0.03, 0.05, 0.3, 0.4)
#: The groups of 50, 300 and 2,500 people are planted to have rates so much higher, where there is a disparity.
PLANTED = (2, 5, 8)
PLANTED_BY = {0.03: 0.06, 0.05: 0.10, 0.3: 0.15, 0.4: 0.15}


class Setting(NamedTuple):
    """How outcomes and decisions come about: base rate, and selection rates of those with and without the outcome."""

    name: str
    base: float
    true_positive: float
    false_positive: float

    @property
    def selection(self) -> float:
        """Share selected."""
        return self.base * self.true_positive + (1 - self.base) * self.false_positive


#: Selection rates 0.05 and 0.4.
SETTINGS = (Setting("rare", 0.03, 0.5, 0.035 / 0.97), Setting("common", 0.3, 0.8, 0.16 / 0.7))

#: Scores are drawn from Beta(mean * so many, (1 - mean) * so many), outcomes with the score as their chance.
CONCENTRATION = 20
#: Mean scores, which are the shares with the outcome.
SCORES = {"rare": 0.05, "common": 0.3}
#: Shares of the segments of a profile, the same in every group.
SEGMENTS = {"rare": (0.6, 0.25, 0.1, 0.04, 0.01), "common": (0.4, 0.3, 0.15, 0.1, 0.05)}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.audit_levels", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a twentieth of the repetitions")
    asked = parser.parse_args()
    less = 20 if asked.quick else 1
    streams = (np.random.default_rng([SEED, at]) for at in count())
    print(table(exact_coverage()))
    print(table(list(coverage(1000 // less, streams))))
    print(table([false_alarms(setting, 2000 // less, next(streams)) for setting in SETTINGS]))
    print(table(list(weighted_alarms(1000 // less, streams))))
    print(table(list(power(400 // less, streams))))
    print(table(list(equivalence(1000 // less, streams))))
    print(table([score_alarms(name, 2000 // less, next(streams)) for name in SCORES]))
    print(table(list(score_coverage(1000 // less, streams))))
    print(table([profile_alarms(name, 2000 // less, next(streams)) for name in SEGMENTS]))


def exact_coverage() -> list[dict[str, Any]]:
    """Return, for each rate and size, how often intervals of a single rate hold it: added up, not drawn."""
    from scipy.stats import binom

    rows = []
    for rate in RATES:
        for n in SIZES[SIZES <= 150].tolist():
            hits, people = np.arange(n + 1), np.full(n + 1, n)
            chances = binom.pmf(hits, n, rate)
            row: dict[str, Any] = {"rate": rate, "people": n}
            for name, ends in (("Wilson", wilson), ("Clopper-Pearson", clopper_pearson)):
                low, high = ends(hits, people)
                row[name] = percent(chances[(low <= rate) & (rate <= high)].sum())
            rows.append(row)
    return rows


def coverage(n: int, streams: Iterator[np.random.Generator]) -> Iterator[dict[str, Any]]:
    """Give one row for each rate, without and with a planted disparity: how often intervals hold the truth."""
    for rate in RATES:
        for planted in (False, True):
            rates = np.full(len(SIZES), rate)
            if planted:
                rates[list(PLANTED)] += PLANTED_BY[rate]
            progress(f"coverage at {rate}, planted: {planted}")
            yield {"rate": rate, "planted": "yes" if planted else "no", **covered(rates, n, next(streams))}


def covered(rates: NDArray[np.float64], n: int, rng: np.random.Generator) -> dict[str, str]:
    """Return the shares of repetitions in which each kind of interval holds the truth."""
    hits = rng.binomial(SIZES, rates, size=(n, len(SIZES)))
    low, high = wilson(hits, np.broadcast_to(SIZES, hits.shape))
    groups = ((low <= rates) & (rates <= high)).mean(axis=0)
    pairs = np.triu_indices(len(SIZES), 1)
    true = rates[:, None] - rates
    true_gap = true.max()
    each_pair: list[NDArray[np.bool_]] = []
    at_once: list[bool] = []
    with_wilson: list[bool] = []
    z = _simultaneous_quantile(0.95, len(SIZES))
    gap: list[bool] = []
    basic: list[bool] = []
    percentile: list[bool] = []
    for row in hits:
        _d, low, high = pair_intervals(row, SIZES)
        each_pair.append(((low <= true) & (true <= high))[pairs])
        _d, low, high = pair_intervals(row, SIZES, simultaneous=True)
        at_once.append(((low <= true) & (true <= high))[pairs].all())
        low, high = newcombe(row[:, None], SIZES[:, None], row, SIZES, z=z)
        with_wilson.append(((low <= true) & (true <= high))[pairs].all())
        found = gap_interval(row, SIZES)
        gap.append(found.low <= true_gap <= found.high)
        drawn = bootstrap_counts(np.stack([row, SIZES - row], axis=1), n_boot=400, rng=rng, fixed=0)[:, :, 0] / SIZES
        gaps = np.ptp(drawn, axis=1)
        for kind, held in (("basic", basic), ("percentile", percentile)):
            low, high = interval(found.gap, gaps, kind=kind)
            held.append(max(low, 0) <= true_gap <= high)
    by_pair = np.mean(each_pair, axis=0)
    by_repetition = np.mean(each_pair, axis=1)
    return {
        "Wilson, mean of groups": f"{percent(groups.mean())} ({percent(groups.min())} to {percent(groups.max())})",
        "Newcombe, mean of pairs": f"{percent(by_pair.mean())} ± {percent(by_repetition.std() / np.sqrt(n))} "
        f"({percent(by_pair.min())} to {percent(by_pair.max())})",
        "all pairs at once": with_error(at_once),
        "were they Wilson's": with_error(with_wilson),
        "gap": with_error(gap),
        "gap, basic bootstrap": with_error(basic),
        "gap, percentile bootstrap": with_error(percentile),
    }


def false_alarms(setting: Setting, n: int, rng: np.random.Generator) -> dict[str, str]:
    """Return how often anything is found in audits of groups that do not differ, in any metric."""
    progress(f"false alarms, {setting.name}")
    alarms: list[bool] = []
    alone: dict[str, list[bool]] = {}
    for at in range(n):
        audited = audit(drawn_cells(setting, np.zeros(len(SIZES)), rng), rng=at)
        alarms.append(any(each.verdict == DISPARITY for each in audited))
        for each in audited:
            alone.setdefault(each.metric, []).append(each.p_any <= 0.05)
    return {
        "outcomes": setting.name,
        "a disparity found anywhere": with_error(alarms),
        **{f"{name} alone": percent(np.mean(held)) for name, held in alone.items()},
    }


class Audited(NamedTuple):
    """What is said of one metric, and the corrected p-values of the groups judged."""

    metric: str
    p_any: float
    verdict: str
    judged: NDArray[np.int64]
    p_values: NDArray[np.float64]


def drawn_cells(setting: Setting, more: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Return people by group, outcome and decision; ``more`` is added to both selection rates of a group."""
    with_outcome = rng.binomial(SIZES, setting.base)
    people = np.stack([SIZES - with_outcome, with_outcome], axis=1)
    rates = np.array([setting.false_positive, setting.true_positive])
    selected = rng.binomial(people, np.minimum(rates + more[:, None], 1))
    return np.stack([people - selected, selected], axis=2)


def audit(cells: NDArray[np.int64], *, rng: int) -> list[Audited]:
    """Return the verdicts of six metrics on people by group, outcome and decision."""
    (tn, fp), (fn, tp) = cells[:, 0].T, cells[:, 1].T
    metrics = {
        "selection rate": (tp + fp, tp + fp + tn + fn),
        "TPR": (tp, tp + fn),
        "FPR": (fp, fp + tn),
        "PPV": (tp, tp + fp),
        "NPV": (tn, tn + fn),
        "accuracy": (tp + tn, tp + fp + tn + fn),
    }
    judged = {name: np.flatnonzero(sizes >= MIN_GROUP) for name, (_hits, sizes) in metrics.items()}
    tests = {
        name: one_against_rest(hits[judged[name]], sizes[judged[name]], rng=rng)
        for name, (hits, sizes) in metrics.items()
    }
    corrected = over_families([each.p_adjusted for each in tests.values()])
    found = []
    for (name, (hits, sizes)), p_values in zip(metrics.items(), corrected, strict=True):
        gap = gap_interval(hits[judged[name]], sizes[judged[name]])
        said = verdict(float(np.nanmin(p_values, initial=1)), gap.low, gap.high, MARGIN)
        found.append(Audited(name, tests[name].p_any, said, judged[name], p_values))
    return found


def power(n: int, streams: Iterator[np.random.Generator]) -> Iterator[dict[str, Any]]:
    """Give one row for each group that is selected more often: how often it is noticed."""
    for setting in SETTINGS:
        for planted in (2, 4, 5, 7, 9):
            progress(f"power, {setting.name}, group of {SIZES[planted]}")
            rng, more = next(streams), np.zeros(len(SIZES))
            more[planted] = PLANTED_BY[round(setting.selection, 2)]
            noticed, others, denied = [], [], []
            for at in range(n):
                selection = audit(drawn_cells(setting, more, rng), rng=at)[0]
                noticed.append(selection.p_values[planted] <= 0.05)
                denied.append(selection.verdict == NO_LARGER)
                others.append((np.delete(selection.p_values, planted) <= 0.05).any())
            yield {
                "outcomes": setting.name,
                "people in the group": int(SIZES[planted]),
                "selection rate": f"{setting.selection + more[planted]:.2f} for {setting.selection:.2f}",
                "noticed": with_error(noticed),
                "another group noticed": with_error(others),
                "said to be no larger than the margin": with_error(denied),
            }


def weighted_alarms(n: int, streams: Iterator[np.random.Generator]) -> Iterator[dict[str, Any]]:
    """Give one row for each rate and spread of weights: how often one metric of groups alike seems to differ."""
    group = np.repeat(np.arange(len(SIZES)), SIZES)
    for rate in (0.03, 0.4):
        for spread in (0.5, 0.8, 1.0):
            progress(f"weighted, {rate}, {spread}")
            rng, alarms = next(streams), []
            for at in range(n):
                weight = np.exp(spread * rng.standard_normal(len(group)))
                is_hit = rng.random(len(group)) < rate
                sums = [np.bincount(group, each) for each in (weight * is_hit, weight, weight**2 * is_hit, weight**2)]
                alarms.append(one_against_rest_weighted(*sums, n_permutations=999, rng=at).p_any <= 0.05)
            yield {
                "rate": rate,
                "design effect of the weights": f"{np.exp(spread**2):.2f}",
                "a disparity found": with_error(alarms),
            }


def equivalence(n: int, streams: Iterator[np.random.Generator]) -> Iterator[dict[str, Any]]:
    """Give one row for each true gap among ten large groups: which of the three words is said."""
    for people in (5_000, 20_000):
        for rate in (0.05, 0.4):
            for gap in (0.0, 0.02, 0.051):
                rng = next(streams)
                sizes, rates = np.full(10, people), np.full(10, rate)
                rates[0] += gap
                said = []
                for at in range(n):
                    hits = rng.binomial(sizes, rates)
                    p = one_against_rest(hits, sizes, n_permutations=999, rng=at).p_any
                    held = gap_interval(hits, sizes)
                    claimed = verdict(1.0, held.low, held.high, MARGIN) == NO_LARGER
                    said.append((verdict(p, held.low, held.high, MARGIN), claimed))
                yield {
                    "people in each of ten groups": people,
                    "rate": rate,
                    "true gap (margin 0.05)": gap,
                    **{word: percent(np.mean([each == word for each, _ in said])) for word in (DISPARITY, NO_LARGER)},
                    "interval within the margin": with_error([each for _, each in said]),
                }


def drawn_scores(means: NDArray[np.float64], rng: np.random.Generator) -> dict[str, Any]:
    """Return scores that are calibrated in each group, with outcomes."""
    mean = np.repeat(means, SIZES)
    score = rng.beta(mean * CONCENTRATION, (1 - mean) * CONCENTRATION)
    return {
        "y_pred": score,
        "y_true": (rng.random(len(score)) < score).astype(np.int64),
        "sensitive_features": np.repeat(np.arange(len(SIZES)), SIZES),
    }


def score_alarms(outcomes: str, n: int, rng: np.random.Generator) -> dict[str, str]:
    """Return how often anything is found in audits of scores that do not differ: in height, ranking or calibration."""
    progress(f"false alarms of scores, {outcomes}")
    alarms: list[bool] = []
    alone: dict[str, list[bool]] = {"mean score": [], "AUC": [], "calibration": []}
    for at in range(n):
        audited = audit_scores(**drawn_scores(np.full(len(SIZES), SCORES[outcomes]), rng), n_permutations=199, rng=at)
        alarms.append(any(each.verdict == DISPARITY for each in audited.gaps))
        for each in audited.gaps:
            alone[each.measure].append(each.p_value <= 0.05)
    return {
        "outcomes": outcomes,
        "a disparity found anywhere": with_error(alarms),
        **{f"{measure} alone": percent(float(np.mean(held))) for measure, held in alone.items()},
    }


def score_coverage(n: int, streams: Iterator[np.random.Generator]) -> Iterator[dict[str, Any]]:
    """Give one row for each mean score, without and with a planted disparity: how often intervals hold the truth."""
    for outcomes, mean in SCORES.items():
        for planted in (False, True):
            progress(f"coverage of scores, {outcomes}, planted: {planted}")
            means = np.full(len(SIZES), mean)
            if planted:
                means[list(PLANTED)] += 0.1
            yield {
                "outcomes": outcomes,
                "planted": "yes" if planted else "no",
                **scores_covered(means, n, next(streams)),
            }


def scores_covered(means: NDArray[np.float64], n: int, rng: np.random.Generator) -> dict[str, str]:
    """Return the shares of repetitions in which intervals of means and AUC, and of gaps, hold the truth."""
    areas = np.array([true_auc(mean) for mean in means])
    held: dict[str, list[Any]] = {name: [] for name in ("means", "gap of means", "AUCs", "gap of AUC")}
    held["gap of calibration"] = []
    for _at in range(n):
        data = drawn_scores(means, rng)
        records = scored(data["y_pred"], data["sensitive_features"], data["y_true"], None, None)
        label = np.array(records.labels, np.int64)
        slices = [records.of(group) for group in range(len(SIZES))]
        everybody = np.ones(len(SIZES), bool)
        found, ranked = means_of(records.score, records.weight, slices), by_group(records)
        judged = np.minimum(records.people_with(0), records.people_with(1)) >= MIN_GROUP
        assert records.outcome is not None
        off = means_of(records.outcome - records.score, records.weight, slices)
        for name, (low, high), truth in (
            ("means", found.interval(0.95), means[label]),
            ("AUCs", ranked.interval(0.95), areas[label]),
        ):
            inside = (low <= truth) & (truth <= high)
            held[name].extend(inside if name == "means" else inside[judged])
        for name, gap, true_gap in (
            ("gap of means", largest_gap(found, everybody, level=0.95), float(np.ptp(means))),
            ("gap of AUC", gap_of(ranked, judged, level=0.95)[0], float(np.ptp(areas[label][judged]))),
            ("gap of calibration", largest_gap(off, judged, level=0.95), 0.0),
        ):
            held[name].append(gap.low <= true_gap <= gap.high)
    return {name: with_error(each) for name, each in held.items()}


def profile_alarms(segments: str, n: int, rng: np.random.Generator) -> dict[str, str]:
    """Return how often a disparity is found in profiles that do not differ, and how often the gap's interval holds."""
    progress(f"false alarms of profiles, {segments}")
    alarms, held = [], []
    names = [str(at) for at in range(len(SIZES))]
    for at in range(n):
        counts = rng.multinomial(SIZES, SEGMENTS[segments])
        audited = profile_audit_of(counts, names, names[: counts.shape[1]], n_permutations=499, rng=at)
        alarms.append(audited.verdict == DISPARITY)
        held.append(audited.gap_low <= 0)
    return {"segments": segments, "a disparity found": with_error(alarms), "gap's interval holds 0": with_error(held)}


def true_auc(mean: float) -> float:
    """Return the chance that someone with the outcome scores above someone without it, scores being calibrated."""
    from scipy.integrate import quad
    from scipy.stats import beta

    a, b = mean * CONCENTRATION, (1 - mean) * CONCENTRATION
    return float(quad(lambda x: beta.pdf(x, a + 1, b) * beta.cdf(x, a, b + 1), 0, 1)[0])


def percent(share: float) -> str:
    return f"{100 * share:.1f}"


def with_error(held: Sequence[bool]) -> str:
    """Return a share in per cent with its Monte Carlo error."""
    share = float(np.mean(held))
    return f"{percent(share)} ± {percent(np.sqrt(share * (1 - share) / len(held)))}"


def table(rows: list[dict[str, Any]]) -> str:
    """Return rows as a Markdown table."""
    lines = ["| " + " | ".join(rows[0]) + " |", "|" + "---|" * len(rows[0])]
    lines += ["| " + " | ".join(str(each) for each in row.values()) + " |" for row in rows]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
