"""Who fits which record, and what follows, one by one; values are equal, or the released one is "*" and fits all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence

Record = Sequence[Hashable]


def fits(person: Record, record: Record) -> bool:
    """Tell whether a record could be a person's; a value that the person lacks (None) is not known."""
    return all(
        theirs in ("*", None) or own is None or own == theirs for own, theirs in zip(person, record, strict=True)
    )


def singled_out(people: Sequence[Record], records: Sequence[Record], rows: Sequence[int]) -> list[float | None]:
    """Return 1 for a person whom one record fits, which is theirs; None where none fits."""
    found: list[float | None] = []
    for person, row in zip(people, rows, strict=True):
        fitting = [at for at, record in enumerate(records) if fits(person, record)]
        found.append(float(fitting == [row]) if fitting else None)
    return found


def guessed(
    people: Sequence[Record], truths: Sequence[Hashable], records: Sequence[Record], values: Sequence[Hashable]
) -> list[tuple[float, float] | None]:
    """Return for each person the chance that the commonest value that fits is right, and the share of right ones."""
    found: list[tuple[float, float] | None] = []
    for person, truth in zip(people, truths, strict=True):
        held = [v for record, v in zip(records, values, strict=True) if fits(person, record) and v not in ("*", None)]
        if not held or truth is None:
            found.append(None)
            continue
        counts = Counter(held)
        modes = [value for value, n in counts.items() if n == max(counts.values())]
        found.append((sum(value == truth for value in modes) / len(modes), counts[truth] / len(held)))
    return found
