"""Linkage by loops: distances, ranks, assignments and fits, one pair at a time."""

from __future__ import annotations

from itertools import permutations


def distance(person, record, ranges, weights):
    """Gower's distance; ``ranges`` holds None for a column of names; None is a missing value."""
    total = 0.0
    for x, y, width, weight in zip(person, record, ranges, weights, strict=True):
        if x is None or y is None:
            total += weight
        elif width is None or width == 0:
            total += weight * (x != y)
        else:
            total += weight * min(1.0, abs(x - y) / width)
    return total / sum(weights)


def ranges_of(people):
    """The range of each column of numbers, None for a column of names."""
    found = []
    for column in zip(*people, strict=True):
        values = [value for value in column if value is not None]
        is_number = values and all(not isinstance(value, str) for value in values)
        found.append(max(values) - min(values) if is_number else None)
    return found


def standing(people, record, owner, ranges, weights, tolerance=1e-9):
    """People nearer to a record than its owner, as near (the owner too), and nearest of all."""
    each = [distance(person, record, ranges, weights) for person in people]
    own, least = each[owner], min(each)
    return (
        sum(d < own - tolerance for d in each),
        sum(abs(d - own) <= tolerance for d in each),
        sum(d <= least + tolerance for d in each),
    )


def credits_of(people, released, rows, weights):
    """The chance that each person is guessed as the owner of their record; None for people not released."""
    ranges, found = ranges_of(people), []
    for person, row in enumerate(rows):
        if row < 0:
            found.append(None)
            continue
        nearer, equal, _nearest = standing(people, released[row], person, ranges, weights)
        found.append(0.0 if nearer else 1 / equal)
    return found


def least_total(people, released, weights):
    """The least total distance of giving each record one person (as many records as people)."""
    ranges = ranges_of(people)
    return min(
        sum(distance(people[who], record, ranges, weights) for record, who in zip(released, order, strict=True))
        for order in permutations(range(len(people)))
    )


def n_fitting(people, cells):
    """How many people each released record fits; a cell is a set of values, or None for all."""
    return [
        sum(
            all(cell is None or value is None or value in cell for value, cell in zip(person, record, strict=True))
            for person in people
        )
        for record in cells
    ]


def variance_of_sum(ranks):
    """Variance of the sum of ranks over all ways to give the records (rows) to people (columns)."""
    sums = [
        sum(ranks[record][who] for record, who in enumerate(order))
        for order in permutations(range(len(ranks[0])), len(ranks))
    ]
    mean = sum(sums) / len(sums)
    return sum((each - mean) ** 2 for each in sums) / len(sums)
