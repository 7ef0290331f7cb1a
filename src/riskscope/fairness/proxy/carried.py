"""How much of the disparity of a score, a decision or a profile does each feature carry?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from riskscope import display
from riskscope.checks import quoted, shown
from riskscope.errors import RoleError
from riskscope.fairness.disclosure import shown_groups
from riskscope.fairness.features import (
    Judged,
    Predicted,
    binned,
    drawn_rows,
    folds_of,
    judged_of,
    learned,
    matrix_of,
    one_thread,
    varying_in,
)
from riskscope.fairness.inputs import check_options, seed_shown
from riskscope.fairness.proxy.measures import chances_held_out, is_chance, standardised, widest_pair
from riskscope.results import Result, hidden, measured, new_axes, plain
from riskscope.words import N_, _

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]

#: All features together are cut into so many strata by the chance of belonging to a group that they give.
_TOGETHER = 20
_MOST_BARS = 15

SCORE, DECISION, CLASSES = (
    N_("numbers (difference of means)"),
    N_("two values (rates)"),
    N_("classes (total variation)"),
)

_ONE_GROUP = N_("fewer than two groups have enough people")
_NO_DISPARITY = N_("the disparity is no larger than chance makes it")
_NO_OVERLAP = N_("no stratum holds people of both groups")
_FIGURES = ("after_together", "by_chance_together", "carried_together", "reachable")


@dataclass(frozen=True, kw_only=True)
class Carried:
    """What one feature carries of the disparity.

    ``after``: the disparity left when both groups are weighted to the same distribution of the feature; ``by_chance``
    about what chance alone would leave; ``carried`` = 1 - after / before: below 0 where the groups would be further
    apart were they alike in the feature. ``n_empty`` of the ``n_strata`` hold people of one group only;
    ``share_alone`` of the people of the two groups are in those.
    """

    feature: str
    after: float
    by_chance: float
    carried: float
    n_strata: int
    n_empty: int
    share_alone: float


@dataclass(frozen=True, kw_only=True)
class DisparityCarried(Result):
    """How much of a disparity goes when groups are made alike in a feature, and what a blind model repeats of it."""

    question: ClassVar[str] = N_("Which features carry the disparity?")
    source: ClassVar[str] = (
        "Kitagawa (1955), doi:10.1080/01621459.1955.10501299; "
        "Rosenbaum and Rubin (1984), doi:10.1080/01621459.1984.10478078"
    )

    columns: tuple[str, ...] = hidden()
    too_small: str = measured(N_("people in groups too small to judge"), "text")
    modelled: str = measured(N_("records that the model saw"), "text")
    prediction: str = measured(N_("what y_pred is"), "word")
    highest: str | None = measured(N_("group compared"), "text")
    lowest: str | None = measured(N_("group that it is compared with"), "text")
    before: float = measured(N_("disparity between these two groups"))
    after_together: float = measured(N_("disparity left when all features are alike"))
    by_chance_together: float = measured(N_("of that, about what chance alone leaves"))
    carried_together: float = measured(N_("share of the disparity that all features carry together"), "share")
    reachable: float = measured(N_("share of the disparity that a model without the protected column repeats"), "share")
    seed: str = measured(N_("seed"), "text")
    #: People of the two groups compared, as shown.
    people: tuple[str, str] = hidden()
    #: One a feature, the one that carries most first.
    features: tuple[Carried, ...] = hidden()
    #: Names of the features whose rarer categories are joined.
    joined: tuple[str, ...] = hidden()

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers, with those of each feature."""
        features = [plain(asdict(each)) for each in self.features]
        return {**super().to_dict(), "columns": list(self.columns), "features": features, "joined": list(self.joined)}

    def _disparity(self, value: float) -> str:
        """Return a disparity in its unit: points for decisions and profiles, the score's own for scores."""
        return display.number(value) if self.prediction == SCORE else display.points(value)

    def sentences(self) -> list[str]:
        """Return the disparity, what carries most of it, and what leaving the protected column out would leave."""
        if self.highest is None:
            return [_("Fewer than two groups of {columns} have enough people.").format(columns=quoted(self.columns))]
        said = [
            _("Between {first} (n = {n_first}) and {second} (n = {n_second}) the disparity is {before}.").format(
                first=shown(self.highest),
                second=shown(str(self.lowest)),
                n_first=self.people[0],
                n_second=self.people[1],
                before=self._disparity(self.before),
            )
        ]
        if not self.features:
            return [*said, _("It is no larger than chance makes it, so there is nothing for a feature to carry.")]
        most = next((each for each in self.features if each.share_alone <= 0.5), None)
        if most is not None:
            said.append(
                _(
                    "Were both groups alike in {feature}, {after} would be left: it carries {carried} of the disparity."
                ).format(
                    feature=shown(most.feature),
                    after=self._disparity(most.after),
                    carried=display.share(min(1.0, max(0.0, most.carried))),
                )
            )
        said.append(
            _(
                "A model that never sees the protected column repeats {share} of it from the features: leaving the "
                "column out at decision time does not remove that part, and the column is needed to measure it."
            ).format(share=display.share(min(1.0, max(0.0, self.reachable))))
        )
        said.append(_("What a feature carries may have a legitimate reason; this does not tell, nor what causes what."))
        return said

    def tables(self) -> list[tuple[str, Sequence[str], Sequence[Sequence[str]]]]:
        """Return what each feature carries."""
        if not self.features:
            return []
        header = [
            _("feature"),
            _("disparity left"),
            _("by chance alone"),
            _("carried"),
            _("values of one group only"),
            _("people with those"),
        ]
        rows = [
            (
                each.feature,
                _("undefined") if np.isnan(each.after) else self._disparity(each.after),
                _("undefined") if np.isnan(each.by_chance) else self._disparity(each.by_chance),
                display.share(each.carried),
                _("{empty} of {n}").format(empty=each.n_empty, n=each.n_strata),
                display.share(each.share_alone),
            )
            for each in self.features
        ]
        return [(_("Were both groups alike in one feature: what would be left of the disparity"), header, rows)]

    @property
    def has_picture(self) -> bool:
        """Whether there is a feature to draw."""
        return bool(self.features)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the share of the disparity that each feature carries."""
        from riskscope.fairness.outcomes.audit import OTHER

        best = self.features[:_MOST_BARS]
        carried = np.nan_to_num([each.carried for each in best]).clip(-1, 1)
        axes = new_axes(ax, (7.0, 1.6 + 0.34 * len(best)))
        bars = axes.barh(range(len(best)), 100 * carried, color=OTHER)
        axes.bar_label(bars, labels=[display.share(each.carried) for each in best], fontsize=8, padding=2)
        labels = [display.visible(each.feature[:28]).replace("$", r"\$") for each in best]
        axes.set_yticks(range(len(best)), labels)
        axes.invert_yaxis()
        axes.set_xlim(min(0.0, 115 * float(carried.min())), 115)
        axes.set_xlabel(_("share of the disparity that the feature alone carries (%)"))
        axes.set_title(self.heading(), loc="left", wrap=True)
        axes.spines[["top", "right"]].set_visible(False)
        return axes


def disparity_carried(
    *,
    y_pred: Any,
    features: Any,
    sensitive_features: Any,
    n_splits: int = 5,
    max_records: int = 10_000,
    min_group: int = 10,
    min_cell: int = display.MIN_CELL,
    rng: int | np.random.Generator = 0,
) -> DisparityCarried:
    """How much of the disparity of a score, a decision or a profile each feature carries.

    It tells what would be left of the difference between the two groups furthest apart, were they alike in a feature,
    and how much of it a model repeats that never sees the protected column. It does not tell whether a feature has a
    good reason to be used, nor what causes what.

    Parameters
    ----------
    y_pred : array, series or list
        A score or a decision as numbers (or truth values), or a profile as text or categories.
    features : data frame
        What it could be made from, without the protected columns.
    sensitive_features : array, series, list or data frame
        The group of each record; a missing value is a group of its own.
    n_splits : int, default 5
        Parts of the cross-validation.
    max_records : int, default 10,000
        The models see so many records, drawn at random; what is counted is counted over all.
    min_group : int, default 10
        Groups of fewer people (or fewer than ``n_splits``) are left out.
    min_cell : int, default 10
        Decisions of two values: groups with fewer people on one side are not compared.
    rng : int or numpy.random.Generator, default 0
        Seed of parts and models.

    Returns
    -------
    DisparityCarried
        ``before``, ``carried_together``, ``reachable``; ``features``, one ``Carried`` each, the one that carries most
        first.

    Raises
    ------
    FrameError
        Lengths differ, or a prediction is missing.
    RoleError
        A protected column is among the features.

    Notes
    -----
    Disparity is the difference of means (rates, for decisions), or the total variation of classes. ``carried`` =
    1 - after / before, after weighting both groups to the mean of their distributions over the feature (Kitagawa 1955:
    the composition part). Strata with people of one group only cannot be compared and are left out of ``after``;
    ``share_alone`` says how many people that are. Noise keeps a total variation above 0: hold ``after`` against
    ``by_chance``. All features together are standardised by twenty strata of the chance of belonging to the group that
    they give on held-out records. ``reachable`` is the disparity of held-out predictions of ``y_pred`` from the
    features, over the disparity itself. It may be large where little is carried: features that tell the group well
    can stand in for it even if people alike in them are still treated differently by group.

    Examples
    --------
    >>> import pandas as pd
    >>> sex, shoe = ["F"] * 50 + ["M"] * 50, [36, 38, 38, 40, 40] * 10 + [38, 40, 40, 40, 42] * 10
    >>> found = disparity_carried(y_pred=shoe, features=pd.DataFrame({"shoe": shoe}), sensitive_features=sex)
    >>> found.highest, round(found.before, 2), round(found.features[0].carried, 2)
    ('M', 1.6, 1.0)
    """
    check_options(n_splits=n_splits, max_records=max_records, min_group=min_group, min_cell=min_cell)
    if y_pred is None:
        raise RoleError(_("y_pred is None; hand over the score, decision or profile whose disparity is asked about."))
    judged = judged_of(features, sensitive_features, y_pred, smallest=max(min_group, n_splits), min_cell=min_cell)
    assert judged.predicted is not None
    source = np.random.default_rng(rng)
    with one_thread():
        found = _found(judged, judged.predicted, n_splits, max_records, source)
    return DisparityCarried(
        n_records=judged.n_records,
        columns=judged.columns,
        too_small=judged.too_small,
        prediction=_kind(judged.predicted),
        seed=seed_shown(rng),
        joined=judged.joined,
        **found,
    )


def _kind(predicted: Predicted) -> str:
    if not predicted.is_number:
        return CLASSES
    return DECISION if len(predicted.numbers) and set(np.unique(predicted.numbers)) <= {0.0, 1.0} else SCORE


def _found(
    judged: Judged, predicted: Predicted, n_splits: int, max_records: int, rng: np.random.Generator
) -> dict[str, Any]:
    """Return the fields of the result that are worked out."""
    nothing = {"modelled": display.count(0), "features": (), **dict.fromkeys(_FIGURES, np.nan)}
    pair = _pair(judged, predicted) if len(judged.labels) > 1 else None
    if pair is None:
        undefined = dict.fromkeys(("before", *_FIGURES), _ONE_GROUP)
        ends = {"highest": None, "lowest": None, "people": ("", ""), "before": np.nan}
        return {**nothing, **ends, "undefined": undefined}
    first, second = pair
    ours = np.flatnonzero((judged.codes == first) | (judged.codes == second))
    is_first, own = judged.codes[ours] == first, predicted.taken(ours)
    left = [standardised(each.cells[ours], is_first, own) for each in judged.features]
    fields = {
        "highest": judged.labels[first],
        "lowest": judged.labels[second],
        "people": (judged.n_shown(first), judged.n_shown(second)),
        "before": left[0].before,
    }
    n_groups = len(judged.labels)
    if is_chance(is_first, own, n_groups * (n_groups - 1) // 2):
        return {**nothing, **fields, "undefined": dict.fromkeys(_FIGURES, _NO_DISPARITY)}
    listed = [
        Carried(
            feature=feature.name,
            after=each.after,
            by_chance=each.by_chance,
            carried=each.carried,
            n_strata=each.n_strata,
            n_empty=each.n_empty,
            share_alone=each.share_alone,
        )
        for feature, each in zip(judged.features, left, strict=True)
    ]
    fields["features"] = tuple(sorted(listed, key=lambda each: -np.nan_to_num(each.carried, nan=-np.inf)))
    rows = drawn_rows(judged.codes[ours], max_records, n_splits, rng)
    fields["modelled"] = display.count(max_records) if len(rows) < len(ours) else _("all of these two groups")
    return {**nothing, **fields, **_together(judged, own.taken(rows), ours[rows], first, n_splits, rng)}


def _together(
    judged: Judged, predicted: Predicted, rows: Whole, first: int, n_splits: int, rng: np.random.Generator
) -> dict[str, Any]:
    """Return what all features carry together, and what a model without the protected column repeats."""
    sides = judged.codes[rows] == first
    groups = np.where(sides, 0, 1)
    seed, folds = int(rng.integers(2**31)), folds_of(groups, n_splits, rng)
    matrix, kinds = matrix_of(judged.features, rows)
    likely = chances_held_out(matrix, kinds, groups, folds, seed)[0][:, 0]
    joint = standardised(binned(likely, _TOGETHER), sides, predicted)
    reached = _reached(matrix, kinds, predicted, folds, seed)
    gaps = reached[sides].mean(axis=0) - reached[~sides].mean(axis=0)
    gap = float(gaps[0]) if predicted.is_number else float(np.abs(gaps).sum() / 2)
    return {
        "after_together": joint.after,
        "by_chance_together": joint.by_chance,
        "carried_together": joint.carried,
        "reachable": gap / joint.before,
        "undefined": dict.fromkeys(_FIGURES[:3], _NO_OVERLAP) if np.isnan(joint.after) else {},
    }


def _pair(judged: Judged, predicted: Predicted) -> tuple[int, int] | None:
    """Return the two groups furthest apart; of decisions of two values, none that tells of few people."""
    n_groups = len(judged.labels)
    seen = np.arange(n_groups)
    values, sides = np.unique(predicted.numbers if predicted.is_number else predicted.codes, return_inverse=True)
    if len(values) == 2 and judged.min_cell > 1:
        parts = np.bincount(judged.codes * 2 + sides, minlength=2 * n_groups).reshape(n_groups, 2)
        seen = np.flatnonzero(shown_groups(parts, judged.min_cell))
    if len(seen) < 2:
        return None
    rows = np.flatnonzero(np.isin(judged.codes, seen))
    first, second = widest_pair(np.searchsorted(seen, judged.codes[rows]), len(seen), predicted.taken(rows))
    return int(seen[first]), int(seen[second])


def _reached(matrix: Numbers, kinds: Sequence[bool], predicted: Predicted, folds: Whole, seed: int) -> Numbers:
    """Return held-out predictions of the predictions: (n, 1), or (n, n_classes)."""
    found = np.zeros((len(folds), max(1, predicted.n_classes)))
    varying = varying_in(matrix)
    for fold in np.unique(folds):
        held = folds == fold
        told = learned(matrix[~held], kinds, predicted.taken(np.flatnonzero(~held)), varying, seed=seed)
        found[held] = told(matrix[held])
    return found
