"""Who carries the risk of being recognised: by protected group, with the group itself released and not released."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from riskscope import display
from riskscope.checks import check_number, check_whole, shown
from riskscope.engines.tables import table_of
from riskscope.errors import RoleError
from riskscope.fairness.inputs import level_labels
from riskscope.fairness.outcomes.audit import (
    OTHER,
    OutcomeAudit,
    draw_bands,
    draw_means,
    ends_of,
    finish,
    too_small_row,
)
from riskscope.fairness.outcomes.cells import Cells
from riskscope.fairness.outcomes.comparison import compared
from riskscope.frequency import FrequencyTable
from riskscope.results import Result, hidden, measured, new_axes, plain
from riskscope.roles import Roles, as_roles
from riskscope.words import N_, _

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]

#: Whether the roles count the column among what an attacker knows.
IN_KEY, OUT_OF_KEY = N_("among the quasi-identifiers"), N_("not among the quasi-identifiers")


@dataclass(frozen=True, kw_only=True)
class GroupRisk:
    """The risk that one group carries.

    ``mean_released``, with its interval ``low`` to ``high``: attackers know the group; ``mean_withheld``: they do
    not; ``by_release``: the difference. ``random_mean``, ``random_low``, ``random_high``: what a group of as many
    people taken at random would carry if attackers knew who belongs to it (mean, 95 % band). ``n_records`` is None
    where it would give away how few people are in the groups that are not shown.
    """

    group: str
    n_records: int | None
    mean_released: float
    low: float
    high: float
    mean_withheld: float
    by_release: float
    random_mean: float
    random_low: float
    random_high: float
    at_risk: float
    alone: float


@dataclass(frozen=True, kw_only=True)
class RiskByGroup(Result):
    """The prosecutor's risk by group of one protected column, with the column in the key and without it."""

    question: ClassVar[str] = N_("Who carries the risk of being recognised?")
    source: ClassVar[str] = (
        "El Emam (2013), Guide to the De-Identification of Personal Health Information, chapter 16, by group; "
        "Theil (1967), Economics and Information Theory, chapter 4"
    )

    column: str = hidden()
    known: str = measured(N_("the protected column is"), "word")
    threshold: float = measured(N_("threshold"), "share")
    n_judged: int = measured(N_("groups judged"), "count")
    too_small: str = measured(N_("people in groups too small to judge"), "text")
    gap_released: float = measured(N_("gap between mean risks, the column known"), "share")
    gap_withheld: float = measured(N_("gap between mean risks, the column not known"), "share")
    ratio_released: float = measured(N_("ratio of mean risks, the column known"))
    ratio_withheld: float = measured(N_("ratio of mean risks, the column not known"))
    p_released: float = measured(N_("chance of such a gap when classes are dealt at random (p), the column known"))
    p_withheld: float = measured(N_("chance of such a gap when people are dealt at random (p), the column not known"))
    between_groups: float = measured(N_("part of the inequality of risk between groups (Theil), column known"), "share")
    #: The groups, highest mean risk first.
    groups: tuple[GroupRisk, ...] = hidden()
    #: The full audits of the risk with the column in the key, and without it.
    released: OutcomeAudit = hidden()
    withheld: OutcomeAudit = hidden()

    def heading(self) -> str:
        """Return the question, with the column."""
        return f"{_(self.question)} ({shown(self.column)[1:-1]})"

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers, those of each group, and the two audits."""
        audits = {"released": self.released.to_dict(), "withheld": self.withheld.to_dict()}
        return {**super().to_dict(), "column": self.column, "groups": [plain(asdict(g)) for g in self.groups], **audits}

    def sentences(self) -> list[str]:
        """Return who carries most and least, what of it the column causes, and what the size of the group causes."""
        if self.n_judged < 2:
            return [
                _("Fewer than two groups of {column} have {n} people or more, so no groups are compared.").format(
                    column=shown(self.column), n=display.count(self.released.min_cell)
                )
            ]
        most = _("{group} of {column} carries most: {risk}")
        least = _("{group} of {column} carries least: {risk}")
        said = [
            sentence.format(group=shown(group.group), column=shown(self.column), risk=self._risk_of(group))
            for sentence, group in ((most, self.groups[0]), (least, self.groups[-1]))
        ]
        said.append(
            _(
                "Small groups are easier to recognise whoever is in them: a group within the range of random ones "
                "carries what its size explains; one beyond it is singled out by what its people have in the other "
                "columns."
            )
        )
        if self.too_small != "0":
            said.append(
                _("Groups of fewer than {n} people are not shown; they carry more risk than others as a rule.").format(
                    n=display.count(self.released.min_cell)
                )
            )
        return said

    def _risk_of(self, group: GroupRisk) -> str:
        return _(
            "a guess at a person's record is right in {mean} of the cases, in {withheld} if {column} is not known; for "
            "as many people taken at random it would be {random} ({low} to {high})."
        ).format(
            column=shown(self.column),
            mean=display.share(group.mean_released),
            withheld=display.share(group.mean_withheld),
            random=display.share(group.random_mean),
            low=display.share(group.random_low),
            high=display.share(group.random_high),
        )

    def tables(self) -> list[tuple[str, Sequence[str], Sequence[Sequence[str]]]]:
        """Return the risk of each group, and the pairs where there are more than two groups."""
        if not self.groups:
            return []
        header = [
            self.column,
            _("people"),
            _("mean risk"),
            _("95 % interval"),
            _("not knowing the column"),
            _("caused by the column"),
            _("random groups of this size"),
            _("at risk"),
            _("alone"),
        ]
        rows = [
            (
                each.group,
                _("not shown") if each.n_records is None else display.count(each.n_records),
                display.share(each.mean_released),
                _span(each.low, each.high),
                display.share(each.mean_withheld),
                display.share(each.by_release),
                _span(each.random_low, each.random_high),
                display.share(each.at_risk),
                display.share(each.alone),
            )
            for each in self.groups
        ]
        table = (_("Mean risk by group"), header, [*rows, *too_small_row(self.released, len(header))])
        return [table, *self.released.tables()[1:]]

    @property
    def has_picture(self) -> bool:
        """Whether there is a group to draw."""
        return bool(self.groups)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the mean risk of each group, the column known and not known, before random groups of the same size."""
        groups = ends_of(self.groups)
        axes = new_axes(ax, (7.0, 1.8 + 0.4 * len(groups)))
        draw_bands(axes, [(each.group, 100 * each.random_low, 100 * each.random_high) for each in groups])
        draw_means(
            axes,
            [(100 * each.mean_released, 100 * each.low, 100 * each.high) for each in groups],
            _("mean risk, 95 % interval"),
        )
        axes.scatter(
            [100 * each.mean_withheld for each in groups],
            range(len(groups)),
            marker="D",
            s=34,
            facecolors="none",
            edgecolors=OTHER,
            linewidths=1.6,
            zorder=3,
            label=_("the column not known"),
        )
        axes.set_xlabel(_("mean risk (%)"))
        finish(axes, self.heading())
        return axes


def _span(low: float, high: float) -> str:
    if np.isnan(low) or np.isnan(high):
        return _("undefined")
    return _("{low} to {high}").format(low=display.share(low), high=display.share(high))


def risk_by_group(
    data: Any,
    roles: Roles | Iterable[str] | None = None,
    *,
    threshold: float = 0.2,
    n_permutations: int = 999,
    rng: int | np.random.Generator = 0,
    min_cell: int = display.MIN_CELL,
) -> tuple[RiskByGroup, ...]:
    """Who carries the risk of being recognised, one answer for each protected column.

    For each group: the mean risk of somebody whose quasi-identifiers are known, how much of it comes from the
    protected column itself being known, and what a random group of the same size would carry. It does not say that
    equal risks are small ones.

    Parameters
    ----------
    data : data frame or FrequencyTable
        Records, or counts over at least the quasi-identifiers and the protected columns.
    roles : Roles, optional
        Names the quasi-identifiers and the protected columns. Default: those of the table.
    threshold : float, default 0.2
        A record is at risk when its risk is strictly above it (0 to 1).
    n_permutations, rng, min_cell
        As in ``fairness.audit_outcome``.

    Returns
    -------
    tuple of RiskByGroup
        ``gap_released``, ``ratio_released``, ``p_released`` with the protected column A in the key, ``gap_withheld``,
        ... with the other quasi-identifiers alone; ``groups``, one ``GroupRisk`` each, highest mean first;
        ``released`` and ``withheld``, the full audits.

    Raises
    ------
    RoleError
        No quasi-identifier or no protected column is named, or one is not there; or the roles name the person, and
        some persons have records with different values.

    Notes
    -----
    Risk is the prosecutor's: 1 / f, f being the size of the record's class. The key with A is that of all
    quasi-identifiers and A, whether or not A is one of them; the key without A is that of the other
    quasi-identifiers. The difference, never negative, is the exposure that knowing A causes; it is 0 where another
    column repeats A. Both risks are audited by ``fairness.audit_outcome`` with classes as clusters: with A in the
    key, whole classes are dealt among the groups; without, people are.

    The random group: n_g of the n people, taken at random, and known to an attacker to be the group. Of a class of
    size f under the other quasi-identifiers it holds somebody with probability 1 - C(n - f, n_g) / C(n, n_g); the sum
    over classes divided by n_g is its expected mean risk. The band is that mean ± 1.96 standard deviations (exact
    variance, normal shape), within what is possible.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"sex": list("FFFFFMMM"), "age": [30, 30, 30, 40, 40, 30, 30, 50]})
    >>> (sex,) = risk_by_group(people, Roles(quasi_identifiers=["sex", "age"], protected="sex"), min_cell=1)
    >>> [(each.group, round(each.mean_withheld, 4), round(each.mean_released, 4)) for each in sex.groups]
    [('M', 0.4667, 0.6667), ('F', 0.32, 0.4)]
    """
    check_number(threshold, "threshold", low=0, high=1)
    check_whole(n_permutations, "n_permutations", low=99)
    check_whole(min_cell, "min_cell", low=1)
    roles = data.roles if roles is None and isinstance(data, FrequencyTable) else as_roles(roles)
    if not roles.protected:
        raise RoleError(_("The roles name no protected column; name the groups to compare, as in protected=['sex']."))
    if not roles.quasi_identifiers:
        raise RoleError(_("The roles name no quasi-identifier; name the columns that somebody may know."))
    names = roles.columns("quasi_identifiers", "protected")
    table = table_of(data, Roles(quasi_identifiers=names, person=roles.person))
    known = tuple(roles.quasi_identifiers)
    return tuple(
        _by_column(table, column, known, threshold=threshold, n_permutations=n_permutations, rng=rng, min_cell=min_cell)
        for column in roles.protected
    )


def _by_column(
    table: FrequencyTable, column: str, quasi_identifiers: tuple[str, ...], *, threshold: float, **options: Any
) -> RiskByGroup:
    """Return the answer for one protected column, from the cells alone."""
    others = tuple(each for each in quasi_identifiers if each != column)
    cells = table.keep((*others, column))
    group = cells.codes[:, -1].astype(np.int64)
    class_of = _classes(cells.codes[:, :-1])
    sizes = np.bincount(class_of, cells.counts).astype(np.int64)
    labels = level_labels(cells.levels[-1])
    released, withheld = (
        compared(Cells(1 / size, group, cells.counts, cluster), labels, [column], threshold=threshold, **options)
        for size, cluster in ((cells.counts, np.arange(cells.n_cells)), (sizes[class_of], class_of))
    )
    people = dict(zip(labels, np.bincount(group, cells.counts, minlength=len(labels)).astype(int), strict=True))
    return RiskByGroup(
        n_records=table.n_records,
        column=column,
        known=IN_KEY if column in quasi_identifiers else OUT_OF_KEY,
        threshold=threshold,
        n_judged=released.n_judged,
        too_small=released.too_small,
        gap_released=released.gap,
        gap_withheld=withheld.gap,
        ratio_released=released.ratio,
        ratio_withheld=withheld.ratio,
        p_released=released.p_value,
        p_withheld=withheld.p_value,
        between_groups=released.theil_between / released.theil if released.theil > 0 else np.nan,
        groups=_group_risks(released, withheld, people, sizes),
        released=released,
        withheld=withheld,
        engine=table.engine,
        undefined=_undefined(released, withheld),
    )


def _undefined(released: OutcomeAudit, withheld: OutcomeAudit) -> dict[str, str]:
    """Return the reasons of what is NaN, from those of the two audits."""
    found = {
        f"{ours}_{case}": audit.undefined[name]
        for case, audit in (("released", released), ("withheld", withheld))
        for ours, name in (("gap", "gap"), ("ratio", "ratio"), ("p", "p_value"))
        if name in audit.undefined
    }
    if "theil_between" in released.undefined:
        found["between_groups"] = released.undefined["theil_between"]
    elif not released.theil > 0:
        found["between_groups"] = N_("everybody has the same risk")
    return found


def _classes(codes: NDArray[Any]) -> Whole:
    """Return the number of the class of each cell, the cells being in order of their codes."""
    changes = np.any(codes[1:] != codes[:-1], axis=1)
    return np.concatenate([[0], np.cumsum(changes)])[: len(codes)]


def _group_risks(
    released: OutcomeAudit, withheld: OutcomeAudit, people: dict[str, int], sizes: Whole
) -> tuple[GroupRisk, ...]:
    """Join the two audits group by group, with what random groups of the same size carry."""
    without = {each.group: each for each in withheld.groups}
    found = []
    for each in released.groups:
        expected, low, high = random_group_risk(sizes, people[each.group])
        if released.decimals is not None:
            expected, low, high = (round(value, released.decimals) for value in (expected, low, high))
        mean_withheld = without[each.group].mean
        found.append(
            GroupRisk(
                group=each.group,
                n_records=each.n_records,
                mean_released=each.mean,
                low=each.low,
                high=each.high,
                mean_withheld=mean_withheld,
                by_release=max(0.0, each.mean - mean_withheld),
                random_mean=expected,
                random_low=low,
                random_high=high,
                at_risk=each.share_above if each.share_above is not None else np.nan,
                alone=each.share_at_one if each.share_at_one is not None else np.nan,
            )
        )
    return tuple(found)


def random_group_risk(sizes: Whole, n_group: int) -> tuple[float, float, float]:
    """Return the mean risk of a random group that attackers know, and its 95 % band.

    ``sizes`` (n_classes,) are the sizes of the classes before the group is known. Each class that the group touches
    becomes a class within the group, so the mean risk is the number of classes touched, divided by ``n_group``.

    Examples
    --------
    >>> tuple(round(each, 4) for each in random_group_risk(np.array([1, 1]), 1))
    (1.0, 1.0, 1.0)
    """
    n = int(sizes.sum())
    kinds, times = np.unique(sizes, return_counts=True)
    log_missed = _log_missed(n, n_group, min(n, 2 * int(kinds[-1])))
    missed = np.exp(log_missed[kinds])
    touched = float((times * (1 - missed)).sum())
    both = log_missed[np.minimum(kinds[:, None] + kinds, len(log_missed) - 1)]
    with np.errstate(invalid="ignore"):
        beyond = np.expm1(both - log_missed[kinds][:, None] - log_missed[kinds])
    covariance = missed[:, None] * missed * np.where(np.isnan(beyond), 0, beyond)
    pairs = times[:, None] * times - np.diag(times)
    variance = (times * missed * (1 - missed)).sum() + (pairs * covariance).sum()
    reach = 1.96 * np.sqrt(max(0.0, float(variance)))
    low, high = max(1.0, touched - reach), min(float(n_group), float(len(sizes)), touched + reach)
    return touched / n_group, low / n_group, high / n_group


def _log_missed(n: int, n_group: int, largest: int) -> Numbers:
    """Return the logarithm of the chance that a random group misses all of a class, for sizes 0 to ``largest``."""
    taken = np.arange(largest)
    with np.errstate(divide="ignore"):
        steps = np.log1p(-n_group / np.maximum(n - taken, n_group))
    return np.concatenate([[0.0], np.cumsum(steps)])
