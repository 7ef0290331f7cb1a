"""At which cut-offs the people of each group above them may be shown: in steps of people enough."""

from __future__ import annotations

import numpy as np

from riskscope.fairness.score_records import Booleans, Whole


def shown_steps(selected: Whole, everybody: Whole, min_cell: int) -> Booleans:
    """Tell at which steps the people selected of each group may be shown (n_groups, n_steps).

    Parameters
    ----------
    selected : array (n_groups, n_steps, n_parts)
        People selected at each step, rising, by part.
    everybody : array (n_groups, n_parts)
        All people of each group, selected or not.
    min_cell : int
        Between two steps shown of a group, before the first and after the last, there are so many of each part.

    Notes
    -----
    How many of everybody are selected is known at each step. So at a step where one group only, of those with enough
    people, is held back, or several with too few people selected or not, further ones are, those with the fewest
    people first; they wait for a later step.

    Examples
    --------
    >>> shown_steps(np.array([[[5], [12], [15], [30]]]), np.array([[45]]), 10).tolist()
    [[False, True, False, True]]
    """
    seen = np.zeros(selected.shape[:2], bool)
    last = np.zeros_like(everybody)
    sizes = everybody.sum(axis=1)
    large = sizes >= min_cell
    for step in range(selected.shape[1]):
        here = selected[:, step]
        ready = large & ((here - last >= min_cell) & (everybody - here >= min_cell)).all(axis=1)
        while ready.any():
            held = large & ~ready
            inside = here[held].sum(axis=0)
            few = np.minimum(inside, everybody[held].sum(axis=0) - inside) < min_cell
            if not held.any() or (held.sum() > 1 and not few.any()):
                break
            candidates = np.flatnonzero(ready)
            ready[candidates[np.argmin(sizes[candidates])]] = False
        seen[:, step] = ready
        last[ready] = here[ready]
    return seen
