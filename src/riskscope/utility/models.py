"""Model utility: what a model that learned from the release knows of people whom it has never seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskscope import display
from riskscope.checks import check_columns, check_names, check_whole, shown
from riskscope.engines.columns import arrow_columns, as_frame
from riskscope.errors import RoleError
from riskscope.hierarchy import Hierarchy
from riskscope.results import Result, hidden, measured, new_axes
from riskscope.utility.covering import coverings, rows_of
from riskscope.utility.training import Feature, Target, feature_of, fitted, one_thread, scores_of, target_of
from riskscope.words import N_, _, ngettext

if TYPE_CHECKING:
    import pyarrow as pa
    from matplotlib.axes import Axes

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]

#: Called before each step with what it does, how many are done, and how many there are.
Progress = Callable[[str, int, int], None]

#: Share of the people who are kept for the test where no hold-out is given; with one, share who are left out in turn.
TESTED, LEFT_OUT = 0.3, 0.2
#: With fewer people nothing is learned.
FEWEST = 20

TOO_FEW = N_("fewer than 20 people have a known target")
NO_RELEASE = N_("no released record is left to learn from")
NOTHING_LEARNED = N_("a model of the original does no better than the commonest answer")
OTHER_KIND = N_("it does not apply to this kind of target")
ONE_CLASS = N_("there is one class only")

_OF_CLASSES = ("accuracy", "auc", "log_loss")
_OF_NUMBERS = ("r2", "mae")


@dataclass(frozen=True, kw_only=True)
class ModelUtility(Result):
    """How well a model does that learned from the release, beside one that learned from the original.

    Both are judged on the same original people, whom neither has seen. Means over the repeats; ``difference`` is
    released less original, of the accuracy or of R². What does not apply to the kind of target is NaN.
    """

    question: ClassVar[str] = N_("What can a model still learn from the release?")
    source: ClassVar[str] = "Nadeau and Bengio (2003), doi:10.1023/A:1024068626366, for the interval"

    n_released: int = measured(N_("released records"), "count")
    n_suppressed: int = measured(N_("people who are not in the release, or of whom it says nothing"), "count")
    n_target_unknown: int = measured(N_("released records whose target is missing, or left open"), "count")
    n_tested: int = measured(N_("people that the models are tested on, in each repeat"), "count")
    repeats: int = measured(N_("repeats"), "count")
    accuracy_original: float = measured(N_("accuracy of a model of the original"), "share")
    accuracy_released: float = measured(N_("accuracy of a model of the release"), "share")
    accuracy_majority: float = measured(N_("accuracy of the commonest class"), "share")
    auc_original: float = measured(N_("AUC of a model of the original"))
    auc_released: float = measured(N_("AUC of a model of the release"))
    log_loss_original: float = measured(N_("log-loss of a model of the original"))
    log_loss_released: float = measured(N_("log-loss of a model of the release"))
    r2_original: float = measured(N_("R² of a model of the original"))
    r2_released: float = measured(N_("R² of a model of the release"))
    r2_mean: float = measured(N_("R² of the mean"))
    mae_original: float = measured(N_("absolute error of a model of the original"))
    mae_released: float = measured(N_("absolute error of a model of the release"))
    difference: float = measured(N_("release less original (accuracy, or R²)"))
    difference_low: float = measured(N_("the same, lower end of the 95 % interval"))
    difference_high: float = measured(N_("the same, upper end of the 95 % interval"))
    relative: float = measured(N_("what the release keeps of what a model learns"), "share")
    seed: str | None = measured(N_("seed"), "text", default=None)
    target: str = hidden(default="")
    is_number: bool = hidden(default=False)
    scores: tuple[tuple[float, float, float], ...] = hidden(default=())

    def shown_fields(self) -> list[tuple[str, str, Any, str]]:
        """Return the numbers that apply to the kind of target."""
        others = _OF_CLASSES if self.is_number else _OF_NUMBERS
        return [each for each in super().shown_fields() if not each[0].startswith(tuple(f"{one}_" for one in others))]

    def sentences(self) -> list[str]:
        """Return how well the model of the release does, what was kept, and what was left out."""
        target = shown(self.target)
        if not np.isfinite(self.difference):
            reason = self.undefined.get("difference", TOO_FEW)
            return [
                _("What can be learned of {column} cannot be told: {reason}.").format(column=target, reason=_(reason))
            ]
        if self.is_number:
            said = [
                _(
                    "A model of {column} that learned from the release explains {released} of its variance among "
                    "people it has never seen, one that learned from the original {original}."
                ).format(
                    column=target,
                    released=display.share(max(0.0, self.r2_released)),
                    original=display.share(max(0.0, self.r2_original)),
                )
            ]
        else:
            said = [
                _(
                    "A model of {column} that learned from the release is right for {released} of people it has never "
                    "seen, one that learned from the original for {original}; the commonest answer is right for {none}."
                ).format(
                    column=target,
                    released=display.share(self.accuracy_released),
                    original=display.share(self.accuracy_original),
                    none=display.share(self.accuracy_majority),
                )
            ]
        if self.relative <= 0:
            said.append(_("So the release keeps nothing of what such a model learns."))
        elif np.isfinite(self.relative):
            kept = _("So the release keeps {relative} of what such a model learns.")
            said.append(kept.format(relative=display.share(self.relative)))
        else:
            said.append(
                _("So there is nothing that the release could keep: {reason}.").format(reason=_(NOTHING_LEARNED))
            )
        low, high = self.difference_low, self.difference_high
        if low <= 0 <= high and self.difference:
            said.append(_("Over {n} repeats the difference may be chance.").format(n=self.repeats))
        if self.n_suppressed:
            said.append(
                ngettext(
                    "{n} person is not in the release, or it says nothing of them: nothing is learned from them.",
                    "{n} people are not in the release, or it says nothing of them: nothing is learned from them.",
                    self.n_suppressed,
                ).format(n=display.count(self.n_suppressed))
            )
        return said

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw how well the commonest answer and both models do, each repeat as a dot."""
        axes = new_axes(ax, (7.0, 2.4))
        labels = (_("the mean") if self.is_number else _("commonest answer"), _("release"), _("original"))
        factor = 1 if self.is_number else 100
        for at, (value, dots) in enumerate(zip(self._means(), self._dots(), strict=True)):
            axes.barh(at, factor * value if np.isfinite(value) else 0, color=("#8c96a8", "#d55e00", "#0072b2")[at])
            axes.plot([factor * each for each in dots], [at] * len(dots), "o", color="#1c2330", ms=3)
        axes.set_yticks(range(3), labels)
        if not self.is_number:
            axes.set_xlim(0, 100)
        axes.set_xlabel("R²" if self.is_number else _("% of unseen people for whom it is right"))
        axes.set_title(self.heading(), loc="left")
        axes.spines[["top", "right"]].set_visible(False)
        return axes

    def _means(self) -> tuple[float, float, float]:
        if self.is_number:
            return self.r2_mean, self.r2_released, self.r2_original
        return self.accuracy_majority, self.accuracy_released, self.accuracy_original

    def _dots(self) -> list[list[float]]:
        return [[each[at] for each in self.scores] for at in (2, 1, 0)]


def relative_utility(original: float, released: float, baseline: float) -> float:
    """Return what the release keeps of what is learned from the original beyond the baseline; NaN where nothing is.

    Examples
    --------
    >>> round(relative_utility(0.85, 0.80, 0.70), 6), relative_utility(0.70, 0.70, 0.70)
    (0.666667, nan)
    """
    learned = original - baseline
    return (released - baseline) / learned if learned > 1e-12 else float("nan")


def model_utility(
    original: Any,
    released: Any,
    *,
    target: str,
    features: str | Iterable[str] | None = None,
    holdout: Any = None,
    truth: Any = None,
    hierarchies: Mapping[str, Hierarchy] | None = None,
    repeats: int = 5,
    rng: int | np.random.Generator = 0,
    progress: Progress | None = None,
) -> ModelUtility:
    """Tell how well a model does that learns from the release, on original people whom it has never seen.

    A release that keeps little here may still give good counts (``compare_distributions``); one that keeps much says
    nothing of the risk for the people in it.

    Parameters
    ----------
    original, released : data frames
    target : name of a column
        What is predicted. Numbers of more than ten distinct values are predicted as numbers, all else as classes.
    features : names of columns, optional
        What it is predicted from. Default: all other columns that both tables have; leave identifiers out.
    holdout : data frame, optional
        Original records of people who are not in the release. Needed for synthetic data, where nobody is anybody.
        Default: people kept from the training in turn, three in ten.
    truth : whole numbers (n_original,), optional
        Position of each original record in the release, -1 where it was not released. Default: the same order, where
        both have as many records; not needed with a hold-out.
    hierarchies : mapping of a column to its Hierarchy, optional
        Says which values stand under a released one, where its text alone does not.
    repeats : int, default 5
        How often people are drawn and models trained anew.
    rng : int or generator, default 0
    progress : callable, optional
        Called with a text, how many steps are done, and how many there are.

    Returns
    -------
    ModelUtility
        ``relative``; ``difference`` with its interval; accuracy, AUC and log-loss, or R² and absolute error, of both.

    Raises
    ------
    RoleError
        A column is not in both tables, or there is no feature.
    FrameError
        It is not known which record is whose, and there is no hold-out.

    Notes
    -----
    relative = (released - baseline) / (original - baseline), of the mean accuracies with the commonest class as the
    baseline, or of R² with the mean; undefined where the original teaches nothing.

    Both models are the same boosted trees (scikit-learn's HistGradientBoosting, 60 trees of 15 leaves). The model of
    the release is given its cells: of numbers the centre of what a cell covers, of categories one class a cell; a
    suppressed cell is missing. The people tested are original ones, recoded in the same way: each value takes the
    released cell with most records for each value that it covers, a suppressed one only where no other covers it; a
    category that no cell covers the cell that its records mostly have; a number that no cell covers (noise) stands for
    itself. Suppressed people are dropped from the training on the
    release, as they would be by anybody who uses it. The AUC is that of each class against all others, the mean;
    chances below 1e-6 count as 1e-6 in the log-loss. The interval is paired over the repeats and corrected for their
    overlap (Nadeau and Bengio).

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"age": [20, 30, 40, 50] * 30, "ill": ["no", "no", "yes", "yes"] * 30})
    >>> model_utility(people, people, target="ill").relative
    1.0
    """
    at_least = check_whole(repeats, "repeats", low=2)
    names = _features(original, released, target, features)
    n, n_released = len(as_frame(original)), len(as_frame(released))
    n_all = n
    source = original
    if holdout is not None:
        check_columns((*names, target), as_frame(holdout).columns, _("columns of the hold-out"))
        source, n_all = _stacked((original, holdout), (*names, target)), n + len(as_frame(holdout))
    *columns, last = coverings(source, released, (*names, target), hierarchies)
    says = np.zeros(n_released, bool)
    for each in columns:
        says |= ~each.is_suppressed[each.codes]
    rows = None if holdout is not None and truth is None and n != n_released else rows_of(truth, n, n_released)
    features_found, aim = [feature_of(each, rows) for each in columns], target_of(last)
    usable = says & np.isfinite(aim.released)
    kept = (rows >= 0) & np.append(says, False)[rows] if rows is not None else says
    draws = np.random.default_rng(rng)
    splits = _splits(aim, rows, usable, n, n_all, at_least, draws)
    found = list(_judged(features_found, aim, splits, draws, at_least, progress)) if splits else []
    return ModelUtility(
        n_records=n,
        n_released=n_released,
        n_suppressed=int(np.count_nonzero(~kept)),
        n_target_unknown=int(np.count_nonzero(says & ~np.isfinite(aim.released))),
        n_tested=len(splits[0].tested) if splits else 0,
        repeats=at_least,
        seed=str(rng) if isinstance(rng, (int, np.integer)) else None,
        target=target,
        is_number=not aim.n_classes,
        **_figures(found, splits, aim),
    )


def _features(original: Any, released: Any, target: str, features: Any) -> tuple[str, ...]:
    ours, theirs = list(as_frame(original).columns), list(as_frame(released).columns)
    check_columns([target], ours, "target")
    check_columns([target], theirs, "target")
    if features is None:
        names = tuple(name for name in ours if name in set(theirs) and name != target)
    else:
        names = check_names(features, "features")
        check_columns(names, ours, _("features, in the original,"))
        check_columns(names, theirs, _("features, in the release,"))
        if target in names:
            raise RoleError(
                _("{column} is the target and a feature; leave it out of the features.").format(column=shown(target))
            )
    if not names:
        raise RoleError(_("There is no feature to learn from; name columns that both tables have."))
    return names


def _stacked(tables: Sequence[Any], names: Sequence[str]) -> pa.Table:
    """Return the named columns of several tables one after the other."""
    import pyarrow as pa

    columns = {}
    for name in names:
        arrays = []
        for table in tables:
            found = arrow_columns(table, [name])[0]
            array = found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
            arrays.append(array.dictionary_decode() if pa.types.is_dictionary(array.type) else array)
        if len({str(each.type) for each in arrays}) > 1:
            are_numbers = all(pa.types.is_integer(each.type) or pa.types.is_floating(each.type) for each in arrays)
            arrays = [each.cast(pa.float64() if are_numbers else pa.large_string()) for each in arrays]
        columns[name] = pa.concat_arrays(arrays)
    return pa.table(columns)


class Split(NamedTuple):
    """Who is learned from in the original and in the release, and who is tested: positions in each table."""

    original: Whole
    released: Whole
    tested: Whole


def _splits(
    aim: Target,
    rows: Whole | None,
    usable: NDArray[np.bool_],
    n: int,
    n_all: int,
    repeats: int,
    draws: np.random.Generator,
) -> list[Split]:
    """Return the people of each repeat; nobody where they are too few."""
    people = np.flatnonzero(np.isfinite(aim.original[:n]))
    others = n + np.flatnonzero(np.isfinite(aim.original[n:]))
    if len(people) < FEWEST or (n_all > n and not len(others)):
        return []
    found = []
    for _repeat in range(repeats):
        order = draws.permutation(people)
        cut = round(len(order) * (TESTED if n_all == n else LEFT_OUT))
        tested, trained = (others if n_all > n else np.sort(order[:cut])), np.sort(order[cut:])
        if rows is None:
            everybody = draws.permutation(np.flatnonzero(usable))
            theirs = np.sort(everybody[round(len(everybody) * LEFT_OUT) :])
        else:
            theirs = rows[trained]
            theirs = theirs[(theirs >= 0) & np.append(usable, False)[theirs]]
        found.append(Split(trained, theirs, tested))
    return found


def _judged(
    features: Sequence[Feature],
    aim: Target,
    splits: Sequence[Split],
    draws: np.random.Generator,
    repeats: int,
    progress: Progress | None,
) -> Iterator[tuple[dict[str, float], dict[str, float], dict[str, float]]]:
    """Yield for each repeat how well the model of the original, of the release, and the commonest answer do."""
    own, recoded, told = (
        np.stack([getattr(each, name) for each in features], axis=1) for name in ("original", "recoded", "released")
    )
    is_category = [each.is_category for each in features]
    for at, split in enumerate(splits):
        if progress is not None:
            progress(_("training models"), at, repeats)
        if not len(split.released):
            return
        seed = int(draws.integers(2**31))
        target = aim.original[split.tested]
        with one_thread():
            learned = fitted(own[split.original], aim.original[split.original], is_category, aim.n_classes, seed)
            released = fitted(told[split.released], aim.released[split.released], is_category, aim.n_classes, seed)
            blind = fitted(own[split.original][:, :0], aim.original[split.original], [], aim.n_classes, seed)
            scored = (
                scores_of(learned(own[split.tested]), target, aim.n_classes),
                scores_of(released(recoded[split.tested]), target, aim.n_classes),
                scores_of(blind(own[split.tested]), target, aim.n_classes),
            )
        yield scored


def _figures(
    found: Sequence[tuple[dict[str, float], dict[str, float], dict[str, float]]], splits: Sequence[Split], aim: Target
) -> dict[str, Any]:
    """Return the fields that follow from the scores of the repeats."""
    wanted = _OF_CLASSES if aim.n_classes else _OF_NUMBERS
    undefined: dict[str, str] = {}
    values: dict[str, Any] = {}
    for name in (*_OF_CLASSES, *_OF_NUMBERS):
        for at, which in enumerate(("original", "released")):
            several = [each[at][name] for each in found] if name in wanted else []
            values[f"{name}_{which}"] = float(np.mean(several)) if several else float("nan")
    main = wanted[0]
    baseline = float(np.mean([each[2][main] for each in found])) if found else float("nan")
    values["accuracy_majority"], values["r2_mean"] = (
        (baseline, float("nan")) if aim.n_classes else (float("nan"), baseline)
    )
    scores = tuple((each[0][main], each[1][main], each[2][main]) for each in found)
    low = high = relative = float("nan")
    difference = values[f"{main}_released"] - values[f"{main}_original"]
    if np.isfinite(difference):
        relative = relative_utility(values[f"{main}_original"], values[f"{main}_released"], baseline)
        low, high = _interval(np.array([each[1] - each[0] for each in scores]), splits)
    why = TOO_FEW if not splits else NO_RELEASE if not found else ONE_CLASS
    for name, value in {**values, "difference": difference, "difference_low": low, "difference_high": high}.items():
        if np.isnan(value):
            other = name.startswith(_OF_NUMBERS if aim.n_classes else _OF_CLASSES)
            undefined[name] = OTHER_KIND if other else why
    if np.isnan(relative):
        undefined["relative"] = NOTHING_LEARNED if np.isfinite(difference) else why
    return {
        **values,
        "difference": difference,
        "difference_low": low,
        "difference_high": high,
        "relative": relative,
        "scores": scores,
        "undefined": undefined,
    }


def _interval(differences: Numbers, splits: Sequence[Split]) -> tuple[float, float]:
    """Return the 95 % interval of a mean over repeats whose people overlap (Nadeau and Bengio)."""
    from scipy.special import stdtrit

    n, mean = len(differences), float(differences.mean())
    overlap = len(splits[0].tested) / len(splits[0].original)
    spread = float(np.sqrt((1 / n + overlap) * differences.var(ddof=1))) if n > 1 else float("nan")
    half = float(stdtrit(n - 1, 0.975)) * spread
    return mean - half, mean + half
