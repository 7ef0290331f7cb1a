"""Does an inferred profile, a segment or a predicted interest, fall differently on different groups?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskscope import display
from riskscope.errors import FrameError
from riskscope.fairness.association import Within, jensen_shannon, total_variation, variation_to_pooled
from riskscope.fairness.disparities import place_of
from riskscope.fairness.inputs import check_options, seed_shown
from riskscope.fairness.profiles import records
from riskscope.fairness.profiles import tables as profile_tables
from riskscope.fairness.profiles import words as profile_words
from riskscope.fairness.profiles.counts import ProfileCounts, profile_counts_of
from riskscope.fairness.profiles.evidence import (
    Judged,
    RecallTest,
    SegmentTest,
    recalls_of,
    segments_tested,
    within_truths,
)
from riskscope.fairness.profiles.view import View, effective, shares_with_intervals, significant, view_of
from riskscope.fairness.testing import CANNOT_TELL, pair_intervals
from riskscope.intervals import wilson
from riskscope.results import Result, hidden, measured, plain
from riskscope.words import N_, _

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Numbers = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class ProfileAudit(Result):
    """How differently groups are spread over segments, which segments drive it, and whether it is more than chance.

    What is printed, drawn or turned into a dictionary holds back every cell that fewer than ``min_cell`` people would
    be seen in. ``counts``, ``tested``, ``by_cell``, ``by_segment``, ``by_truth`` and ``distances`` are exact, small
    groups included; do not publish them.
    """

    question: ClassVar[str] = N_("Does the profile fall differently on different groups?")
    source: ClassVar[str] = (
        "Cramér (1946); Bergsma (2013), doi:10.1016/j.jkss.2012.10.002; Haberman (1973), doi:10.2307/2529686; "
        "Westfall and Young (1993); Newcombe (1998); Wilson (1927)"
    )

    n_groups: int = measured(N_("groups"), "count")
    n_judged: int = measured(N_("groups with people enough to be judged"), "count")
    too_small: str = measured(N_("people in groups too small to be judged or shown"), "text")
    n_segments: int = measured(N_("segments"), "count")
    n_segments_judged: int = measured(N_("segments with people enough to be judged"), "count")
    segment: str | None = measured(N_("segment with the largest gap between groups"), "text")
    highest: str | None = measured(N_("group with the highest share in this segment"), "text")
    lowest: str | None = measured(N_("group with the lowest share in this segment"), "text")
    gap: float = measured(N_("gap in this segment (highest less lowest share)"), "points")
    gap_low: float = measured(
        N_("gap, lower end of the interval that holds for all segments and pairs of groups"), "points"
    )
    gap_high: float = measured(
        N_("gap, upper end of the interval that holds for all segments and pairs of groups"), "points"
    )
    total_variation: float = measured(N_("total variation of the two groups furthest apart, of those shown"), "share")
    cramers_v: float = measured(N_("Cramér's V (0 to 1)"))
    cramers_v_corrected: float = measured(N_("Cramér's V, corrected for bias"))
    mutual_information: float = measured(N_("mutual information of group and segment (nats)"))
    chi2: float = measured(N_("chi-square"))
    g: float = measured(N_("G (likelihood ratio)"))
    df: int = measured(N_("degrees of freedom"), "count")
    p_value: float = measured(N_("chance of such differences where there are none (p, corrected)"), "chance")
    p_chi2: float = measured(N_("the same by chi-square alone"), "chance")
    p_g: float = measured(N_("the same by G alone"), "chance")
    method: str = measured(N_("where p comes from"), "word")
    p_within_truth: float | None = measured(
        N_("chance of such differences among people of one true class (p)"), "chance"
    )
    margin: float = measured(N_("largest difference of no account (margin)"), "points")
    level: float = measured(N_("level of the intervals"), "share")
    verdict: str = measured(N_("verdict on all segments"), "word")
    n_permutations: int = measured(N_("tables drawn at random"), "count")
    seed: str = measured(N_("seed"), "text")

    #: Exact counts, small groups and segments included; do not publish.
    counts: ProfileCounts = hidden()
    #: The groups and segments judged, with the figures of each segment; exact.
    tested: Judged = hidden()
    #: Recall of each true class; exact.
    recalls: tuple[RecallTest, ...] = hidden(default=())
    #: Association within true classes; exact.
    within: Within | None = hidden(default=None)
    reference: str | None = hidden(default=None)
    min_group: int = hidden(default=10)
    min_cell: int = hidden(default=display.MIN_CELL)

    @cached_property
    def view(self) -> View:
        """What may be shown: groups and segments of people enough, and which of their cells."""
        return view_of(self.counts, self.tested, min_group=self.min_group, min_cell=self.min_cell)

    @cached_property
    def by_cell(self) -> pd.DataFrame:
        """Exact figures of each group in each segment, small ones included; do not publish.

        ``share_of_group``: of the group's people, the share in the segment. ``share_of_segment``: of the segment's
        people, the share that is of the group. Both with Wilson's interval. ``expected`` people, ``residual`` and ``p``
        (corrected) of what is judged, else NaN; ``to_reference``, the share less that of the reference group.
        """
        import pandas as pd

        counts = self.counts
        people, (weights, squares) = counts.table, counts.sums
        columns: dict[str, NDArray[Any]] = {"people": people}
        for name, axis in (("share_of_group", 1), ("share_of_segment", 0)):
            shares, low, high = shares_with_intervals(weights, squares, axis=axis, level=self.level)
            columns |= {name: shares, f"{name}_low": low, f"{name}_high": high}
        judged = {"expected": self.tested.expected, "residual": self.tested.residuals, "p": self.tested.p_cells}
        columns |= {name: self.tested.spread(each, people.shape) for name, each in judged.items()}
        if self.reference is not None:
            at = counts.groups.index(self.reference)
            columns["to_reference"] = columns["share_of_group"] - columns["share_of_group"][at]
            found = [self._to_reference(at, segment) for segment in range(people.shape[1])]
            for name, which in (("to_reference_low", 0), ("to_reference_high", 1)):
                columns[name] = np.array([each[which] for each in found]).T.reshape(people.shape)
        if counts.weights is not None:
            columns["weight"] = weights
        index = pd.MultiIndex.from_product([counts.groups, counts.segments], names=["group", "segment"])
        return pd.DataFrame({name: each.ravel() for name, each in columns.items()}, index=index)

    def _to_reference(self, reference: int, segment: int) -> tuple[Numbers, Numbers]:
        """Return Newcombe's interval of each group's share in a segment less that of the reference group."""
        hits, sizes = effective(*self.counts.sums, axis=1)
        _difference, low, high = pair_intervals(hits[:, segment], sizes[:, segment], level=self.level)
        return low[:, reference], high[:, reference]

    @cached_property
    def by_segment(self) -> pd.DataFrame:
        """Exact figures of each segment judged; do not publish.

        The largest gap between groups with the interval that holds for all segments and pairs, ``ratio`` of lowest to
        highest share, ``share_of_chi2``: how much of the whole difference lies in this segment, ``p`` (corrected).
        """
        import pandas as pd

        found = [each._asdict() for each in self.tested.segments]
        names = self.counts.groups
        for each in found:
            each |= {name: None if each[name] < 0 else names[each[name]] for name in ("highest", "lowest")}
        index = pd.Index([self.counts.segments[at] for at in self.tested.segment_places], name="segment")
        return pd.DataFrame(found, index=index, columns=list(SegmentTest._fields))

    @cached_property
    def by_truth(self) -> pd.DataFrame:
        """Exact recall of each true class in each group: of those truly in a class, the share put there."""
        import pandas as pd

        names = ("truth", "group", "people", "recall", "low", "high", "judged")
        rows = []
        for test in self.recalls:
            recall = test.recall
            low, high = wilson(recall.hits, recall.sizes, level=self.level)
            for at, group in enumerate(self.counts.groups):
                figures = (int(recall.people[at]), recall.rates[at], low[at], high[at], bool(test.judged[at]))
                rows.append((test.truth, group, *figures))
        return pd.DataFrame(rows, columns=list(names))

    @cached_property
    def distances(self) -> pd.DataFrame:
        """Exact distances of each two groups judged, and of each to everybody judged ("everybody")."""
        import pandas as pd

        weights = self.tested.weights
        names = [self.counts.groups[at] for at in self.tested.group_places]
        variation, divergence, pooled = total_variation(weights), jensen_shannon(weights), variation_to_pooled(weights)
        rows = [(names[a], names[b], variation[a, b], divergence[a, b]) for a in range(len(names)) for b in range(a)]
        rows = [(second, first, *rest) for first, second, *rest in rows]
        rows += [(name, _("everybody"), float(far), np.nan) for name, far in zip(names, pooled, strict=True)]
        return pd.DataFrame(rows, columns=["first", "second", "total_variation", "jensen_shannon"])

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers, with those of segments, cells, pairs and true classes that may be shown."""
        parts = {
            "columns": list(self.counts.columns),
            "reference": self.reference if self.reference in self.view.groups else None,
            "segments": records.segment_records(self),
            "cells": records.cell_records(self),
            "pairs": records.pair_records(self),
            "recall": records.recall_records(self),
        }
        return {**super().to_dict(), **{name: plain(each) for name, each in parts.items()}}

    def sentences(self) -> list[str]:
        """Return what the figures mean for a person, how sure they are, what drives them, what they do not show."""
        return profile_words.sentences(self)

    def tables(self) -> list[tuple[str, Sequence[str], Sequence[Sequence[str]]]]:
        """Return segments, shares both ways, the cells that drive the difference, distances, recall."""
        return profile_tables.tables(self)

    @property
    def has_picture(self) -> bool:
        """Whether there is a cell that may be drawn."""
        return bool(self.view.shown.any())

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw share of each group in each segment, coloured by how far it lies from what is expected."""
        return profile_tables.draw(self, ax)


def audit_profiles(
    *,
    y_pred: Any,
    sensitive_features: Any,
    y_true: Any = None,
    sample_weight: Any = None,
    reference: str | None = None,
    margin: float = 0.05,
    min_group: int = 10,
    min_cell: int = display.MIN_CELL,
    level: float = 0.95,
    n_permutations: int = 1999,
    rng: int | np.random.Generator = 0,
) -> ProfileAudit:
    """Whether segments, predicted interests or other classes without an order fall differently on different groups.

    For a person it tells whether people of their group are called something more, or less, often than others are. It
    does not tell whether the profile is right about them, nor what harm or good comes of being called so.

    Parameters
    ----------
    y_pred : array, series or list
        The class of each record: text, or a few whole numbers. A missing value is the class "unknown".
    sensitive_features : array, series, list or data frame
        The group of each record. Several columns: each combination that occurs is a group. A missing value is the
        group "unknown".
    y_true : array, series or list, optional
        The true class, written as in ``y_pred``. Records without one count for the segments only.
    sample_weight : array, series or list of numbers, optional
        How many people each record stands for.
    reference : label of a group, optional
        The group whose shares the others' are compared with, in ``by_cell``.
    margin : float, default 0.05
        Differences of shares up to this are of no account; "no disparity larger than the margin" is said only where
        the whole interval of the gap lies within, in every segment.
    min_group : int, default 10
        Groups, and segments, of fewer people are kept out of gaps, p-values and verdicts.
    min_cell : int, default 10
        No figure is shown that tells of fewer people.
    level : float, default 0.95
        Of the intervals.
    n_permutations : int, default 1999
        How many tables with the same totals are drawn at random.
    rng : int or numpy.random.Generator, default 0
        Seed of that.

    Returns
    -------
    ProfileAudit
        ``gap`` in the ``segment`` where groups are furthest apart, ``total_variation``, ``cramers_v``, ``p_value``,
        ``verdict``; ``by_cell``, ``by_segment``, ``by_truth``, ``distances``: exact figures, not to be published.

    Raises
    ------
    FrameError
        ``y_pred`` is a decision (0 and 1, or true and false) or a score, or lengths differ; weights are negative.
    RoleError
        The reference is no group.
    CellLimitError
        More than four million combinations of group, segment and true class.

    Notes
    -----
    Tested is the table of the groups judged by the segments judged, with all smaller segments together as one more.
    Two things are asked, and corrected for being two (Holm): chi-square, which sees what is spread over many cells, by
    its distribution where 5 people or more are expected in every cell, else by tables with the same totals (exact for
    2 x 2, drawn for others); and the largest residual of any cell, by tables drawn (``association.independence``).
    ``p_value`` is the smaller of the two, a segment's p the smallest of its cells', so that one false alarm anywhere is
    as rare as in one test. The distribution of G raises false alarms too often where counts are small (10 % at a level
    of 5 %, 20 groups of 25 people in 5 segments), so its p is given and not relied upon. Intervals of gaps hold for
    all pairs of groups at once (``testing.gap_interval``), and for all segments (level divided, after Bonferroni).

    With weights: intervals by effective numbers of people, p of each cell by linearisation corrected by Holm, and the
    smallest of them for the table; V from weighted shares and Kish's effective number. chi-square and G are undefined.

    Examples
    --------
    >>> sex = ["F"] * 100 + ["M"] * 100
    >>> interest = ["fashion"] * 60 + ["cars"] * 40 + ["fashion"] * 30 + ["cars"] * 50 + ["golf"] * 20
    >>> audit = audit_profiles(y_pred=interest, sensitive_features=sex)
    >>> audit.segment, audit.highest, round(audit.gap, 2), round(audit.cramers_v, 3), audit.verdict
    ('fashion', 'F', 0.3, 0.39, 'disparity found')
    """
    counts = profile_counts_of(
        y_pred=y_pred, sensitive_features=sensitive_features, y_true=y_true, sample_weight=sample_weight
    )
    return audit_profile_counts(
        counts,
        reference=reference,
        margin=margin,
        min_group=min_group,
        min_cell=min_cell,
        level=level,
        n_permutations=n_permutations,
        rng=rng,
    )


def profile_audit_of(
    counts: ArrayLike,
    groups: Sequence[str],
    segments: Sequence[str],
    *,
    columns: Sequence[str] = ("group",),
    **options: Any,
) -> ProfileAudit:
    """Return the audit of a table already counted.

    Parameters
    ----------
    counts : whole numbers (n_groups, n_segments), or (n_truths, n_groups, n_segments) with ``truths``
        People.
    groups, segments : labels
    columns : names of the protected columns, optional
    **options
        ``truths``, the labels of the true classes; the others are those of ``audit_profiles``.

    Examples
    --------
    >>> audit = profile_audit_of([[10, 20, 10], [10, 5, 5]], ["A", "B"], ["x", "y", "z"])
    >>> round(audit.tested.strength.chi2, 6), round(audit.tested.p_chi2, 6), audit.verdict
    (4.5, 0.105399, 'cannot tell')
    """
    truths = tuple(options.pop("truths", ()))
    cells = np.asarray(counts, np.int64)
    cells = cells if cells.ndim == 3 else cells[None]
    if cells.shape != (max(1, len(truths)), len(groups), len(segments)) or cells.min(initial=0) < 0:
        raise FrameError(
            _("counts is a table of {shape}; it must hold people by true class, group and segment: {wanted}.").format(
                shape=" x ".join(map(str, cells.shape)),
                wanted=f"{max(1, len(truths))} x {len(groups)} x {len(segments)}",
            )
        )
    whole = ProfileCounts(tuple(groups), tuple(segments), tuple(columns), cells, truths)
    return audit_profile_counts(whole, **options)


def audit_profile_counts(
    counts: ProfileCounts,
    *,
    reference: str | None = None,
    margin: float = 0.05,
    min_group: int = 10,
    min_cell: int = display.MIN_CELL,
    level: float = 0.95,
    n_permutations: int = 1999,
    rng: int | np.random.Generator = 0,
) -> ProfileAudit:
    """Return the audit of profiles already counted; the arguments are those of ``audit_profiles``."""
    check_options(margin=margin, level=level, min_group=min_group, min_cell=min_cell, n_permutations=n_permutations)
    if reference is not None:
        place_of(counts.groups, reference, "reference")
    draws = np.random.default_rng(rng)
    options: dict[str, Any] = {"level": level, "margin": margin, "n_permutations": n_permutations, "rng": draws}
    tested = segments_tested(counts, min_group=min_group, **options)
    view = view_of(counts, tested, min_group=min_group, min_cell=min_cell)
    recalls = recalls_of(counts, min_group=min_group, **options) if counts.truths else ()
    within = within_truths(counts, tested, n_permutations=n_permutations, rng=draws) if counts.truths else None
    audit = ProfileAudit(
        n_records=int(counts.cells.sum()),
        n_groups=len(counts.groups),
        n_judged=len(tested.group_places),
        too_small=view.too_small,
        n_segments=len(counts.segments),
        n_segments_judged=len(tested.segment_places),
        **records.headline(view, tested),
        **_strength(view, tested),
        method=tested.method,
        p_within_truth=None if within is None else significant(within.p_chi2, exact=view.is_whole),
        margin=margin,
        level=level,
        verdict=tested.verdict if len(tested.group_places) > 1 else CANNOT_TELL,
        n_permutations=tested.n_permutations,
        seed=seed_shown(rng),
        counts=counts,
        tested=tested,
        recalls=recalls,
        within=within,
        reference=reference,
        min_group=min_group,
        min_cell=min_cell,
    )
    return replace(audit, undefined=_undefined(audit))


def _strength(view: View, tested: Judged) -> dict[str, Any]:
    """Return the figures of the whole table, less exact where they would tell of cells held back."""
    strength = tested.strength
    apart = max((far for _one, _other, far in view.pairs()), default=np.nan)
    raw = {
        "cramers_v": strength.cramers_v,
        "cramers_v_corrected": strength.cramers_v_corrected,
        "mutual_information": strength.mutual_information,
        "chi2": strength.chi2,
        "g": strength.g,
        "p_value": tested.p_value,
        "p_chi2": tested.p_chi2,
        "p_g": tested.p_g,
    }
    told = {name: significant(each, exact=view.is_whole) for name, each in raw.items()}
    return {**told, "total_variation": apart, "df": strength.df}


def _undefined(audit: ProfileAudit) -> dict[str, str]:
    """Return the reason of each number that is NaN."""
    if not audit.n_records:
        reason = N_("there are no records")
    elif audit.n_judged < 2:
        reason = N_("fewer than two groups have enough people")
    elif len(audit.tested.cells[0]) < 2:
        reason = N_("everybody is in one segment, or all segments are small")
    else:
        reason = N_("fewer than two groups may be shown in one segment")
    found = {
        name: reason
        for name, _label, value, _kind in audit.shown_fields()
        if isinstance(value, float) and np.isnan(value)
    }
    if audit.counts.weights is not None:
        found |= {
            name: N_("records have weights")
            for name in ("chi2", "g", "p_chi2", "p_g", "p_within_truth")
            if name in found
        }
    elif "p_within_truth" in found:
        found["p_within_truth"] = N_("no true class has two groups and two segments")
    if "total_variation" in found and audit.n_judged > 1:
        found["total_variation"] = N_("fewer than two groups have all their cells shown")
    return found
