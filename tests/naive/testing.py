"""Groups against the rest, person by person and table by table: every way to deal, in fractions, nothing drawn."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from fractions import Fraction

#: Hits of each group, and its size.
Groups = Sequence[int]


def fisher(hits: int, size: int, n_hit: int, n_all: int) -> Fraction:
    """Two-sided: all tables with these margins that are no likelier."""
    chance = {
        x: Fraction(math.comb(n_hit, x) * math.comb(n_all - n_hit, size - x), math.comb(n_all, size))
        for x in range(max(0, size + n_hit - n_all), min(size, n_hit) + 1)
    }
    return sum((each for each in chance.values() if each <= chance[hits]), Fraction(0))


def fisher_of_each(hits: Groups, sizes: Groups) -> list[Fraction]:
    return [fisher(h, n, sum(hits), sum(sizes)) for h, n in zip(hits, sizes, strict=True)]


def every_table(sizes: Groups, n_hit: int) -> Iterator[tuple[tuple[int, ...], Fraction]]:
    """Hits of each group in every way to deal, with its chance."""
    ways = math.comb(sum(sizes), n_hit)
    for hits in itertools.product(*(range(size + 1) for size in sizes)):
        if sum(hits) == n_hit:
            yield hits, Fraction(math.prod(math.comb(n, h) for n, h in zip(sizes, hits, strict=True)), ways)


def min_p(hits: Groups, sizes: Groups) -> list[Fraction]:
    """For each group, the chance that the smallest p of all groups is at most its own."""
    own, found = fisher_of_each(hits, sizes), [Fraction(0)] * len(sizes)
    for table, chance in every_table(sizes, sum(hits)):
        smallest = min(fisher_of_each(table, sizes))
        found = [each + chance * (smallest <= p) for each, p in zip(found, own, strict=True)]
    return found


def squared_statistics(hits: Sequence[Groups], sizes: Sequence[Groups]) -> list[Fraction]:
    """(sum over strata of observed less expected)² / variance of each group; 0 where there is no variance."""
    found = []
    for group in range(len(sizes[0])):
        off = variance = Fraction(0)
        for own, people in zip(hits, sizes, strict=True):
            n_hit, n_all = sum(own), sum(people)
            if n_all:
                off += own[group] - Fraction(people[group] * n_hit, n_all)
            if n_all > 1:
                variance += Fraction(
                    people[group] * n_hit * (n_all - n_hit) * (n_all - people[group]), n_all**2 * (n_all - 1)
                )
        found.append(off**2 / variance if variance else Fraction(0))
    return found


def max_t(hits: Sequence[Groups], sizes: Sequence[Groups]) -> tuple[list[Fraction], list[Fraction]]:
    """For each group, the chance of a statistic as large as its own: for that group, and for any."""
    own = squared_statistics(hits, sizes)
    alone, any_group = [Fraction(0)] * len(own), [Fraction(0)] * len(own)
    strata = [list(every_table(people, sum(row))) for row, people in zip(hits, sizes, strict=True)]
    for tables in itertools.product(*strata):
        chance = math.prod((each for _table, each in tables), start=Fraction(1))
        drawn = squared_statistics([table for table, _chance in tables], sizes)
        alone = [p + chance * (z >= limit) for p, z, limit in zip(alone, drawn, own, strict=True)]
        any_group = [p + chance * (max(drawn) >= limit) for p, limit in zip(any_group, own, strict=True)]
    return alone, any_group


def effective(hits: Sequence[float], misses: Sequence[float]) -> tuple[float, float]:
    """Effective hits and people, from the weight of each person hit and of each person missed."""
    total = sum(hits) + sum(misses)
    if total == 0:
        return 0.0, 0.0
    rate = sum(hits) / total
    variance = sum(((1 - rate) * w / total) ** 2 for w in hits) + sum((rate * w / total) ** 2 for w in misses)
    kish = total**2 / sum(w * w for w in [*hits, *misses])
    n = rate * (1 - rate) / variance if hits and misses else kish
    return rate * n, n


def effective_people(hits: Sequence[Sequence[float]], misses: Sequence[Sequence[float]]) -> tuple[Groups, Groups]:
    """Whole effective hits and people of each group, the variance of a person's outcome pooled over everybody."""
    everybody_hit, everybody_missed = (list(itertools.chain(*each)) for each in (hits, misses))
    everybody = everybody_hit + everybody_missed
    rate = sum(everybody_hit) / sum(everybody)
    residuals = sum((w * (1 - rate)) ** 2 for w in everybody_hit) + sum((w * rate) ** 2 for w in everybody_missed)
    pooled = residuals / sum(w * w for w in everybody)
    found_hits, found_people = [], []
    for hit, missed in zip(hits, misses, strict=True):
        ours = [*hit, *missed]
        n = sum(ours) ** 2 / sum(w * w for w in ours)
        if everybody_hit and everybody_missed:
            n *= rate * (1 - rate) / pooled
        people = max(1, math.ceil(n - 0.5 - 1e-6))
        seen = sum(hit) / sum(ours) * people
        found_hits.append(math.floor(seen + 1e-6) if seen > rate * people else math.ceil(seen - 1e-6))
        found_people.append(people)
    return found_hits, found_people


def gap(hits: Groups, sizes: Groups) -> float:
    rates = [h / n for h, n in zip(hits, sizes, strict=True) if n]
    return max(rates) - min(rates)
