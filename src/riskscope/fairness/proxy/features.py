"""Which features, alone and together, tell the protected group?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from riskscope import display
from riskscope.checks import check_whole, quoted
from riskscope.fairness.association import association
from riskscope.fairness.features import Judged, drawn_rows, folds_of, judged_of, matrix_of, one_thread
from riskscope.fairness.proxy.measures import alone, balanced_error, chances_held_out, macro_auc
from riskscope.results import Result, hidden, measured, new_axes, plain
from riskscope.words import N_, _

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: A feature that tells the group alone so well is the group under another name.
OUTRIGHT = 0.99
#: How far the model does better than chance is tried on so many records at most.
_MOST_SHUFFLED = 4_000
_MOST_BARS = 15

_ONE_GROUP = N_("fewer than two groups have enough people")
_FIGURES = ("auc", "auc_tried", "auc_shuffled", "auc_shuffled_high", "p_value", "ber", "ber_blind")


@dataclass(frozen=True, kw_only=True)
class Proxy:
    """One feature: how well it alone tells the group, and what the model of all features loses without it."""

    feature: str
    cramers_v: float
    cramers_v_corrected: float
    mutual_information: float
    auc: float
    ber: float
    auc_drop: float


@dataclass(frozen=True, kw_only=True)
class Proxies(Result):
    """How well features give away the protected group."""

    question: ClassVar[str] = N_("Which features stand in for the protected column?")
    source: ClassVar[str] = (
        "Feldman et al. (2015), doi:10.1145/2783258.2783311; Bergsma (2013), doi:10.1016/j.jkss.2012.10.002; "
        "Ojala and Garriga (2010), JMLR 11; Breiman (2001), doi:10.1023/A:1010933404324"
    )

    columns: tuple[str, ...] = hidden()
    n_judged: int = measured(N_("groups judged"), "count")
    too_small: str = measured(N_("people in groups too small to judge"), "text")
    modelled: str = measured(N_("records that the model saw"), "text")
    n_splits: int = measured(N_("parts of the cross-validation"), "count")
    auc: float = measured(N_("AUC of telling the group from all features"))
    ber: float = measured(N_("balanced error rate of telling the group"), "share")
    ber_blind: float = measured(N_("balanced error rate of guessing"), "share")
    auc_tried: float = measured(N_("AUC on the records where groups are shuffled, too"))
    auc_shuffled: float = measured(N_("AUC when groups are shuffled, mean"))
    auc_shuffled_high: float = measured(N_("AUC when groups are shuffled, highest"))
    p_value: float = measured(N_("chance of such an AUC when groups are shuffled (p)"), "chance")
    n_permutations: int = measured(N_("times shuffled"), "count")
    seed: str = measured(N_("seed"), "text")
    #: One a feature, the strongest first.
    features: tuple[Proxy, ...] = hidden()
    #: Names of the features whose rarer categories are joined.
    joined: tuple[str, ...] = hidden()

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers, with those of each feature."""
        features = [plain(asdict(each)) for each in self.features]
        return {**super().to_dict(), "columns": list(self.columns), "features": features, "joined": list(self.joined)}

    def sentences(self) -> list[str]:
        """Return how well features tell the group, which do, and what that does not say."""
        if np.isnan(self.auc):
            return [_("Fewer than two groups of {columns} have enough people.").format(columns=quoted(self.columns))]
        said = [
            _(
                "Whoever sees all features of two people of different groups of {columns} tells which is which in {n} "
                "of 100 cases (50 is guessing)."
            ).format(columns=quoted(self.columns), n=display.number(round(100 * self.auc, 1)))
        ]
        if self.auc_tried <= self.auc_shuffled_high and self.p_value > 0.05:
            said.append(_("That is no more than chance gives (p {p}).").format(p=display.chance(self.p_value)))
        outright = [each.feature for each in self.features if each.auc >= OUTRIGHT]
        best = [each.feature for each in self.features if each.auc < OUTRIGHT][:3]
        if outright:
            said.append(
                _("{columns} tells the group outright: leaving the protected column out changes nothing.").format(
                    columns=quoted(outright)
                )
            )
        if best:
            said.append(_("Alone, the features that tell most are {best}.").format(best=quoted(best)))
        said.append(
            _("A feature that tells the group is not wrong to use for that alone; it may have a reason of its own.")
        )
        return said

    def tables(self) -> list[tuple[str, Sequence[str], Sequence[Sequence[str]]]]:
        """Return the features, by what they tell of the group."""
        if not self.features or np.isnan(self.auc):
            return []
        header = [
            _("feature"),
            _("AUC alone"),
            _("balanced error alone"),
            _("Cramér's V, corrected"),
            _("mutual information"),
            _("AUC lost without it"),
        ]
        rows = [
            (
                each.feature,
                f"{each.auc:.3f}",
                display.share(each.ber),
                display.number(round(each.cramers_v_corrected, 3)),
                display.number(round(each.mutual_information, 4)),
                f"{each.auc_drop:.3f}",
            )
            for each in self.features
        ]
        return [(_("How each feature tells the group, the strongest first"), header, rows)]

    @property
    def has_picture(self) -> bool:
        """Whether there is a feature to draw."""
        return bool(self.features) and not np.isnan(self.auc)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw how well each feature alone tells the group."""
        from riskscope.fairness.outcomes.audit import MEAN

        best = self.features[:_MOST_BARS]
        axes = new_axes(ax, (7.0, 1.6 + 0.34 * len(best)))
        bars = axes.barh(range(len(best)), [each.auc - 0.5 for each in best], left=0.5, color=MEAN)
        axes.bar_label(bars, labels=[f"{each.auc:.2f}" for each in best], fontsize=8, padding=2)
        labels = [display.visible(each.feature[:28]).replace("$", r"\$") for each in best]
        axes.set_yticks(range(len(best)), labels)
        axes.invert_yaxis()
        axes.set_xlim(min(0.48, *(each.auc - 0.02 for each in best)), 1.06)
        axes.set_xlabel(_("AUC of telling the group from this feature alone (0.5: guessing, 1: certainty)"))
        axes.set_title(self.heading(), loc="left", wrap=True)
        axes.spines[["top", "right"]].set_visible(False)
        return axes


def proxies(
    *,
    features: Any,
    sensitive_features: Any,
    n_splits: int = 5,
    max_records: int = 20_000,
    n_permutations: int = 19,
    min_group: int = 10,
    min_cell: int = display.MIN_CELL,
    rng: int | np.random.Generator = 0,
) -> Proxies:
    """Which features, alone and together, reconstruct the protected group.

    It tells how well somebody who sees only the features could tell a person's group. It does not tell whether a
    feature has a good reason of its own to be used, nor whether a score uses it (``disparity_carried``).

    Parameters
    ----------
    features : data frame
        What the decision could be made from, without the protected columns.
    sensitive_features : array, series, list or data frame
        The group of each record; a missing value is a group of its own.
    n_splits : int, default 5
        Parts of the cross-validation.
    max_records : int, default 20,000
        The models see so many records, drawn at random; what is counted is counted over all.
    n_permutations : int, default 19
        How often groups are shuffled and all is fitted again; the smallest p is 1 / (n_permutations + 1).
    min_group : int, default 10
        Groups of fewer people (or fewer than ``n_splits``) are left out.
    min_cell : int, default 10
        Where fewer people in all are in groups left out, their number is not shown.
    rng : int or numpy.random.Generator, default 0
        Seed of parts, shuffles and models.

    Returns
    -------
    Proxies
        ``auc``, ``p_value``, ``ber`` of all features together; ``features``, one ``Proxy`` each, the one that tells
        most first.

    Raises
    ------
    FrameError
        Lengths differ.
    RoleError
        A protected column is among the features.

    Notes
    -----
    For counting, numbers of more than ten values are cut at their deciles, and of more than 200 categories the rarest
    are joined. Alone, a feature tells the group by the shares of the groups in its cell among the other parts of the
    cross-validation; together, by few boosted trees, both with every group counting alike. AUC: each group against
    the others, averaged (so is BER = mean share of a group not told; 1/2, or 1 - 1 / groups, is guessing).

    What the model loses without a feature: its AUC less that when the feature is shuffled among the held-out records
    (Breiman 2001). To see what chance gives, groups are shuffled and all is fitted again, on 4,000 records at most;
    ``auc_tried`` is the AUC on these.

    Examples
    --------
    >>> import pandas as pd
    >>> sex, shoe = ["F"] * 50 + ["M"] * 50, [36, 38] * 25 + [42, 44] * 25
    >>> found = proxies(features=pd.DataFrame({"shoe": shoe}), sensitive_features=sex, n_permutations=1)
    >>> found.features[0].cramers_v, found.auc
    (1.0, 1.0)
    """
    check_whole(n_splits, "n_splits", low=2)
    check_whole(max_records, "max_records", low=100)
    check_whole(n_permutations, "n_permutations", low=1)
    check_whole(min_group, "min_group", low=1)
    check_whole(min_cell, "min_cell", low=1)
    judged = judged_of(features, sensitive_features, smallest=max(min_group, n_splits), min_cell=min_cell)
    source = np.random.default_rng(rng)
    with one_thread():
        found = _found(judged, n_splits, max_records, n_permutations, source)
    return Proxies(
        n_records=judged.n_records,
        columns=judged.columns,
        n_judged=len(judged.labels),
        too_small=judged.too_small,
        n_splits=n_splits,
        seed=_("that of the generator given") if isinstance(rng, np.random.Generator) else str(rng),
        joined=judged.joined,
        **found,
    )


def _found(
    judged: Judged, n_splits: int, max_records: int, n_permutations: int, rng: np.random.Generator
) -> dict[str, Any]:
    """Return the fields of the result that are worked out."""
    if len(judged.labels) < 2:
        undefined = dict.fromkeys(_FIGURES, _ONE_GROUP)
        nothing = {"modelled": display.count(0), "n_permutations": 0, "features": (), "undefined": undefined}
        return {**dict.fromkeys(_FIGURES, np.nan), **nothing}
    seed = int(rng.integers(2**31))
    rows = drawn_rows(judged.codes, max_records, n_splits, rng)
    groups = judged.codes[rows]
    folds = folds_of(groups, n_splits, rng)
    matrix, kinds = matrix_of(judged.features, rows)
    together, *without = chances_held_out(matrix, kinds, groups, folds, seed, range(matrix.shape[1]))
    auc = macro_auc(together, groups, folds)
    tried = drawn_rows(groups, _MOST_SHUFFLED, n_splits, rng)
    (auc_tried, *shuffled) = _shuffled(matrix[tried], kinds, groups[tried], n_splits, n_permutations, seed, rng)
    own_folds = folds_of(judged.codes, n_splits, rng)
    listed = []
    for feature, chances in zip(judged.features, without, strict=True):
        scores = alone(feature.cells, feature.n_cells, judged.codes, own_folds)
        n_groups = len(judged.labels)
        table = np.bincount(feature.cells * n_groups + judged.codes, minlength=feature.n_cells * n_groups)
        strength = association(table.reshape(feature.n_cells, n_groups))
        listed.append(
            Proxy(
                feature=feature.name,
                cramers_v=strength.cramers_v,
                cramers_v_corrected=strength.cramers_v_corrected,
                mutual_information=strength.mutual_information,
                auc=macro_auc(scores, judged.codes, own_folds),
                ber=balanced_error(scores, judged.codes),
                auc_drop=auc - macro_auc(chances, groups, folds),
            )
        )
    return {
        "modelled": display.count(max_records) if len(rows) < len(judged.codes) else _("all of the groups judged"),
        "auc": auc,
        "auc_tried": auc_tried,
        "auc_shuffled": float(np.mean(shuffled)),
        "auc_shuffled_high": float(np.max(shuffled)),
        "p_value": (1 + sum(each >= auc_tried - 1e-12 for each in shuffled)) / (1 + n_permutations),
        "n_permutations": n_permutations,
        "ber": balanced_error(together, groups),
        "ber_blind": 1 - 1 / len(judged.labels),
        "features": tuple(sorted(listed, key=lambda each: -each.auc)),
    }


def _shuffled(
    matrix: Any, kinds: Sequence[bool], groups: Any, n_splits: int, times: int, seed: int, rng: np.random.Generator
) -> list[float]:
    """Return the AUC of telling the groups, then those of telling groups that were shuffled."""
    found = []
    for turn in range(times + 1):
        dealt = rng.permutation(groups) if turn else groups
        folds = folds_of(dealt, n_splits, rng)
        found.append(macro_auc(chances_held_out(matrix, kinds, dealt, folds, seed)[0], dealt, folds))
    return found
