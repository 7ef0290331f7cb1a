"""What a comparison of mitigations tells: which gap is left, what it costs, and whose decision changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskscope import display
from riskscope.checks import quoted, shown
from riskscope.errors import RiskscopeError
from riskscope.fairness.disclosure import few
from riskscope.fairness.group_figures import of_100
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
_LOOK = {"as_it_is": ("#1d2430", "o"), "threshold": ("#0072b2", "s"), "reduction": ("#d55e00", "^")}
_LAST_LOOK = ("#009e73", "D")


class Figure(NamedTuple):
    """A number with its interval."""

    value: float
    low: float
    high: float


class Gap(NamedTuple):
    """The largest difference of a rate between two groups: places of both, their rates and people."""

    value: float
    low: float
    high: float
    rate: str
    groups: tuple[int, int]
    rates: tuple[float, float]
    n_people: tuple[int, int]
    may_show: bool


class Method(NamedTuple):
    """One way to decide, judged on held-out people; exact.

    ``reason`` says why there is nothing, else it is empty. ``changes`` are against the estimator as it is: accuracy,
    selection_gap, odds_gap. ``redrawn`` is the share of people whose decision is another one when lots are drawn anew.
    ``moves`` (n_groups, 2) counts people who gain, and who lose, the positive decision.
    """

    name: str
    reason: str
    accuracy: Figure | None = None
    selection_gap: Gap | None = None
    odds_gap: Gap | None = None
    changes: dict[str, Figure] | None = None
    redrawn: float = 0.0
    moves: NDArray[np.int64] | None = None

    def gap(self, name: str) -> Gap | None:
        """Return a gap where there is one and it may be shown."""
        found: Gap | None = getattr(self, name)
        return found if found is not None and found.may_show and not np.isnan(found.value) else None


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
    #: The estimator as it is, first, and each mitigation asked for; exact, do not publish.
    methods: tuple[Method, ...] = hidden()
    #: Names of protected columns that are features of the estimator as well.
    seen_columns: tuple[str, ...] = hidden()

    @property
    def by_method(self) -> pd.DataFrame:
        """Accuracy and gaps of each method: exact, small groups included; do not publish."""
        import pandas as pd

        rows = {}
        for each in self.methods:
            figures = {name: getattr(each, name) for name in ("accuracy", "selection_gap", "odds_gap")}
            changes = {f"{name}_change": figure for name, figure in (each.changes or {}).items()}
            rows[each.name] = {
                f"{name}{end}": figure[at]
                for name, figure in {**figures, **changes}.items()
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
            if each.moves is not None and each.changes
            for at, side in enumerate(("gain", "lose"))
        }
        return pd.DataFrame(found, index=pd.Index(self.labels, name="group"))

    @property
    def gap_name(self) -> str:
        """Name of the gap that the constraint is about."""
        return GAP_OF[self.constraint]

    def to_dict(self) -> dict[str, Any]:
        """Return the shown numbers, with those of each method and group that may be shown."""
        methods = [
            {
                "method": each.name,
                "reason": each.reason,
                "needs_protected_column": each.name in NEEDS_GROUP,
                "accuracy": plain(each.accuracy),
                **{name: _plain_gap(each.gap(name), self.labels) for name in GAP_NAMES},
                "changes": {name: plain(figure) for name, figure in self._shown_changes(each).items()},
                "redrawn": plain(each.redrawn) if each.accuracy else None,
                "moves": {label: self._moved(each, at) for at, label in enumerate(self.labels)} if each.changes else {},
            }
            for each in self.methods
        ]
        return {**super().to_dict(), "columns": list(self.columns), "level": self.level, "methods": methods}

    def _shown_changes(self, method: Method) -> dict[str, Figure]:
        """Return the changes that give no gap away that is held back."""
        before = self.methods[0]
        return {
            name: figure
            for name, figure in (method.changes or {}).items()
            if name == "accuracy" or (method.gap(name) and before.gap(name))
        }

    def _moved(self, method: Method, group: int) -> tuple[str, str]:
        """Return about how many people of a group gain, and lose, the positive decision, as text."""
        assert method.moves is not None
        gain, lose = (self._about(int(count)) for count in method.moves[group])
        return gain, lose

    def _about(self, count: int) -> str:
        """Return a count to the nearest ``min_cell``, so that it gives no smaller one away beside the gaps."""
        if count < self.min_cell:
            return few(self.min_cell) if self.min_cell > 1 else display.count(count)
        return display.count(self.min_cell * round(count / self.min_cell))

    def sentences(self) -> list[str]:
        """Return the gap before and after, its price, whom it costs, and what mitigation does not do."""
        said = [_before(self), *_after(self), *_whom(self), *_without_group(self), *_by_lot(self), *_failed(self)]
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
                    _("change"),
                    _(GAP_NAMES["odds_gap"]),
                    _("change"),
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
                for at, label in enumerate(self.labels)
            ]
            caption = _("People who gain and who lose the positive decision, to the nearest {n}").format(
                n=self.min_cell
            )
            found.append((caption, header, rows))
        return found

    def _row(self, method: Method) -> tuple[str, ...]:
        name = _(NAMES[method.name])
        if method.accuracy is None:
            return name, _("failed: {reason}").format(reason=_(method.reason)), *[""] * 6
        changes = self._shown_changes(method)

        def change(key: str) -> str:
            return _with(changes[key], display.points, display.points_between) if key in changes else ""

        cells = [name, _with(method.accuracy, display.share, display.shares), change("accuracy")]
        for key in GAP_NAMES:
            gap = method.gap(key)
            cells += [_with(gap, display.points, display.points_between) if gap else self._not_told(method, key)]
            cells += [change(key)]
        return *cells, _("yes") if method.name in NEEDS_GROUP else _("no")

    def _not_told(self, method: Method, name: str) -> str:
        gap: Gap | None = getattr(method, name)
        return _("undefined") if gap is None or np.isnan(gap.value) else _("not shown")

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


def _plain_gap(gap: Gap | None, labels: Sequence[str]) -> Any:
    if gap is None:
        return None
    numbers = {name: plain(value) for name, value in gap._asdict().items() if name != "may_show"}
    return {**numbers, "groups": [labels[each] for each in gap.groups]}


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
        low=shown(result.labels[gap.groups[1]]),
        low_n=display.count(gap.n_people[1]),
        high_rate=of_100(gap.rates[0]),
        high=shown(result.labels[gap.groups[0]]),
        high_n=display.count(gap.n_people[0]),
        what=_(RATES[gap.rate]),
        gap=_with(gap, display.points, display.points_between),
    )


def least_of(methods: Sequence[Method], gap_name: str) -> Method | None:
    """Return the most accurate mitigation of those whose gap, shown, lies within the interval of the smallest."""
    told = [(gap, each) for each in methods if each.changes and each.accuracy and (gap := each.gap(gap_name))]
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
    changes = result._shown_changes(least)
    said = [
        _("Of mitigations that leave about the smallest gap, the most accurate is {method}: {gap}.").format(
            method=_(ABOUT[least.name]),
            gap=_with(least.gap(result.gap_name), display.points, display.points_between),
        )
    ]
    if result.gap_name in changes and changes[result.gap_name].value >= 0:
        said.append(_("That is no smaller than as it is."))
    elif result.gap_name in changes and changes[result.gap_name].high >= 0:
        said.append(_("That it is smaller than as it is may be chance: the interval of the change holds 0."))
    said.append(
        _("Its price: accuracy is {after} instead of {before}, a change of {change}.").format(
            after=display.share(least.accuracy.value),
            before=display.share(before.value),
            change=_with(changes["accuracy"], display.points, display.points_between),
        )
    )
    return said


def _whom(result: MitigationComparison) -> list[str]:
    """Return in which groups people gain and lose the positive decision."""
    least = least_of(result.methods, result.gap_name)
    if least is None or least.moves is None:
        return []
    sides = []
    for at, text in enumerate(
        (_("about {n} of {total} people of {group} gain it"), _("about {n} of {total} people of {group} lose it"))
    ):
        most = int(least.moves[:, at].argmax())
        count = int(least.moves[most, at])
        if count >= result.min_cell:
            total = display.count(result.group_sizes[most])
            sides.append(text.format(n=result._about(count), total=total, group=shown(result.labels[most])))
    if not sides:
        return [_("In each group, fewer than {n} people gain or lose the decision.").format(n=result.min_cell)]
    return [_("Whose decision changes most: {sides}.").format(sides=", ".join(sides))]


def _without_group(result: MitigationComparison) -> list[str]:
    """Return which mitigations must know the group to decide, and what one that need not reaches."""
    working = [each for each in result.methods if each.changes]
    needy = [_(NAMES[each.name]) for each in working if each.name in NEEDS_GROUP]
    said = []
    if needy:
        said.append(
            _("To decide on a person, these must know the protected column: {methods}.").format(
                methods=", ".join(needy)
            )
        )
    for each in working:
        change = result._shown_changes(each).get(result.gap_name)
        if each.name != "reduction" or change is None or each.accuracy is None:
            continue
        if change.high < 0 and not result.seen_columns:
            text = _(
                "The reduction needs the protected column to learn, not to decide, and changes the gap by {change}: "
                "fairness without seeing the protected column at decision time is possible, here at an accuracy of "
                "{accuracy}."
            )
        elif change.high < 0:
            text = _(
                "The reduction changes the gap by {change}, though {columns} is a feature of the estimator itself; "
                "leave it out of X to see what it reaches without."
            )
        else:
            text = _(
                "The reduction needs the protected column to learn, not to decide; here its change of the gap, "
                "{change}, may be chance."
            )
        said.append(
            text.format(
                change=_with(change, display.points, display.points_between),
                columns=quoted(result.seen_columns),
                accuracy=display.share(each.accuracy.value),
            )
        )
    return said


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
    """Return which mitigations gave no result, and why."""
    return [
        _("No result for {method}: {reason}.").format(method=_(NAMES[each.name]), reason=_(each.reason))
        for each in result.methods
        if each.reason
    ]
