"""Every rate of a decision against the cut-off of its score, by group, at all cut-offs from one sort."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from riskscope import display
from riskscope.checks import check_choice, check_whole, quoted, shown
from riskscope.errors import CellLimitError, RiskscopeError
from riskscope.fairness.scores.distances import quantiles_of_all
from riskscope.fairness.scores.records import Booleans, Numbers, Scored, Whole, scored
from riskscope.fairness.scores.setting import shown_steps
from riskscope.results import Result, hidden, measured
from riskscope.words import N_, _

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.axes import Axes

#: What each rate divides: parts of the people with and without the outcome, selected and not.
METRICS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "selection_rate": (("tp", "fp"), ("tp", "fp", "fn", "tn")),
    "tpr": (("tp",), ("tp", "fn")),
    "fpr": (("fp",), ("fp", "tn")),
    "tnr": (("tn",), ("fp", "tn")),
    "fnr": (("fn",), ("tp", "fn")),
    "ppv": (("tp",), ("tp", "fp")),
    "npv": (("tn",), ("tn", "fn")),
    "accuracy": (("tp", "tn"), ("tp", "fp", "fn", "tn")),
}
#: Metrics in words.
NAMES = {
    "selection_rate": N_("share selected"),
    "tpr": N_("share selected of those with the outcome"),
    "fpr": N_("share selected of those without the outcome"),
    "tnr": N_("share not selected of those without the outcome"),
    "fnr": N_("share not selected of those with the outcome"),
    "ppv": N_("share with the outcome of those selected"),
    "npv": N_("share without the outcome of those not selected"),
    "accuracy": N_("share decided as the outcome has it"),
}
#: Groups times cut-offs that are counted at most.
MOST_CELLS = 2**26
#: Shares of everybody selected at which tables and pictures look, and those that tables name.
STEPS = tuple(at / 100 for at in range(1, 100))
TABLED = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75)


@dataclass(frozen=True, kw_only=True)
class Sweep(Result):
    """The rates of each group for every cut-off of the score.

    ``cuts`` (n_cuts,) are the distinct scores, rising, and infinity: whoever scores at least the cut-off is selected.
    """

    question: ClassVar[str] = N_("How do the groups fare at each cut-off of the score?")
    source: ClassVar[str] = "Fawcett (2006), doi:10.1016/j.patrec.2005.10.010; Hardt, Price and Srebro (2016)"

    columns: tuple[str, ...] = hidden()
    labels: tuple[str, ...] = hidden()
    min_group: int = measured(N_("people that a group needs to be compared"), "count")
    min_cell: int = measured(N_("people that a figure shown needs"), "count")
    n_cuts: int = measured(N_("cut-offs"), "count")
    metric: str = measured(N_("rate that differs most, at the steps shown"), "text")
    gap: float = measured(N_("largest gap of this rate between groups"), "points")
    share_at_gap: float = measured(N_("share of everybody selected where it is largest"), "share")
    cuts: Numbers = hidden()
    #: People selected at each cut-off, (n_groups, n_cuts, 2): without and with the outcome; all without if not known.
    people: Whole = hidden()
    #: The same by weight; the very same array where there are no weights.
    weights: Any = hidden()
    has_outcome: bool = hidden()

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of the rates that can be told."""
        return tuple(METRICS) if self.has_outcome else ("selection_rate",)

    @property
    def share(self) -> Numbers:
        """Share of everybody selected at each cut-off (n_cuts,)."""
        selected = self.weights.sum(axis=(0, 2))
        with np.errstate(invalid="ignore"):
            found: Numbers = selected / selected[0]
        return found

    def rates(self, metric: str) -> Numbers:
        """Return a rate of each group at each cut-off (n_groups, n_cuts); NaN where nobody is divided by.

        Exact, small groups included; do not publish.
        """
        return self._rates(metric)

    def _rates(self, metric: str, at: Any = slice(None)) -> Numbers:
        part, whole = self._counts(self.weights, metric, at)
        with np.errstate(invalid="ignore", divide="ignore"):
            found: Numbers = np.where(whole > 0, part / whole, np.nan)
        return found

    def gaps(self, metric: str) -> Numbers:
        """Return the highest less the lowest rate at each cut-off (n_cuts,), over groups with people enough.

        A group counts where at least ``min_group`` people are divided by; NaN where fewer than two groups do.
        """
        rates = self._rates(metric)
        counted = (self._counts(self.people, metric)[1] >= self.min_group) & ~np.isnan(rates)
        highest = np.where(counted, rates, -np.inf).max(axis=0, initial=-np.inf)
        lowest = np.where(counted, rates, np.inf).min(axis=0, initial=np.inf)
        return np.where(counted.sum(axis=0) > 1, highest - lowest, np.nan)

    def _counts(self, counts: Any, metric: str, at: Any = slice(None)) -> tuple[Any, Any]:
        """Return what a rate divides, and by what, at some cut-offs (n_groups, n_cuts)."""
        check_choice(metric, "metric", self.metrics)
        everybody, selected = counts[:, :1], counts[:, at]
        cells = {
            "tp": selected[..., 1],
            "fp": selected[..., 0],
            "fn": everybody[..., 1] - selected[..., 1],
            "tn": everybody[..., 0] - selected[..., 0],
        }
        part, whole = (sum(cells[name] for name in names) for names in METRICS[metric])
        return part, whole

    @property
    def by_group(self) -> pd.DataFrame:
        """Every rate of every group at every cut-off: exact, small groups included; do not publish."""
        import pandas as pd

        n_groups, n_cuts = self.people.shape[:2]
        frame = pd.DataFrame(
            {
                "group": np.repeat(np.array(self.labels, object), n_cuts),
                "cut": np.tile(self.cuts, n_groups),
                "share": np.tile(self.share, n_groups),
                "selected": self.people.sum(axis=2).reshape(-1),
            }
        )
        return frame.assign(**{metric: self.rates(metric).reshape(-1) for metric in self.metrics})

    def steps(self) -> tuple[Whole, Booleans]:
        """Return the cut-offs (n_steps,) that are shown, from few people selected to many, and for which groups.

        Between two steps that are shown of a group, at least ``min_cell`` of its people lie, with and without the
        outcome each where it is known. Steps are counted in shares of everybody, not in scores, which are records.
        """
        if not self.n_records:
            return np.zeros(0, np.int64), np.zeros((len(self.labels), 0), bool)
        at = np.unique(np.searchsorted(-self.share, -np.array(STEPS)))[::-1]
        counts = self.people if self.has_outcome else self.people[..., :1]
        return at, shown_steps(counts[:, at], counts[:, 0], self.min_cell)

    def sentences(self) -> list[str]:
        """Return where groups differ most, and what a cut-off does to people."""
        said = []
        if np.isnan(self.gap):
            said.append(
                _("No two groups of {columns} have {n} people or more at any step, so no gap is told.").format(
                    columns=quoted(self.columns), n=display.count(self.min_group)
                )
            )
        else:
            said.append(
                _(
                    "Groups of {columns} differ most in {metric}, where {share} of everybody are selected: by {gap}. "
                    "Another cut-off would treat them more alike; the score is the same."
                ).format(
                    columns=quoted(self.columns),
                    metric=shown(_(NAMES[self.metric])),
                    share=display.share(self.share_at_gap),
                    gap=display.points(self.gap),
                )
            )
        said.append(_("Gaps at a chosen cut-off carry no interval here: the largest of many is large by chance, too."))
        return said

    def tables(self) -> list[tuple[str, Sequence[str], Sequence[Sequence[str]]]]:
        """Return the share of each group selected where some shares of everybody are."""
        at, is_shown = self.steps()
        if not at.size or not is_shown.any():
            return []
        share = self.share[at]
        picked = sorted({int(np.abs(share - wanted).argmin()) for wanted in TABLED})
        found: list[tuple[str, Sequence[str], Sequence[Sequence[str]]]] = []
        for metric in self.metrics[:3]:
            rates = self._rates(metric, at)
            rows = [
                (
                    label,
                    *(
                        display.share(round(rates[group, step], 3)) if is_shown[group, step] else _("not shown")
                        for step in picked
                    ),
                )
                for group, label in enumerate(self.labels)
                if is_shown[group, picked].any()
            ]
            header = [", ".join(self.columns), *(display.share(share[step]) for step in picked)]
            caption = _("{metric}, where so many of everybody are selected").format(metric=_(NAMES[metric]))
            found.append((caption, header, rows))
        return found

    @property
    def has_picture(self) -> bool:
        """Whether there is a step to draw."""
        return bool((self.steps()[1].sum(axis=1) > 1).any())

    def plot(self, ax: Axes | None = None, *, metric: str | None = None) -> Axes:
        """Draw a rate of each group against the share of everybody selected (default: the one that differs most)."""
        from riskscope.fairness.scores.pictures import draw_sweep

        at, is_shown = self.steps()
        if not self.has_picture:
            raise RiskscopeError(_("No group has people enough at any step, so there is nothing to draw."))
        name = metric or (self.metric if self.metric in METRICS else self.metrics[0])
        rates = self._rates(name, at)
        return draw_sweep(self, at, is_shown, rates, _(NAMES[name]), ax)


def sweep(
    *,
    y_pred: Any,
    sensitive_features: Any,
    y_true: Any = None,
    sample_weight: Any = None,
    pos_label: Any = None,
    min_group: int = display.MIN_CELL,
    min_cell: int = display.MIN_CELL,
) -> Sweep:
    """Every rate of every group at every cut-off of a score.

    It tells how many of each group would be selected, rightly or wrongly, wherever the cut-off is put; not where it
    should be put.

    Parameters
    ----------
    y_pred : array, series or list of numbers
        The score of each record.
    sensitive_features : array, series, list or data frame
        The group of each record; several columns give their intersections.
    y_true : array, series or list, optional
        The outcome, one of two values. Without it there is a selection rate alone. Who has none is left out.
    sample_weight : array, series or list of numbers, optional
        Weight of each record, 0 or more.
    pos_label : value, optional
        The positive outcome; not needed for 0 and 1, or False and True.
    min_group : int, default 10
        A group counts in the gap of a rate where so many people are divided by.
    min_cell : int, default 10
        People that a step of a group needs to be shown.

    Returns
    -------
    Sweep
        ``cuts``, ``share``, ``rates(metric)``, ``gaps(metric)``, ``by_group`` (a frame): exact, for the user alone.
        Tables and pictures show steps with enough people.

    Raises
    ------
    FrameError
        y_pred is no score, or y_true is no binary outcome.
    CellLimitError
        Groups times distinct scores are too many.

    Examples
    --------
    >>> found = sweep(y_pred=[0.2, 0.4, 0.6, 0.8], sensitive_features=list("AABB"), y_true=[0, 1, 0, 1], min_group=1)
    >>> found.cuts.tolist(), found.rates("tpr").tolist()
    ([0.2, 0.4, 0.6, 0.8, inf], [[1.0, 1.0, 0.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0, 0.0]])
    >>> found.gaps("tpr").tolist()
    [0.0, 0.0, 1.0, 1.0, 0.0]
    """
    check_whole(min_group, "min_group", low=1)
    check_whole(min_cell, "min_cell", low=1)
    records = scored(y_pred, sensitive_features, y_true, sample_weight, pos_label)
    if y_true is not None:
        records = records.only(records.is_known)
    if y_true is not None and not records.is_binary:
        raise RiskscopeError(
            _("y_true holds more than two distinct numbers; a cut-off of a predicted number has no hits and misses.")
        )
    return swept(records, np.arange(len(records.values)), min_group=min_group, min_cell=min_cell)


def at_steps(records: Scored, *, min_group: int, min_cell: int) -> Sweep:
    """Return the sweep at a hundred cut-offs, those that select so many per cent of everybody, about."""
    levels = (
        np.unique(np.concatenate([[0], quantiles_of_all(records, STEPS)])) if len(records.values) else np.zeros(0, int)
    )
    return swept(records, levels, min_group=min_group, min_cell=min_cell)


def swept(records: Scored, levels: Whole, *, min_group: int, min_cell: int) -> Sweep:
    """Return the sweep over cut-offs at some levels, the lowest first."""
    n_groups, n_cuts = len(records.labels), len(levels) + 1
    if n_groups * n_cuts > MOST_CELLS:
        raise CellLimitError(
            _("{groups} groups times {cuts} cut-offs are too many; round the scores, or join groups.").format(
                groups=n_groups, cuts=n_cuts
            )
        )
    people = np.zeros((n_groups, n_cuts, 2), np.int64)
    weights = np.zeros((n_groups, n_cuts, 2)) if records.is_weighted else people
    has = records.is_binary and records.outcome is not None
    for group in range(n_groups):
        part = records.of(group)
        at = np.append(np.searchsorted(records.level[part], levels), records.people[group])
        ones = records.outcome[part] == 1 if has else np.zeros(records.people[group], bool)  # type: ignore[index]
        for outcome, inside in enumerate((~ones, ones)):
            people[group, :, outcome] = _from_top(inside.astype(np.int64))[at]
            if records.is_weighted:
                weights[group, :, outcome] = _from_top(np.where(inside, records.weight[part], 0.0))[at]
    found = Sweep(
        n_records=len(records.score),
        columns=records.columns,
        labels=records.labels,
        min_group=min_group,
        min_cell=min_cell,
        n_cuts=n_cuts,
        metric="",
        gap=np.nan,
        share_at_gap=np.nan,
        cuts=np.append(np.take(records.values, levels), np.inf),
        people=people,
        weights=weights,
        has_outcome=has,
    )
    return _with_largest_gap(found)


def _from_top(values: Any) -> Any:
    """Return the sum of each value and all after it, and 0 at the end."""
    return np.append(np.cumsum(values[::-1])[::-1], 0)


def _with_largest_gap(found: Sweep) -> Sweep:
    """Return the sweep with the largest gap over the steps that are shown for two groups at least."""
    at, is_shown = found.steps()
    best: tuple[float, str, float] = (-1.0, _("none"), np.nan)
    for metric in found.metrics[:3]:
        large = found._counts(found.people, metric, at)[1] >= found.min_group
        rates = np.where(is_shown & large, found._rates(metric, at), np.nan)
        told = (~np.isnan(rates)).sum(axis=0) > 1
        if told.any():
            gaps = np.nanmax(rates[:, told], axis=0) - np.nanmin(rates[:, told], axis=0)
            most = int(gaps.argmax())
            best = max(best, (float(gaps[most]), metric, float(found.share[at][told][most])))
    gap, metric, share = best
    if gap < 0:
        reason = N_("no two groups have enough people at one step")
        return replace(found, metric=metric, undefined={"gap": reason, "share_at_gap": reason})
    return replace(found, metric=metric, gap=round(gap, 3), share_at_gap=share)
