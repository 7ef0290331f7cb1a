"""The page on how far the estimates of population uniqueness can be believed, from the runs of the calibration."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.known_populations import CHOOSING, FRESH, JUDGING
from riskscope.risk.population_estimates import ESTIMATORS

#: From this sampling fraction on the aim holds.
AIM_FROM, AIM = 0.05, 0.25
COMPARED = [*ESTIMATORS, "dankar", "default"]
LABELS = {**ESTIMATORS, "dankar": "rule of Dankar et al.", "default": "**riskscope's default**"}

INTRO = """# How far can an estimate of population uniqueness be believed?

Written by `python -m benchmarks.calibration`; do not edit by hand. {seeds} samples of each of 1, 5, 10 and 20 % are
drawn without replacement from populations known to the last person; every estimate of `rs.population_uniqueness` is
held against the number of people who are truly alone. A failed fit is shown as failed, never as 0.{absent}

## What was used to choose, and what to judge

The default was chosen on the tables marked *{choosing}* alone. It is judged on the others. Samples of the
labour-force file and of the register had been looked at before the rule stood, so the tables marked *{fresh}*, first
sampled when the rule was fixed, are the strictest judges. The register is made up, and kinder to a tree of pairs of
columns than people are.
"""

READING = """## What to take from it

- **From a sampling fraction of 5 % on, the default is mostly within a tenth or two of the truth**, because it uses the
  columns and not only the class sizes. The best of the published estimators from class sizes alone are off by a fifth
  to a third in the median, and by a factor of two or more on some tables.
{aim}
- **It is weakest where few people are alone**, in the tails of a few columns: then it can be off by a factor of two,
  as on "Bank, 3 columns". The truth is then small, and so is its share of the population.
- **Where three or more columns determine one another**, pairs of columns do not show it, and the default is too high:
  "Labour force, 11 columns". `rs.record_uniqueness` reports the misfit.
- **At a fraction of 1 % and below do not rest on one number.** The estimates part ways, and "not estimable" is the
  honest answer. The tree knows only values that the sample has: the more values it missed, the more it falls short.
- **The interval tells the luck of the draw only.** The model's own error comes on top, so it holds the truth less
  often than 95 %: see above. The range of all estimates holds it far more often, and is wide.
- **"Not estimable" is a precaution, not a verdict on the default**: where estimates that the sample supports differ by
  more than a factor of 3, nothing in the sample tells which is right, even if the default happens to be.
- **The chances of single records are right in the sum, and too sure for the surest**: of the people whose chance is
  above 80 %, fewer are alone than that on some tables (below).
- Every sample here is a simple random sample of people. Of a stratified sample, of a panel or of visits these figures
  say nothing.
"""


def page(about: pd.DataFrame, runs: pd.DataFrame, *, seeds: int, draws: int, absent: Sequence[str]) -> str:
    """Return the page as Markdown."""
    missing = f" Left out, since the files are not there: {', '.join(absent)}." if absent else ""
    parts = [INTRO.format(seeds=seeds, absent=missing, choosing=CHOOSING, fresh=FRESH)]
    rows = [
        [row.table, row.part, row.columns, f"{row.people:,}", f"{row.alone:,}", share(row.alone / row.people)]
        for row in about.itertuples()
    ]
    parts.append(markdown(["table", "part", "quasi-identifiers", "people", "alone", "share"], rows))
    parts.append("## Main figures: median relative error\n")
    parts.append(main_figures(runs))
    parts.append(f"## How often the truth lies inside (intervals from {draws} half-samples)\n")
    parts.append(coverage(runs))
    parts.append(READING.format(aim=aim_sentence(runs)))
    parts.append("## Every estimate, table and fraction: median estimate, and its error\n")
    parts.append(every(runs))
    parts.append("## Single records: people alone in the population among those in the sample\n")
    parts.append(
        "The expected number is the sum of the chances of `rs.record_uniqueness`; *likely* are the people whose chance "
        "is above 80 %. Sums over the samples of each fraction.\n"
    )
    parts.append(by_record(runs))
    return "\n".join(parts)


def errors(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the runs with the relative error of each estimate in place of the estimate; NaN where it failed."""
    return runs.assign(**{name: (runs[name] / runs["true"] - 1).abs() for name in COMPARED})


def grouped(runs: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Return (what, runs) for fractions of 5 % and more and for 1 %, by part."""
    large = runs["fraction"] >= AIM_FROM
    found = []
    for words, chosen in (("5 % and more", large), ("1 %", ~large)):
        for part in (CHOOSING, JUDGING, FRESH):
            inside = runs[chosen & (runs["part"] == part)]
            if len(inside):
                found.append((f"{words}, {part}", inside))
    return found


def main_figures(runs: pd.DataFrame) -> str:
    """Return the median relative error by estimate, with the failures and the share that is not estimable."""
    groups = grouped(errors(runs))
    rows = [[LABELS[name], *(with_failures(group[name]) for _words, group in groups)] for name in COMPARED]
    answered = [group.loc[group["is_estimable"], "default"] for _words, group in groups]
    rows.append(["default, where estimable", *(percent(each.median()) for each in answered)])
    rows.append(["nine of ten such errors are below", *(percent(each.quantile(0.9)) for each in answered)])
    rows.append(["share not estimable", *(percent(1 - group["is_estimable"].mean()) for _words, group in groups)])
    return markdown(["estimate", *(words for words, _group in groups)], rows)


def coverage(runs: pd.DataFrame) -> str:
    """Return how often the range of all estimates, and the intervals, hold the truth."""
    names = {
        "in_range": "range of all estimates",
        "in_interval": "interval of the default",
        "in_pitman_interval": "interval of Pitman",
    }
    groups = grouped(runs)
    rows = [[words, *(percent(group[name].mean()) for _words, group in groups)] for name, words in names.items()]
    return markdown(["range", *(words for words, _group in groups)], rows)


def aim_sentence(runs: pd.DataFrame) -> str:
    """Return whether the aim is met on the judging tables."""
    found = errors(runs)
    judged = found[(found["part"] != CHOOSING) & (found["fraction"] >= AIM_FROM)]
    everything, answered = judged["default"].median(), judged.loc[judged["is_estimable"], "default"].median()
    said = "met" if max(everything, answered) <= AIM else "missed"
    sentence = (
        f"- The aim was a median relative error of at most {percent(AIM)} on the judging tables from 5 % on. It is "
        f"{said}, with {percent(everything)} over all samples and {percent(answered)} where the answer was an "
        f"estimate; the rule of Dankar et al. has {percent(judged['dankar'].median())}."
    )
    return textwrap.fill(sentence, 118, subsequent_indent="  ")


def every(runs: pd.DataFrame) -> str:
    """Return the median of each estimate with its error, by table and fraction."""
    rows = []
    for (table, fraction), group in runs.groupby(["table", "fraction"], sort=False):
        true = int(group["true"].iloc[0])
        cells = [one_estimate(group[name], true) for name in COMPARED]
        refused = f"{int((~group['is_estimable'].astype(bool)).sum())} of {len(group)}"
        rows.append([str(table), share(fraction), f"{true:,}", *cells, refused])
    header = ["table", "fraction", "true", *(LABELS[name] for name in COMPARED), "not estimable"]
    return markdown(header, rows)


def by_record(runs: pd.DataFrame) -> str:
    """Return the expected and the true numbers of population uniques among the people of the samples."""
    columns = ["alone_in_sample", "expected_in_sample", "likely", "likely_and_alone"]
    sums = runs.groupby(["table", "fraction"], sort=False)[columns].sum()
    rows = [
        [
            str(table),
            share(fraction),
            f"{alone:,.0f}",
            f"{expected:,.0f}",
            f"{likely:,.0f}",
            percent(right / likely if likely else np.nan),
        ]
        for (table, fraction), alone, expected, likely, right in sums.itertuples(name=None)
    ]
    header = ["table", "fraction", "truly alone", "expected", "likely", "of the likely, truly alone"]
    return markdown(header, rows)


def one_estimate(values: pd.Series, true: int) -> str:
    """Return the median of the estimates of several samples with its error, and how many failed."""
    failed = int(values.isna().sum())
    if failed == len(values):
        return "failed"
    median = values.median()
    words = f"{median:,.0f} ({100 * (median / true - 1):+.0f} %)"
    return f"{words}, {failed} failed" if failed else words


def with_failures(values: pd.Series) -> str:
    """Return the median error, with the share of failed fits where there are any."""
    failed = values.isna().mean()
    return percent(values.median()) + (f" ({percent(failed)} failed)" if failed else "")


def percent(value: float) -> str:
    """Return a share as a whole percentage."""
    return "–" if np.isnan(value) else f"{100 * value:.0f} %"


def share(value: float) -> str:
    """Return a share as a percentage to one digit."""
    return f"{100 * value:.1f} %"


def markdown(header: Sequence[Any], rows: Sequence[Sequence[Any]]) -> str:
    """Return a table in Markdown."""
    lines = ["| " + " | ".join(map(str, cells)) + " |" for cells in (header, ["---"] * len(header), *rows)]
    return "\n".join(lines) + "\n"
