"""t-closeness: how far do the sensitive values of a class stray from those of the whole table?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from riskscope import display
from riskscope.checks import check_choice
from riskscope.engines.tables import table_of
from riskscope.errors import RoleError
from riskscope.hierarchy import Hierarchy
from riskscope.results import measured
from riskscope.risk.sensitive import EMPTY, Numbers, SensitiveResult, Within, within
from riskscope.roles import Roles
from riskscope.words import N_, _

DISTANCES = (N_("equal"), N_("ordered"))
HIERARCHICAL = N_("hierarchical")
Distance = str | Hierarchy


@dataclass(frozen=True, kw_only=True)
class TCloseness(SensitiveResult):
    """The largest distance of a class from the whole table."""

    question: ClassVar[str] = N_("Does finding a person's class change what one believes about them?")
    source: ClassVar[str] = "Li, Li and Venkatasubramanian (2007), doi:10.1109/ICDE.2007.367856"

    distance: str = measured(N_("distance between values"), "word")
    t: float = measured(N_("largest distance of a class from the table (t)"), "number")

    def sentences(self) -> list[str]:
        """Return what t means for a person."""
        if not self.n_records:
            return [_("The table has no records, so t is undefined.")]
        return [
            _(
                "In the class that differs most, the sensitive values are at a distance of {t} from those of the whole "
                "table (0: as in the table, 1: as far as can be)."
            ).format(t=display.number(self.t)),
            _("The further away, the more somebody learns about a person by finding their class alone."),
            _("Small classes stray far by chance; t alone does not tell chance from disclosure."),
        ]


def t_closeness(
    data: Any,
    roles: Roles | None = None,
    *,
    distance: Distance | Mapping[str, Distance] = "equal",
    others: str = "ignored",
) -> TCloseness:
    """Largest distance between the sensitive values of a class and those of the whole table.

    t = 0: finding a person's class teaches nothing about their sensitive value. t near 1: it teaches nearly all.

    Parameters
    ----------
    data : data frame or FrequencyTable
        Records, or counts over the quasi-identifiers and the sensitive columns.
    roles : Roles, optional
        Names the quasi-identifiers and the sensitive columns. Default: those of the table.
    distance : {"equal", "ordered"}, Hierarchy, or mapping of column to one of these, default "equal"
        All values equally far; as far as their ranks differ; as far as the height of the lowest common ancestor.
    others : {"ignored", "known"}, default "ignored"
        Whether the other sensitive columns join the quasi-identifiers.

    Returns
    -------
    TCloseness
        ``t`` (0 to 1), the largest over the sensitive columns; ``by_column``.

    Raises
    ------
    RoleError
        No sensitive column is named, or the mapping lacks one.
    FrameError
        A hierarchy does not cover a value.

    Notes
    -----
    Earth mover's distance, Li, Li and Venkatasubramanian (2007), doi:10.1109/ICDE.2007.367856, sections 4.1 to 4.3.
    Equal: half the sum of abs(q - p). Ordered: sum of abs(cumulative q - p) / (m - 1) over the m values that occur,
    in rising order (text by code point, ordered categories by their order); 0 when m = 1. Hierarchical: at a
    node of level h below a root of level H, h / H times the smaller of what its children have too much and too
    little. A missing value is a value of its own: last in an order, and a child of the root of a hierarchy.

    Examples
    --------
    >>> import pandas as pd
    >>> salaries = pd.DataFrame({"zip": [1] * 3 + [2] * 6, "pay": [3, 4, 5, 6, 7, 8, 9, 10, 11]})
    >>> roles = Roles(quasi_identifiers=["zip"], sensitive=["pay"])
    >>> round(t_closeness(salaries, roles, distance="ordered").t, 3)
    0.375
    """
    check_choice(others, "others", ("ignored", "known"))
    table = table_of(data, roles, sensitive=True)
    columns = within(table, others=others)
    by_column: dict[str, float] = {}
    words = set()
    for name, column in columns.items():
        chosen = _chosen(distance, name)
        words.add(HIERARCHICAL if isinstance(chosen, Hierarchy) else chosen)
        by_column[name] = largest_distance(column, chosen)
    n = table.n_records
    return TCloseness(
        n_records=n,
        n_classes=min(column.n_classes for column in columns.values()),
        distance=", ".join(sorted(words)),
        t=max(by_column.values()) if n else np.nan,
        by_column=by_column,
        engine=table.engine,
        undefined={} if n else {"t": EMPTY},
    )


def _chosen(distance: Distance | Mapping[str, Distance], name: str) -> Distance:
    if isinstance(distance, Mapping):
        if name not in distance:
            raise RoleError(
                _("distance is a mapping without the sensitive column {column!r}; add it.").format(column=name)
            )
        distance = distance[name]
    return distance if isinstance(distance, Hierarchy) else check_choice(distance, "distance", DISTANCES)


def largest_distance(column: Within, distance: Distance) -> float:
    """Return the largest distance of a class from the whole table; NaN where there is no class."""
    if column.is_empty:
        return np.nan
    if distance == "equal" and column.is_large:
        from riskscope.kernels.within import largest_surplus

        return min(1.0, float(largest_surplus(column.keys, column.counts, column.radix, column.p)))
    return float(class_distances(column, distance).max())


def class_distances(column: Within, distance: Distance) -> Numbers:
    """Return the distance of each class from the whole table."""
    if isinstance(distance, Hierarchy):
        return _hierarchical(column, distance)
    return _ordered(column) if distance == "ordered" else _equal(column)


def _equal(column: Within) -> Numbers:
    """Half the sum of abs(q - p): what the shares of a class exceed those of the table, summed."""
    return _bounded(column.sum(np.maximum(column.q - column.p[column.values], 0)))


def _bounded(distances: Numbers) -> Numbers:
    """Return distances without what rounding put beyond 0 and 1."""
    bounded: Numbers = np.clip(distances, 0, 1)
    return bounded


def _value_ranks(column: Within) -> NDArray[np.int64]:
    """Return the rank of each code in the order of the values, a missing one last."""
    levels = column.levels
    base = int(levels.has_missing)
    order = np.arange(levels.n - base) if levels.ordered else np.argsort(levels.values, kind="stable")
    ranks = np.empty(levels.n, np.int64)
    ranks[order + base] = np.arange(len(order))
    if base:
        ranks[0] = levels.n - 1
    return ranks


def _ordered(column: Within) -> Numbers:
    """Sum of abs(cumulative q - cumulative p), divided by m - 1.

    Between two values that a class has, its cumulative q stands still while that of p rises: the sum over such a
    stretch follows from prefix sums, split where p's passes q's.
    """
    m = column.levels.n
    if m < 2:
        return np.zeros(len(column.starts))
    ranked = column.by_rank(_value_ranks(column))
    above = np.cumsum(ranked.p)  # cumulative p at each rank
    above[-1] = 1.0
    prefix = np.concatenate(([0.0], np.cumsum(above)))
    start = ranked.values
    stop = np.append(start[1:], m)
    stop[np.append(ranked.starts[1:], len(start)) - 1] = m
    before = np.cumsum(ranked.counts) - ranked.counts
    within_class = before - before[ranked.starts][ranked.class_of] + ranked.counts
    level = within_class / ranked.class_sizes[ranked.class_of]  # cumulative q from this value on
    crossing = np.clip(np.searchsorted(above, level), start, stop)
    below = level * (crossing - start) - (prefix[crossing] - prefix[start])
    beyond = (prefix[stop] - prefix[crossing]) - level * (stop - crossing)
    total = ranked.sum(below + beyond) + prefix[start[ranked.starts]]
    return _bounded(total / (m - 1))


def _hierarchical(column: Within, hierarchy: Hierarchy) -> Numbers:
    """Sum over the inner nodes of (level / height) times the smaller of surplus and lack among the children."""
    ancestors = _node_numbers(column, hierarchy)  # (height + 1, n_codes)
    height = len(ancestors) - 1
    path_order = np.lexsort(ancestors)
    ranks = np.empty(len(path_order), np.int64)
    ranks[path_order] = np.arange(len(path_order))
    ranked = column.by_rank(ranks)
    ancestors = ancestors[:, path_order]
    p = [np.bincount(nodes, weights=ranked.p) for nodes in ancestors]
    owner, nodes, share = ranked.class_of, ancestors[0][ranked.values], ranked.q
    total = np.zeros(len(column.starts))
    first_leaf = [np.unique(level, return_index=True)[1] for level in ancestors]
    for level in range(1, height + 1):
        parents = ancestors[level][first_leaf[level - 1]][nodes]
        starts = np.flatnonzero(np.concatenate(([True], (owner[1:] != owner[:-1]) | (parents[1:] != parents[:-1]))))
        expected = p[level - 1][nodes]
        surplus = np.add.reduceat(np.maximum(share - expected, 0), starts)
        lack = np.add.reduceat(np.maximum(expected - share, 0), starts)
        known = np.add.reduceat(expected, starts)
        owner, nodes, share = owner[starts], parents[starts], np.add.reduceat(share, starts)
        lack = lack + np.maximum(p[level][nodes] - known, 0)
        total += np.bincount(owner, weights=level / height * np.minimum(surplus, lack), minlength=len(total))
    return _bounded(total)


def _node_numbers(column: Within, hierarchy: Hierarchy) -> NDArray[np.int64]:
    """Return the number of each code's node at each level, the root last, shape (height + 1, n_codes).

    A missing value is a node of its own at every level below the root.
    """
    values = column.levels.to_list()
    rows = []
    for level in range(hierarchy.height + 1):
        names: list[str | None] = [None] if column.levels.has_missing else []
        numbers: dict[str | None, int] = {}
        rows.append([numbers.setdefault(name, len(numbers)) for name in names + hierarchy.level(values, level)])
    if len(set(rows[-1])) > 1:
        root = [0] * column.levels.n
        rows = [*rows, root] if hierarchy.height == 0 else [*rows[:-1], root]
    return np.array(rows, np.int64)
