"""What a comparison of mitigations tells: which gap is left, what it costs, and whose decision changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from riskscope import display
from riskscope.checks import quoted, shown
from riskscope.errors import RiskscopeError
from riskscope.fairness.disclosure import few
from riskscope.fairness.group_figures import of_100
from riskscope.fairness.mitigation.records import Change, Figure, Gap, Method, Views
from riskscope.results import Result, hidden, measured, new_axes, plain
from riskscope.words import N_, _

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd
    from matplotlib.axes import Axes

#: Methods in words, and the same in short for pictures and tables.
NAMES = {
    "as_it_is": N_("as it is"),
    "threshold": N_("one threshold per group"),
    "reduction": N_("reduction"),
    "correlation": N_("correlation removed"),
}
ABOUT = {
    "as_it_is": N_("the estimator as it is"),
    "threshold": N_("one threshold per group (fairlearn's ThresholdOptimizer)"),
    "reduction": N_("the reductions approach (fairlearn's ExponentiatedGradient)"),
    "correlation": N_("the correlation of features with groups removed (fairlearn's CorrelationRemover)"),
}
#: Methods that must know the group of a person to decide on them.
NEEDS_GROUP = frozenset({"threshold", "correlation"})
#: The gap that each constraint is about.
GAP_OF = {"demographic_parity": "selection_gap", "equalized_odds": "odds_gap"}
GAP_NAMES = {"selection_gap": N_("gap in selection rate"), "odds_gap": N_("equalised-odds gap")}
RATES = {
    "selection_rate": N_("get the positive decision"),
    "true_positive_rate": N_("with the positive outcome get the positive decision"),
    "false_positive_rate": N_("without the positive outcome get the positive decision"),
}
WHOSE = {
    "selection_rate": N_("all people"),
    "true_positive_rate": N_("people with the positive outcome"),
    "false_positive_rate": N_("people without the positive outcome"),
}
_LOOK = {"as_it_is": ("#1d2430", "o"), "threshold": ("#0072b2", "s"), "reduction": ("#d55e00", "^")}
_LAST_LOOK = ("#009e73", "D")


@dataclass(frozen=True, kw_only=True)
class MitigationComparison(Result):
    """The estimator as it is, beside what mitigations make of it, on people held out."""

    question: ClassVar[str] = N_("What would mitigation change, and what does it cost?")
    source: ClassVar[str] = (
        "Hardt, Price and Srebro (2016), arXiv:1610.02413; Agarwal et al. (2018), arXiv:1803.02453; fairlearn's "
        "CorrelationRemover"
    )

    n_judged: int = measured(N_("people held out, on whom all is judged"), "count")
    columns: tuple[str, ...] = hidden()
    constraint: str = measured(N_("constraint"), "text")
    gap_before: float = measured(N_("gap that the constraint is about, as it is"), "points")
    gap_after: float = measured(N_("the same with the mitigation named below"), "points")
    accuracy_before: float = measured(N_("accuracy as it is"), "share")
    accuracy_after: float = measured(N_("accuracy with the mitigation named below"), "share")
    least: str = measured(N_("most accurate mitigation of those that leave about the smallest gap"), "text")
    min_group: int = measured(N_("people that a group needs to be judged"), "count")
    min_cell: int = hidden()
    level: float = hidden()
    labels: tuple[str, ...] = hidden()
    group_sizes: NDArray[np.int64] = hidden()
    #: How groups too small to stand alone are shown: counted with the largest, or held back.
    views: Views = hidden()
    #: The estimator as it is, first, and each mitigation asked for; moves are exact, do not publish.
    methods: tuple[Method, ...] = hidden()
    #: Names of features of the estimator that tell groups outright.
    seen_columns: tuple[str, ...] = hidden()

    @property
    def by_method(self) -> pd.DataFrame:
        """Accuracy, gaps and their changes by method, of groups as they are shown."""
        import pandas as pd

        rows = {}
        for each in self.methods:
            figures = {name: getattr(each, name) for name in ("accuracy", *GAP_NAMES, "accuracy_change")}
            figures |= {f"{name}_change": change for name, change in (each.changes or {}).items()}
            rows[each.name] = {
                f"{name}{end}": figure[at]
                for name, figure in figures.items()
                if figure is not None
                for at, end in enumerate(("", "_low", "_high"))
            } | {"redrawn": each.redrawn if each.accuracy else np.nan, "reason": each.reason}
        return pd.DataFrame.from_dict(rows, orient="index")

    @property
    def moves(self) -> pd.DataFrame:
        """People of each group who gain or lose the positive decision: exact, small groups included; do not publish."""
        import pandas as pd

        found = {
            (each.name, side): each.moves[:, at]
            for each in self.methods
            if each.moves is not None and each.accuracy_change
            for at, side in enumerate(("gain", "lose"))
        }
        return pd.DataFrame(found, index=pd.Index(self.labels, name="group"))

    @property
    def gap_name(self) -> str:
        """Name of the gap that the constraint is about."""
        return GAP_OF[self.constraint]

    def to_dict(self) -> dict[str, Any]:
        """Return the shown numbers, with those of each method and group that may be shown."""
        groups = self.views.decided.labels
        methods = [
            {
                "method": each.name,
                "reason": each.reason,
                "warned": list(each.warned),
                "needs_protected_column": each.name in NEEDS_GROUP,
                "accuracy": plain(each.accuracy),
                **{name: _plain(each.gap(name)) for name in GAP_NAMES},
                "accuracy_change": plain(each.accuracy_change),
                "changes": {name: _plain(change) for name, change in (each.changes or {}).items()},
                "redrawn": plain(each.redrawn) if each.accuracy else None,
                "moves": {label: self._moved(each, at) for at, label in enumerate(groups)}
                if each.accuracy_change
                else {},
            }
            for each in self.methods
        ]
        told = {
            "columns": list(self.columns),
            "level": self.level,
            "features_that_tell_groups": list(self.seen_columns),
        }
        return {**super().to_dict(), **told, "methods": methods}

    def _moved(self, method: Method, group: int) -> tuple[str, str]:
        """Return about how many people of a group shown gain, and lose, the positive decision, as text."""
        assert method.moves is not None
        decided = self.views.decided
        if method.name not in decided.methods or not decided.may_show[group]:
            return _("not shown"), _("not shown")
        gain, lose = (self._about(int(count)) for count in decided.summed(method.moves)[group])
        return gain, lose

    def _about(self, count: int) -> str:
        """Return a count to the nearest ``min_cell``, so that it gives no smaller one away beside the gaps."""
        if count < self.min_cell:
            return few(self.min_cell) if self.min_cell > 1 else display.count(count)
        return display.count(self.min_cell * round(count / self.min_cell))

    def sentences(self) -> list[str]:
        """Return the gap before and after, its price, whom it costs, and what mitigation does not do."""
        parts = (_after, _whom, _without_group, _by_lot, _failed, _warned, _joined)
        said = [_before(self), *(text for part in parts for text in part(self))]
        said.append(
            _(
                "Mitigation repairs figures, not causes: what made the groups' data differ stays. Rules of law on "
                "using protected columns differ by country and field; ask before deciding by them."
            )
        )
        return said

    def tables(self) -> list[tuple[str, Sequence[str], Sequence[Sequence[str]]]]:
        """Return accuracy and gaps of each method, and whose decision changes."""
        found: list[tuple[str, Sequence[str], Sequence[Sequence[str]]]] = [
            (
                _("Each method on {n} people held out; changes are against the estimator as it is").format(
                    n=display.count(self.n_judged)
                ),
                [
                    _("method"),
                    _("accuracy"),
                    _("change"),
                    _(GAP_NAMES["selection_gap"]),
                    self._whose_change("selection_gap"),
                    _(GAP_NAMES["odds_gap"]),
                    self._whose_change("odds_gap"),
                    _("group needed to decide"),
                ],
                [self._row(each) for each in self.methods],
            )
        ]
        working = [each for each in self.methods[1:] if not each.reason]
        if working:
            header = [", ".join(self.columns)]
            for each in working:
                name = _(NAMES[each.name])
                header += [_("{method}: gain").format(method=name), _("{method}: lose").format(method=name)]
            rows = [
                (label, *(text for each in working for text in self._moved(each, at)))
                for at, label in enumerate(self.views.decided.labels)
            ]
            caption = _("People who gain and who lose the positive decision, to the nearest {n}").format(
                n=self.min_cell
            )
            found.append((caption, header, rows))
        return found

    def _whose_change(self, name: str) -> str:
        """Return the head of a column of changes: of which difference between which groups."""
        change = next((each.changes[name] for each in self.methods if each.changes and name in each.changes), None)
        if change is None:
            return _("change")
        text = _("change of {first} less {last}, {whose}")
        first, last = (display.visible(label) for label in change.groups)
        return text.format(first=first, last=last, whose=_(WHOSE[change.rate]))

    def _row(self, method: Method) -> tuple[str, ...]:
        name = _(NAMES[method.name])
        if method.accuracy is None:
            return name, _("failed: {reason}").format(reason=_(method.reason)), *[""] * 6
        cells = [name, _with(method.accuracy, display.share, display.shares), _change(method.accuracy_change)]
        for key in GAP_NAMES:
            gap = method.gap(key)
            cells += [_change(gap) if gap else _("too few people"), _change((method.changes or {}).get(key))]
        if method.name in NEEDS_GROUP:
            return *cells, _("yes")
        return *cells, _("a feature tells it") if self.seen_columns else _("no")

    @property
    def has_picture(self) -> bool:
        """Whether there is a gap to draw."""
        return any(each.gap(self.gap_name) for each in self.methods)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the gap of each method against its accuracy, with arrows from the estimator as it is."""
        if not self.has_picture:
            raise RiskscopeError(_("No gap may be shown, so there is nothing to draw; tables() gives the accuracy."))
        axes = new_axes(ax, (7.0, 4.2))
        drawn = [(each, each.accuracy, each.gap(self.gap_name)) for each in self.methods]
        start = None
        for method, accuracy, gap in drawn:
            if accuracy is None or gap is None:
                continue
            colour, marker = _LOOK.get(method.name, _LAST_LOOK)
            x, y = 100 * accuracy.value, 100 * gap.value
            spread_x = [[100 * (accuracy.value - accuracy.low)], [100 * (accuracy.high - accuracy.value)]]
            spread_y = [[100 * max(0, gap.value - gap.low)], [100 * max(0, gap.high - gap.value)]]
            axes.errorbar(
                x,
                y,
                xerr=spread_x,
                yerr=spread_y,
                color=colour,
                marker=marker,
                elinewidth=0.8,
                label=_(NAMES[method.name]),
            )
            if method.name == "as_it_is":
                start = (x, y)
            elif start:
                axes.annotate(
                    "", (x, y), start, arrowprops={"arrowstyle": "->", "color": colour, "shrinkA": 5, "shrinkB": 5}
                )
        axes.set_ylim(bottom=0)
        axes.set_xlabel(_("accuracy, in % (further right is better)"))
        axes.set_ylabel(_("{gap}, in points").format(gap=_(GAP_NAMES[self.gap_name])))
        axes.set_title(self.heading(), loc="left")
        axes.legend(fontsize=8, frameon=False, loc="upper center", bbox_to_anchor=(0.5, 0), borderaxespad=4.5, ncols=2)
        axes.spines[["top", "right"]].set_visible(False)
        return axes


def _plain(figure: Gap | Change | None) -> dict[str, Any] | None:
    if figure is None:
        return None
    return {name: list(value) if isinstance(value, tuple) else plain(value) for name, value in figure._asdict().items()}


def _change(figure: Gap | Change | Figure | None) -> str:
    """Return a difference with its interval, in points."""
    return "" if figure is None else _with(figure, display.points, display.points_between)


def _with(figure: Any, one: Callable[[float], str], between: Callable[[float, float], str]) -> str:
    """Return a figure with its interval in brackets, where it has one."""
    if np.isnan(figure.low) or np.isnan(figure.high):
        return one(figure.value)
    return f"{one(figure.value)} ({between(figure.low, figure.high)})"


def _before(result: MitigationComparison) -> str:
    """Return the headline: who fares how as it is."""
    before = result.methods[0]
    gap = before.gap(result.gap_name)
    if gap is None:
        text = _("The {gap} cannot be shown as it is: fewer than two groups of {columns} have people enough.")
        return text.format(gap=_(GAP_NAMES[result.gap_name]), columns=quoted(result.columns))
    return _(
        "As it is, of 100 people {low_rate} of {low} (n = {low_n}) and {high_rate} of {high} (n = {high_n}) {what}: a "
        "gap of {gap}."
    ).format(
        low_rate=of_100(gap.rates[1]),
        low=shown(gap.groups[1]),
        low_n=display.count(gap.n_people[1]),
        high_rate=of_100(gap.rates[0]),
        high=shown(gap.groups[0]),
        high_n=display.count(gap.n_people[0]),
        what=_(RATES[gap.rate]),
        gap=_change(gap),
    )


def least_of(methods: Sequence[Method], gap_name: str) -> Method | None:
    """Return the most accurate mitigation of those whose gap, shown, lies within the interval of the smallest."""
    told = [(gap, each) for each in methods if each.accuracy_change and (gap := each.gap(gap_name))]
    if not told:
        return None
    most = min(told, key=lambda pair: pair[0].value)[0].high
    return max((each for gap, each in told if gap.value <= most), key=lambda each: each.accuracy or (0, 0, 0))


def _after(result: MitigationComparison) -> list[str]:
    """Return what gap the best mitigation leaves, and its price."""
    least = least_of(result.methods, result.gap_name)
    before = result.methods[0].accuracy
    if least is None or least.accuracy is None or before is None:
        return []
    said = [
        _("Of mitigations that leave about the smallest gap, the most accurate is {method}: {gap}.").format(
            method=_(ABOUT[least.name]), gap=_change(least.gap(result.gap_name))
        )
    ]
    change = (least.changes or {}).get(result.gap_name)
    if change is not None:
        said.append(_followed(change))
    said.append(
        _("Its price: accuracy is {after} instead of {before}, a change of {change}.").format(
            after=display.share(least.accuracy.value),
            before=display.share(before.value),
            change=_change(least.accuracy_change),
        )
    )
    return said


def _followed(change: Change) -> str:
    """Return how the difference between the two groups followed changes."""
    whose = _(WHOSE[change.rate])
    said = _(
        "Followed is {first} less {last} ({whose}), the two groups furthest apart as it is among those learned from: "
        "it goes from {before} to {after}, a change of {change}."
    )
    said = said.format(
        first=shown(change.groups[0]),
        last=shown(change.groups[1]),
        whose=whose,
        before=display.points(change.before),
        after=display.points(change.after),
        change=_change(change),
    )
    if change.may_be_chance:
        return said + " " + _("That may be chance: the interval of the change holds 0.")
    return said if change.is_smaller else said + " " + _("That is no smaller than as it is.")


def _whom(result: MitigationComparison) -> list[str]:
    """Return in which groups people gain and lose the positive decision."""
    least = least_of(result.methods, result.gap_name)
    if least is None or least.moves is None or least.name not in result.views.decided.methods:
        return []
    view, sides = result.views.decided, []
    moves = np.where(view.may_show[:, None], view.summed(least.moves), 0)
    for at, text in enumerate(
        (_("about {n} of {total} people of {group} gain it"), _("about {n} of {total} people of {group} lose it"))
    ):
        most = int(moves[:, at].argmax())
        count = int(moves[most, at])
        if count >= result.min_cell:
            total = display.count(view.summed(result.group_sizes)[most])
            sides.append(text.format(n=result._about(count), total=total, group=shown(view.labels[most])))
    if not sides:
        return [
            _("In each group shown, fewer than {n} people gain, and fewer than {n} lose, the decision.").format(
                n=result.min_cell
            )
        ]
    return [_("Whose decision changes most: {sides}.").format(sides=", ".join(sides))]


def _without_group(result: MitigationComparison) -> list[str]:
    """Return which mitigations must know the group to decide, and what one that need not reaches."""
    needy = [_(NAMES[each.name]) for each in result.methods if each.accuracy_change and each.name in NEEDS_GROUP]
    said = []
    if needy:
        text = _("To decide on a person, these must know the protected column: {methods}.")
        said.append(text.format(methods=", ".join(needy)))
    if result.seen_columns:
        text = _("X tells groups outright ({columns}): leave these out to see what is reached without.")
        said.append(text.format(columns=quoted(result.seen_columns)))
    reduction = next((each for each in result.methods if each.name == "reduction"), None)
    if reduction is not None and reduction.accuracy is not None and not result.seen_columns:
        said += _reached_without(result, reduction)
    return said


def _reached_without(result: MitigationComparison, reduction: Method) -> list[str]:
    """Return what the reduction reaches, where no feature tells the groups outright."""
    change = (reduction.changes or {}).get(result.gap_name)
    gap, gap_before = reduction.gap(result.gap_name), result.methods[0].gap(result.gap_name)
    if change is None or gap is None or gap_before is None or reduction.accuracy is None:
        return []
    if change.may_be_chance:
        text = _(
            "The reduction needs the protected column to learn, not to decide; here its change of the difference, "
            "{change}, may be chance."
        )
    elif change.is_smaller and gap.value < gap_before.value:
        text = _(
            "The reduction needs the protected column to learn, not to decide, and changes the difference by {change}: "
            "fairness without seeing the protected column at decision time is possible, here at an accuracy of "
            "{accuracy}."
        )
    else:
        text = _("The reduction needs the protected column to learn, not to decide; here it leaves no smaller gap.")
    return [text.format(change=_change(change), accuracy=display.share(reduction.accuracy.value))]


def _by_lot(result: MitigationComparison) -> list[str]:
    """Return how many decisions fall by lot."""
    return [
        _(
            "With {method}, lots decide in part: drawn anew, {rate} of 100 people get another decision with the same "
            "data."
        ).format(method=_(NAMES[each.name]), rate=of_100(each.redrawn))
        for each in result.methods
        if each.redrawn > 0
    ]


def _failed(result: MitigationComparison) -> list[str]:
    """Return which mitigations gave no result, and why, or have no gap that may be shown."""
    said = [
        _("No result for {method}: {reason}.").format(method=_(NAMES[each.name]), reason=_(each.reason))
        for each in result.methods
        if each.reason
    ]
    view = result.views.decided if result.gap_name == "selection_gap" else result.views.against_outcome
    text = _("No gap is shown for {method}: it leaves fewer than {n} people with a decision in too many groups.")
    said += [
        text.format(method=_(NAMES[each.name]), n=result.min_cell)
        for each in result.methods
        if each.accuracy and each.name not in view.methods
    ]
    return said


def _warned(result: MitigationComparison) -> list[str]:
    """Return which methods warned while they were fitted; a model that did not converge is one of these."""
    said = []
    for each in result.methods:
        if "ConvergenceWarning" in each.warned:
            text = _(
                "{method}: a model did not converge when fitted ({kinds}); its figures may change when it does. Scale "
                "the features, or allow more iterations."
            )
        else:
            text = _(
                "{method}: there were warnings when it was fitted ({kinds}); fit the estimator alone to read them."
            )
        if each.warned:
            said.append(text.format(method=_(NAMES[each.name]).capitalize(), kinds=", ".join(each.warned)))
    return said


def _joined(result: MitigationComparison) -> list[str]:
    """Return whom the groups shown have taken in."""
    said = []
    for view, where in (
        (result.views.decided, _("in what is shown")),
        (result.views.against_outcome, _("where decisions are set against outcomes")),
    ):
        if view.joined is None:
            continue
        text = _(
            "{n} people of groups too small to show are counted with the largest group, {group}, {where}; moves is "
            "exact."
        )
        if view.joined.n_people < result.min_cell:
            text = _(
                "Fewer than {min_cell} people, whose groups are too small to show, are counted with the largest group, "
                "{group}, {where}; moves is exact."
            )
        n = display.count(view.joined.n_people)
        said.append(text.format(n=n, min_cell=result.min_cell, group=shown(view.joined.into), where=where))
    return said
