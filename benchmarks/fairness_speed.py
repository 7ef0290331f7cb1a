"""Time the audit of decisions, and its bootstrap, beside fairlearn and AIF360; print a page in Markdown.

Run ``python -m benchmarks.fairness_speed --rows 1e5,1e6 --rounds 3``.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.report import Goal
from benchmarks.timing import Timing, in_rounds, progress, same, timed
from riskscope.fairness.bootstrap import bootstrap_counts
from riskscope.fairness.counts import counts_of
from riskscope.fairness.decisions.audit import audit_decisions
from riskscope.fairness.metrics import METRICS, divided, summed

FIVE = ("selection_rate", "true_positive_rate", "false_positive_rate", "precision", "accuracy")
#: How many values the two protected columns have.
SHAPES = ((2, 5), (4, 25))
#: From so many rows, fairlearn gets one round, and only the fewer groups.
MANY_ROWS = 1_000_000
#: Rows at which fairlearn's bootstrap is measured; the line through both is followed to more.
BOOTSTRAP_ROWS = (1_000, 10_000)
N_BOOT = 100
#: Medians of so few resamples differ by chance, by less the more people; times the root of the rows.
BOOTSTRAP_TOLERANCE = 2.0
AUDIT_GOAL, BOOTSTRAP_GOAL = 300, 10_000
OURS, THEIRS, AIF360 = "riskscope, whole audit with intervals", "fairlearn MetricFrame, no intervals", "AIF360"


def people(n: int, shape: tuple[int, int], seed: int = 0) -> pd.DataFrame:
    """Return made-up decisions on people in two protected columns, whose groups are of unequal size."""
    rng = np.random.default_rng(seed)
    columns = {}
    for name, size in zip(("sex", "region"), shape, strict=True):
        values = np.array([f"{name} {at:02d}" for at in range(size)], dtype=object)
        shares = np.arange(2, 2 + size) / np.arange(2, 2 + size).sum()
        columns[name] = values[rng.choice(size, n, p=shares)]
    frame = pd.DataFrame(columns)
    y_true = rng.random(n) < 0.4
    chance = 0.2 + 0.4 * y_true + 0.1 * (frame["sex"] == "sex 00").to_numpy()
    return frame.assign(y_true=y_true.astype(int), y_pred=(rng.random(n) < chance).astype(int))


def metric_functions() -> dict[str, Callable[..., Any]]:
    """Return the five metrics as fairlearn takes them."""
    from fairlearn import metrics as fairlearn_metrics
    from sklearn.metrics import accuracy_score, precision_score

    found = {name: getattr(fairlearn_metrics, name) for name in FIVE[:3]}
    return {**found, "precision": partial(precision_score, zero_division=0), "accuracy": accuracy_score}


def with_riskscope(frame: pd.DataFrame) -> tuple[float, ...]:
    audit = audit_decisions(y_true=frame["y_true"], y_pred=frame["y_pred"], sensitive_features=frame[["sex", "region"]])
    assert audit.sentences()
    return tuple(audit.by_group[list(FIVE)].to_numpy().ravel().tolist())


def with_fairlearn(frame: pd.DataFrame) -> tuple[float, ...]:
    by_group = _metric_frame(frame).by_group.sort_index()
    return tuple(by_group[list(FIVE)].to_numpy(dtype=float).ravel().tolist())


def with_aif360(frame: pd.DataFrame) -> tuple[float, ...]:
    """Return the metrics of each group against all others, which is how AIF360 comes to a group."""
    from aif360.datasets import BinaryLabelDataset
    from aif360.metrics import ClassificationMetric

    code = frame.groupby(["sex", "region"]).ngroup()
    numbers = pd.DataFrame({"group": code.astype(float), "y": frame["y_true"].astype(float)})
    truth = BinaryLabelDataset(df=numbers, label_names=["y"], protected_attribute_names=["group"])
    decided = truth.copy()
    decided.labels = frame[["y_pred"]].to_numpy(float)
    names = ("selection_rate", "true_positive_rate", "false_positive_rate", "positive_predictive_value", "accuracy")
    found = []
    for at in range(int(code.max()) + 1):
        others = [{"group": float(each)} for each in range(int(code.max()) + 1) if each != at]
        metric = ClassificationMetric(truth, decided, [{"group": float(at)}], others)
        found += [float(getattr(metric, name)(privileged=False)) for name in names]
    return tuple(found)


def _metric_frame(frame: pd.DataFrame, n_boot: int | None = None) -> Any:
    from fairlearn.metrics import MetricFrame

    options = {} if n_boot is None else {"n_boot": n_boot, "ci_quantiles": [0.5], "random_state": 0}
    return MetricFrame(
        metrics=metric_functions(),
        y_true=frame["y_true"],
        y_pred=frame["y_pred"],
        sensitive_features=frame[["sex", "region"]],
        **options,
    )


def gaps(cells: Any) -> Any:
    """Return the gap of each of the five metrics, (…, 5), of cells (…, n_groups, 3, 2)."""
    metrics = [METRICS[name] for name in FIVE]
    rates = np.stack([divided(summed(cells, each.hits), summed(cells, each.among)) for each in metrics], axis=-1)
    return np.nanmax(rates, axis=-2) - np.nanmin(rates, axis=-2)


def bootstrap_riskscope(frame: pd.DataFrame) -> tuple[Any, Any]:
    """Return the gaps, and their medians over resamples, from the frame on."""
    counts = counts_of(
        y_true=frame["y_true"], y_pred=frame["y_pred"], sensitive_features=frame[["sex", "region"]]
    ).counts.sum(axis=1)
    return gaps(counts), np.median(gaps(bootstrap_counts(counts, n_boot=N_BOOT)), axis=0)


def bootstrap_fairlearn(frame: pd.DataFrame) -> tuple[Any, Any]:
    found = _metric_frame(frame, N_BOOT)
    theirs, medians = found.difference(), found.difference_ci()[0]
    return theirs[list(FIVE)].to_numpy(dtype=float), medians[list(FIVE)].to_numpy(dtype=float)


def audits(n: int, shape: tuple[int, int], rounds: int) -> tuple[dict[str, Timing], list[str]]:
    """Return the timings of one size, and what was left out."""
    frame = people(n, shape)
    progress(f"{n:,} rows, {shape[0]} x {shape[1]} groups")
    calls = {OURS: partial(with_riskscope, frame)}
    left_out = []
    if find_spec("aif360") is not None:
        calls[AIF360] = partial(with_aif360, frame)
    if n < MANY_ROWS:
        return in_rounds({**calls, THEIRS: partial(with_fairlearn, frame)}, rounds), left_out
    timings = in_rounds(calls, rounds)
    if shape != SHAPES[0]:
        return timings, [
            f"fairlearn is not run on {n:,} rows in {shape[0]} × {shape[1]} groups: it would take minutes."
        ]
    wall, cpu, answer = timed(partial(with_fairlearn, frame))
    if not same(with_riskscope(frame), answer):
        raise AssertionError("fairlearn and riskscope differ")
    ours = timings[OURS]
    timings[THEIRS] = Timing([wall] * len(ours.wall), [cpu] * len(ours.cpu))
    return timings, [f"fairlearn ran once, without a warm-up, on {n:,} rows."]


def bootstraps(sizes: Sequence[int], rounds: int) -> tuple[list[str], list[Goal]]:
    """Return the table of bootstraps, and the goals: fairlearn measured on few rows and followed on a line."""
    seconds = {}
    for n in BOOTSTRAP_ROWS:
        progress(f"fairlearn's bootstrap, {n:,} rows")
        frame = people(n, SHAPES[0])
        wall, cpu, (values, medians) = timed(partial(bootstrap_fairlearn, frame))
        ours, our_medians = bootstrap_riskscope(frame)
        if (
            not same(ours.tolist(), values.tolist())
            or np.abs(our_medians - medians).max() > BOOTSTRAP_TOLERANCE / n**0.5
        ):
            raise AssertionError("the gaps of fairlearn and riskscope, or their resamples, differ")
        seconds[n] = np.array([wall, cpu])
    few, many = BOOTSTRAP_ROWS
    lines = [
        "| rows | fairlearn wall, s | fairlearn CPU, s | riskscope wall, s | riskscope CPU, s | wall ratio "
        "| CPU ratio |",
        "|---:|---:|---:|---:|---:|---:|---:|",
    ]
    goals = []
    for n in (*BOOTSTRAP_ROWS, *(each for each in sizes if each > many)):
        frame = people(n, SHAPES[0])
        runs = [timed(partial(bootstrap_riskscope, frame))[:2] for _ in range(max(5, rounds) + 1)][1:]
        ours = np.median(runs, axis=0)
        is_measured = n in seconds
        theirs = (
            seconds[n] if is_measured else seconds[many] + (seconds[many] - seconds[few]) * (n - many) / (many - few)
        )
        wall, cpu = (theirs / ours).tolist()
        mark = "" if is_measured else " *by its own growth*"
        lines.append(
            f"| {n:,} | {theirs[0]:,.2f}{mark} | {theirs[1]:,.2f}{mark} | {ours[0]:.4f} | {ours[1]:.4f} | "
            f"{wall:,.0f} | {cpu:,.0f} |"
        )
        if n >= MANY_ROWS:
            goals.append(Goal(f"{N_BOOT} resamples, {n:,} rows: fairlearn's bootstrap", BOOTSTRAP_GOAL, wall, cpu))
    return lines, goals


def page(sizes: Sequence[int], rounds: int) -> str:
    """Return the page."""
    libraries = ("fairlearn", "numpy", "pandas", "scikit-learn")
    versions = ", ".join(f"{name} {version(name)}" for name in libraries)
    lines = [
        "# Audit of decisions: riskscope beside its peers",
        "",
        f"Five metrics ({', '.join(FIVE)}) of two protected columns. {versions}. Seconds are medians of {rounds} "
        "rounds after a warm-up; every group's metrics were equal before times counted. riskscope: `audit_decisions`, "
        "from the frame to the sentences, with intervals, tests and gaps; fairlearn: `MetricFrame.by_group`, without "
        "intervals.",
    ]
    if find_spec("aif360") is None:
        lines += ["", "AIF360 is not installed here, and not measured."]
    lines += [
        "",
        "| rows | groups | contender | wall, s | CPU, s | wall ratio | CPU ratio |",
        "|---:|---|---|---:|---:|---:|---:|",
    ]
    goals, left_out = [], []
    for n in sizes:
        for shape in SHAPES:
            timings, notes = audits(n, shape, rounds)
            left_out += notes
            lines += _rows(n, shape, timings)
            if n >= MANY_ROWS and THEIRS in timings:
                wall, cpu = (timings[OURS].ratio(timings[THEIRS], clock)[0] for clock in ("wall", "cpu"))
                goals.append(Goal(f"whole audit, {n:,} rows, 10 groups: {THEIRS}", AUDIT_GOAL, wall, cpu))
    lines += [text for note in left_out for text in ("", note)]
    lines += ["", f"## Bootstrap: {N_BOOT} resamples of the gaps of the five metrics, 2 × 5 groups", ""]
    table, more = bootstraps(sizes, rounds)
    goals += more
    lines += [*table, "", "## Goals", ""]
    if not goals:
        return "\n".join([*lines, f"The goals are for {MANY_ROWS:,} rows, which this run leaves out."])
    lines += ["| against | goal, times | found, wall | found, CPU | met |", "|---|---:|---:|---:|---|"]
    lines += [
        f"| {each.text} | {each.needed:,} | {each.wall:,.0f} | {each.cpu:,.0f} | {'yes' if each.met else 'no'} |"
        for each in goals
    ]
    return "\n".join(lines)


def _rows(n: int, shape: tuple[int, int], timings: dict[str, Timing]) -> list[str]:
    found = []
    for name, timing in timings.items():
        ratios = " | ".join(f"{timings[OURS].ratio(timing, clock)[0]:,.1f}" for clock in ("wall", "cpu"))
        seconds = " | ".join(f"{timing.median(clock):.4f}" for clock in ("wall", "cpu"))
        found.append(f"| {n:,} | {shape[0]} × {shape[1]} | {name} | {seconds} | {ratios} |")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", default="1e5,1e6", help="numbers of rows, joined by commas")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    print(page([int(float(each)) for each in given.rows.split(",")], given.rounds))


if __name__ == "__main__":
    main()
