"""What of a conditional disparity may be shown: which groups, strata, and groups within strata, and how coarsely."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from riskscope.fairness.conditional.words import GroupConditional
from riskscope.fairness.disclosure import shown_cells, shown_groups
from riskscope.fairness.inputs import Whole
from riskscope.fairness.intersections.audit import shown_combinations

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Sums in another order.
ROUNDING = 1e-9
#: How the names of tests begin: these keep one digit where they are rounded.
_TESTS = ("p_", "odds", "cmh", "breslow")
#: Figures that the counts of a group among all give, strata apart: these are never rounded.
_WHOLE_FIGURES = {"selection_rate", "dd", "difference", "difference_low", "difference_high"}


def may_be_shown(
    records: Whole, parts: Whole, min_cell: int
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which groups, strata, and groups within strata, may be shown."""
    if min_cell == 1:
        return tuple(np.ones(shape, bool) for shape in (*((n,) for n in records.shape[:2]), records.shape[:2]))  # type: ignore[return-value]
    groups = shown_combinations(records.sum(axis=1), parts, min_cell)
    strata = shown_groups(records.sum(axis=0), min_cell)
    pairs = groups[:, None] & strata & (records >= min_cell).all(axis=-1)
    while True:  # what is held back in one of the two tables counts as small in the other
        small = np.where(pairs[..., None], records, np.minimum(records, min_cell - 1))
        fewer = pairs & shown_cells(small[..., 0], min_cell) & shown_cells(small[..., 1], min_cell)
        if (fewer == pairs).all():
            return groups, strata, pairs
        pairs = fewer


def rounded(group: GroupConditional, min_cell: int) -> GroupConditional:
    """Return the group with figures that depend on strata too coarse to tell of fewer people than ``min_cell``."""
    unit = _unit(min_cell / group.n_people)
    coarse: dict[str, Any] = {}
    for name, value in asdict(group).items():
        if isinstance(value, float) and name not in _WHOLE_FIGURES and np.isfinite(value):
            step = 10.0 ** np.floor(np.log10(abs(value) or 1)) if name.startswith(_TESTS) else unit
            outward = np.floor if name.endswith("_low") else np.ceil if name.endswith("_high") else np.round
            coarse[name] = float(f"{outward(round(value / step, 9)) * step:.9g}") + 0.0
    return replace(group, coarse=True, **coarse)


def _unit(least: float) -> float:
    """Return the smallest of 1, 2, 5, 10, ... times a power of ten that is not below.

    Examples
    --------
    >>> _unit(0.0031), _unit(0.0196), _unit(0.5)
    (0.005, 0.02, 0.5)
    """
    power = 10.0 ** np.floor(np.log10(least))
    return float(next(step * power for step in (1, 2, 5, 10) if step * power >= least * (1 - ROUNDING)))
