"""The class-size histogram that the population estimators read, and the arithmetic that they share."""

from __future__ import annotations

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

Numbers = NDArray[np.float64]
#: From here on Stirling's series to 1/x^5 is exact to the last digit.
_LARGE = 100.0


class ClassSizes(NamedTuple):
    """How many classes have each size: the frequency of frequencies."""

    #: Distinct sizes, rising, at least 1 (n_sizes,).
    sizes: NDArray[np.int64]
    #: Classes of each size, at least 1 (n_sizes,).
    n_classes_of_size: NDArray[np.int64]

    @classmethod
    def of(cls, counts: NDArray[np.int64]) -> Self:
        """Return the histogram of class sizes (n_classes,); classes of nobody are left out.

        Examples
        --------
        >>> ClassSizes.of(np.array([1, 2, 1, 0])).n_classes_of_size.tolist()
        [2, 1]
        """
        sizes, n_classes = np.unique(counts[counts > 0], return_counts=True)
        return cls(sizes.astype(np.int64), n_classes.astype(np.int64))

    @property
    def n_records(self) -> int:
        """Records in all classes."""
        return int(self.sizes @ self.n_classes_of_size)

    @property
    def n_classes(self) -> int:
        """Classes of all sizes."""
        return int(self.n_classes_of_size.sum())

    def of_size(self, size: int) -> int:
        """Return how many classes have one size."""
        return int(self.n_classes_of_size[self.sizes == size].sum())


def log_rising(start: ArrayLike, steps: ArrayLike) -> Numbers:
    """Return ln Γ(start + steps) - ln Γ(start), without the cancelling that large numbers bring.

    ``start`` at or below 0 gives minus infinity: the product start (start + 1) … then holds a factor 0.

    Examples
    --------
    >>> float(np.exp(log_rising(3, 2)).round(9)), float(log_rising(0, 2))
    (12.0, -inf)
    """
    from scipy.special import gammaln

    low, step = np.broadcast_arrays(np.asarray(start, np.float64), np.asarray(steps, np.float64))
    possible = low > 0
    low = np.where(possible, low, 1.0)
    high = low + step
    direct = gammaln(np.minimum(low, _LARGE) + step) - gammaln(np.minimum(low, _LARGE))
    large = np.maximum(low, _LARGE)
    above = np.maximum(high, _LARGE)
    series = step * np.log(above) + (large - 0.5) * np.log1p(step / large) - step + _tail(above) - _tail(large)
    return np.where(possible, np.where(low >= _LARGE, series, direct), np.where(step > 0, -np.inf, 0.0))


def _tail(x: Numbers) -> Numbers:
    """Return the terms of Stirling's series that vanish as x grows."""
    square = x * x
    tail: Numbers = (1 / 12 - (1 / 360 - 1 / 1260 / square) / square) / x
    return tail


def chance_missed(sizes: ArrayLike, n_drawn: int, n_people: int) -> Numbers:
    """Return the chance that none of a class is among ``n_drawn`` of ``n_people``, drawn without replacement.

    Examples
    --------
    >>> chance_missed([1, 2], 1, 4).round(9).tolist()
    [0.75, 0.5]
    """
    size = np.asarray(sizes, np.float64)
    chance: Numbers = np.exp(log_rising(n_people - n_drawn - size + 1, size) - log_rising(n_people - size + 1, size))
    return chance


def chance_once(sizes: ArrayLike, n_drawn: int, n_people: int) -> Numbers:
    """Return the chance that exactly one of a class is among ``n_drawn`` of ``n_people``.

    This is size · C(n_people - size, n_drawn - 1) / C(n_people, n_drawn).

    Examples
    --------
    >>> chance_once([1, 2, 4], 8, 20).round(6).tolist()
    [0.4, 0.505263, 0.363261]
    """
    size = np.asarray(sizes, np.float64)
    others = log_rising(n_people - n_drawn - size + 2, size - 1) - log_rising(n_people - size + 1, size - 1)
    chance: Numbers = size * n_drawn / n_people * np.exp(others)
    return chance


def expected_classes(classes: ClassSizes, n_drawn: int) -> float:
    """Return how many classes a sub-sample holds on average over all sub-samples: rarefaction, exactly.

    Hurlbert (1971), Ecology 52, doi:10.2307/1934145.
    """
    missed = chance_missed(classes.sizes, n_drawn, classes.n_records)
    return float(classes.n_classes_of_size @ (1 - missed))
