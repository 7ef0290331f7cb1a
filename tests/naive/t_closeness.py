"""Earth mover's distance of Li, Li and Venkatasubramanian (2007): closed forms, and moving earth by linear program."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

from naive.groups import shares, sizes, values_by_class

Ground = Callable[[Any, Any], float]


def equal(keys: Sequence[Hashable], values: Sequence[Any]) -> float:
    p = shares(sizes(values))
    return max(
        sum(abs(q.get(value, 0) - p[value]) for value in p) / 2 for q in map(shares, values_by_class(keys, values))
    )


def ordered(keys: Sequence[Hashable], values: Sequence[Any], order: Sequence[Any] | None = None) -> float:
    p = shares(sizes(values))
    rising = [value for value in order if value in p] if order is not None else in_order(p)
    if len(rising) < 2:
        return 0.0
    worst = 0.0
    for q in map(shares, values_by_class(keys, values)):
        running = total = 0.0
        for value in rising:
            running += q.get(value, 0) - p[value]
            total += abs(running)
        worst = max(worst, total / (len(rising) - 1))
    return worst


def in_order(values: Any) -> list[Any]:
    """Values in rising order, a missing one last."""
    return [*sorted(value for value in values if value is not None), *([None] if None in values else [])]


def hierarchical(keys: Sequence[Hashable], values: Sequence[Any], paths: dict[Any, tuple[str, ...]]) -> float:
    """At each inner node of level h: h / H times the smaller of the children's surplus and lack."""
    p = shares(sizes(values))
    height = len(next(iter(paths.values()))) - 1
    worst = 0.0
    for q in map(shares, values_by_class(keys, values)):
        extra = {(0, _node(value, 0, paths)): q.get(value, 0) - p[value] for value in p}
        parent = {(0, _node(value, 0, paths)): value for value in p}
        total = 0.0
        for level in range(1, height + 1):
            children: dict[Any, list[float]] = {}
            above = {}
            for node, value in parent.items():
                up = (level, _node(value, level, paths))
                children.setdefault(up, []).append(extra[node])
                above[up] = value
            for moved in children.values():
                surplus = sum(each for each in moved if each > 0)
                lack = -sum(each for each in moved if each < 0)
                total += level / height * min(surplus, lack)
            extra = {node: sum(moved) for node, moved in children.items()}
            parent = above
        worst = max(worst, total)
    return worst


def _node(value: Any, level: int, paths: dict[Any, tuple[str, ...]]) -> str:
    """A missing value is a child of the root."""
    root_level = len(next(iter(paths.values()))) - 1
    if value is None:
        return "(root)" if level == root_level else "(missing)"
    return "(root)" if level == root_level else paths[value][level]


def ancestor_distance(paths: dict[Any, tuple[str, ...]]) -> Ground:
    """The height of the lowest common ancestor, as a share of the root's."""
    height = len(next(iter(paths.values()))) - 1

    def distance(one: Any, other: Any) -> float:
        if one == other:
            return 0.0
        shared = [level for level in range(height + 1) if _node(one, level, paths) == _node(other, level, paths)]
        return shared[0] / height

    return distance


def by_program(keys: Sequence[Hashable], values: Sequence[Any], distance: Ground) -> float:
    """The least work of moving p onto q, from the definition, as a linear program."""
    from scipy.optimize import linprog

    p = shares(sizes(values))
    known = list(p)
    m = len(known)
    costs = [distance(one, other) for one in known for other in known]
    leaving = [[1 if at // m == i else 0 for at in range(m * m)] for i in range(m)]
    arriving = [[1 if at % m == i else 0 for at in range(m * m)] for i in range(m)]
    worst = 0.0
    for q in map(shares, values_by_class(keys, values)):
        amounts = [p[value] for value in known] + [q.get(value, 0) for value in known]
        answer = linprog(costs, A_eq=leaving + arriving, b_eq=amounts, method="highs")
        worst = max(worst, answer.fun)
    return worst
