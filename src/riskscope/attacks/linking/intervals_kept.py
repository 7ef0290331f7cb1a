"""Interval disclosure: for whom do the masked numbers still tell the true ones, to within a little?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from riskscope import display
from riskscope.attacks.attack import INFERENCE, Attack, Numbers, figures
from riskscope.attacks.linking.distances import STEEP, Compared, Whole, chance_of_fits, ranked
from riskscope.attacks.truth import truth_of
from riskscope.checks import check_choice, check_columns, check_names, check_number, quoted, shown
from riskscope.engines.columns import arrow_columns, as_frame
from riskscope.errors import RiskscopeError, RoleError
from riskscope.results import hidden, measured
from riskscope.words import N_, _

#: What the tolerance is a share of.
OF_SPREAD, OF_VALUE = "sd", "value"
WORDS = {
    OF_SPREAD: N_("the column's standard deviation"),
    OF_VALUE: N_("its size"),
}
#: The least that a true value counts, where the tolerance is a share of it.
LEAST = 1e-12

NO_CONTROL = N_("a person outside the release has no masked numbers")


@dataclass(frozen=True, kw_only=True)
class IntervalDisclosure(Attack):
    """For how many people all masked numbers lie near the true ones; beside the numbers of somebody else.

    A success is a person each of whose released numbers is within the tolerance. ``hit`` (n_records,) is 1 for them,
    0 for others, and NaN for people who are not released or have no number; exact, do not publish it.
    """

    question: ClassVar[str] = N_("Do the masked numbers still tell the true ones?")
    source: ClassVar[str] = "Mateo-Sanz, Sebé and Domingo-Ferrer (2004), doi:10.1007/978-3-540-25955-8_16"
    asks: ClassVar[str] = INFERENCE

    tolerance: float = measured(N_("tolerance"), "share")
    of: str = hidden()
    #: Share of people whose number is near, for each column.
    shares: dict[str, float] = hidden()
    said: tuple[str, ...] = hidden()

    def sentences(self) -> list[str]:
        """Return for how many people all numbers are near, beside guessing, and what it does not say."""
        if not self.tried:
            return [_("Nobody could be attacked: no released person has a number to compare.")]
        return [
            _(
                "For {n} of {tried} released people, each released number differs from the true one by at most "
                "{tolerance} of {of}."
            ).format(
                n=display.count(self.succeeded),
                tried=display.count(self.tried),
                tolerance=display.share(self.tolerance),
                of=_(WORDS[self.of]),
            ),
            self.beside_guessing(),
            _("It presumes that the attacker has found the record; a single number near the true one is not counted."),
            *self.said,
        ]

    def tables(self) -> list[tuple[str, Sequence[str], Sequence[Sequence[str]]]]:
        """Return the share of people whose number is near, by column."""
        rows = [(display.visible(name), display.share(value)) for name, value in self.shares.items()]
        return [(_("Each column by itself"), [_("column"), _("share of people whose number is near")], rows)]


def interval_disclosure(
    original: Any,
    released: Any,
    *,
    columns: str | Iterable[str],
    truth: str | Sequence[int] | None = None,
    tolerance: float = 0.05,
    of: str = OF_SPREAD,
) -> IntervalDisclosure:
    """For how many people do all masked numbers lie near the true ones?

    Parameters
    ----------
    original, released : pandas, Polars or PyArrow data frames
        The numbers as they are, and as they are handed out: with noise, swapped, averaged, made up.
    columns : names of columns
        Numbers in both tables.
    truth : name of a column, positions (n_original,), or None
        Which released record is whose; see ``riskscope.attacks.truth.truth_of``.
    tolerance : number, default 0.05
        How near is near, as a share of what ``of`` names.
    of : {"sd", "value"}, default "sd"
        The standard deviation of the released column, or the size of the true value.

    Returns
    -------
    IntervalDisclosure
        ``succeeded``, ``rate`` with interval, ``verdict``, ``shares`` by column, ``hit`` (n_original,).

    Raises
    ------
    RoleError
        A column is missing in a table, or holds no numbers.
    RiskscopeError
        Nobody said which record is whose.

    Notes
    -----
    With ``of="sd"`` the true value must lie in [y - t sd, y + t sd] around the masked one: Mateo-Sanz, Sebé and
    Domingo-Ferrer (2004), as sdcMicro's ``dRisk``. With ``of="value"`` the difference must be at most t |x|: the size
    counts, not the sign, so that negative numbers are as hard to guess as positive ones; of a true zero only zero is
    near. A number missing on either side is not compared; a person without any is not attacked. Guessing is the masked
    record of another person drawn at random: its expectation is exact.

    Examples
    --------
    >>> import pandas as pd
    >>> original = pd.DataFrame({"income": [-100, 0, 200, 400]})
    >>> released = pd.DataFrame({"income": [-98, 5, 190, 300]})
    >>> interval_disclosure(original, released, columns="income", of="value").hit.tolist()
    [1.0, 0.0, 1.0, 0.0]
    """
    names = check_names(columns, "columns")
    if not names:
        raise RoleError(_("columns names no column; name the masked numbers."))
    check_columns(names, as_frame(original).columns, "columns")
    check_columns(names, as_frame(released).columns, "columns")
    check_number(tolerance, "tolerance", low=0)
    check_choice(of, "of", list(WORDS))
    who = truth_of(original, released, truth)
    if who.rows is None:
        raise RiskscopeError(
            _("Nobody said which of the {n} released records is whose; give truth=.").format(n=len(as_frame(released)))
        )
    ours, theirs = _numbers(original, names), _numbers(released, names)
    some = np.flatnonzero(who.rows >= 0)
    rows = who.rows[some]
    is_compared = np.isfinite(ours[:, some]) & np.isfinite(theirs[:, rows])
    is_some = is_compared.any(axis=0)
    some, rows, is_compared = some[is_some], rows[is_some], is_compared[:, is_some]
    people, records = _boxes(ours[:, some], theirs, tolerance, of)
    near = (people[0] <= records[1][:, rows]) & (records[0][:, rows] <= people[1])  # (n_columns, n_attacked)
    hit = np.full(len(who.rows), np.nan)
    hit[some] = near.all(axis=0)
    guess, p_value = np.zeros(len(hit)), None
    if len(some):
        near_by = n_overlapping(people, records)
        guess[some] = near_by / theirs.shape[1]
        p_value = chance_of_fits(int(near.all(axis=0).sum()), near_by, n_overlapping(records, people))
    fields = figures(hit, guess=guess, p_value=p_value)
    controls = ("control_rate", "risk_above_control", "risk_above_control_low", "risk_above_control_high")
    fields["undefined"] |= dict.fromkeys(controls, NO_CONTROL)
    shares = {
        name: float(near[at][is_compared[at]].mean()) if is_compared[at].any() else float("nan")
        for at, name in enumerate(names)
    }
    return IntervalDisclosure(
        **fields,
        n_records=len(hit),
        known=_("the released record, and {columns}").format(columns=quoted(names)),
        tolerance=tolerance,
        of=of,
        shares=shares,
        said=((who.said,) if who.is_presumed else ()),
    )


def _numbers(data: Any, names: Sequence[str]) -> Numbers:
    """Return the columns as numbers (n_columns, n), NaN where missing."""
    import pyarrow as pa

    found = []
    for name, array in zip(names, arrow_columns(data, names), strict=True):
        kind = array.type
        if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_null(kind)):
            raise RoleError(
                _(
                    "Column {column} holds {kind}; intervals are looked at of plain numbers. Turn it into numbers, or "
                    "use linkage or inference, which understand generalised values."
                ).format(column=shown(name), kind=str(kind))
            )
        found.append(np.asarray(array.cast(pa.float64()).to_numpy(zero_copy_only=False), float))
    return np.stack(found)


def _boxes(ours: Numbers, theirs: Numbers, tolerance: float, of: str) -> tuple[Numbers, Numbers]:
    """Return both sides as ends (2, n_columns, n), one of them widened; a missing number is near all."""
    people, records = np.stack([ours, ours]), np.stack([theirs, theirs])
    if of == OF_VALUE:
        people += np.multiply.outer([-1.0, 1.0], tolerance * np.maximum(np.abs(ours), LEAST))
    else:
        spreads = [np.std(column[np.isfinite(column)], ddof=1) if _n_numbers(column) > 1 else 0.0 for column in theirs]
        records += np.multiply.outer([-1.0, 1.0], tolerance * np.array(spreads))[:, :, None]
    for ends, numbers in ((people, ours), (records, theirs)):
        ends[0][~np.isfinite(numbers)], ends[1][~np.isfinite(numbers)] = -np.inf, np.inf
    return people, records


def _n_numbers(column: Numbers) -> int:
    return int(np.isfinite(column).sum())


def n_overlapping(boxes: Numbers, others: Numbers) -> Whole:
    """Return how many of the other boxes overlap each box in every column.

    Examples
    --------
    >>> n_overlapping(np.array([[[1.0, 5.0]], [[2.0, 6.0]]]), np.array([[[2.0, 3.0, 9.0]], [[2.0, 5.0, 9.0]]])).tolist()
    [1, 1]
    """
    n_columns, n = others.shape[1:]
    whole = np.stack([np.full((n_columns, 1), -np.inf), np.full((n_columns, 1), np.inf)])  # one that overlaps all
    rules = np.stack([np.full(n_columns, STEEP), np.full(n_columns, 1 / n_columns)])
    people = np.concatenate([others, whole], axis=2)
    data = Compared(people, np.ones(n + 1, np.int64), np.arange(n + 1), boxes, rules, 0.5 / n_columns, ())
    found = ranked(data, np.arange(boxes.shape[2]), np.full(boxes.shape[2], n))
    return found.equal.astype(np.int64) - 1
