"""Sample uniqueness and the class-size distribution: in how large a crowd does each person stand?"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from riskscope import display
from riskscope.engines.tables import table_of
from riskscope.results import hidden, measured, new_axes
from riskscope.risk.classes import sizes_of
from riskscope.risk.persons import PersonsResult, about_persons
from riskscope.roles import Roles
from riskscope.words import N_, _, ngettext

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Lowest class size of each band that tables and pictures show.
BANDS = (1, 2, 3, 5, 10, 20, 50, 100)


@dataclass(frozen=True, kw_only=True)
class Uniqueness(PersonsResult):
    """How many records stand alone, and how many stand in classes of each size."""

    question: ClassVar[str] = N_("In how large a crowd does each person stand?")
    source: ClassVar[str] = "Elamir and Skinner (2006), Journal of Official Statistics 22, section 2"

    n_unique: int = measured(N_("people alone in their class (sample uniques)"), "count")
    share_unique: float = measured(N_("share of people alone"), "share")
    n_pairs: int = measured(N_("classes of exactly two people"), "count")
    mean_class_size: float = measured(N_("mean class size"), "number")
    largest: float = measured(N_("largest class"), "count")
    #: Distinct class sizes, rising (n_sizes,).
    sizes: npt.NDArray[np.int64] = hidden()
    #: Number of classes of each size (n_sizes,).
    n_classes_of_size: npt.NDArray[np.int64] = hidden()
    #: Number of people of each size (n_sizes,).
    n_people_of_size: npt.NDArray[np.int64] = hidden()

    def bands(self) -> list[tuple[str, int]]:
        """Return (class sizes in words, number of people) of each band."""
        edges = [*BANDS, np.inf]
        found = []
        for low, high in itertools.pairwise(edges):
            inside = (self.sizes >= low) & (self.sizes < high)
            label = f"{low}" if high == low + 1 else (f"{low} to {int(high) - 1}" if np.isfinite(high) else f"{low}+")
            found.append((label.replace(" to ", "–"), int(self.n_people_of_size[inside].sum())))
        return found

    def sentences(self) -> list[str]:
        """Return what the class sizes mean for the people in the table."""
        if not self.n_records:
            return [_("The table has no records, so uniqueness is undefined.")]
        return [
            self._alone().format(
                of_100=round(100 * self.share_unique),
                unique=display.count(self.n_unique),
                total=display.count(self.n_records),
            ),
            *self.on_persons(),
            _(
                "Alone in this table is not alone in the population: where the table is a sample, somebody outside "
                "it may share the combination."
            ),
        ]

    def _alone(self) -> str:
        """Return the sentence on how many stand alone, in people."""
        if self.n_unique == 0:
            return _("Nobody of {total} people stands alone with their combination of columns.")
        if self.n_unique == self.n_records:
            return ngettext(
                "The one person of the table stands alone with their combination of columns.",
                "Everybody ({total} people) stands alone with their combination of columns.",
                self.n_records,
            )
        if round(100 * self.share_unique) == 0:
            return _("Fewer than 1 of 100 people ({unique} of {total}) stand alone with their combination of columns.")
        if round(100 * self.share_unique) == 100:
            return _("Nearly everybody ({unique} of {total} people) stands alone with their combination of columns.")
        return ngettext(
            "{of_100} of 100 people ({unique} of {total}) stands alone with their combination of columns.",
            "{of_100} of 100 people ({unique} of {total}) stand alone with their combination of columns.",
            round(100 * self.share_unique),
        )

    def tables(self) -> list[tuple[str, Sequence[str], Sequence[Sequence[str]]]]:
        """Return how many people stand in classes of each size."""
        rows = [
            (label, display.count(n), display.share(n / self.n_records if self.n_records else np.nan))
            for label, n in self.bands()
        ]
        return [(_("People by the size of their class"), [_("class size"), _("people"), _("share")], rows)]

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the number of people by the size of their class."""
        axes = new_axes(ax)
        labels, people = zip(*self.bands(), strict=True)
        parts = {
            _("alone"): ("#b3261e", slice(0, 1)),
            _("in a group of 2 to 4"): ("#d98200", slice(1, 3)),
            _("in a group of 5 or more"): ("#1f5fa8", slice(3, None)),
        }
        colours = [colour for colour, bands in parts.values() for _band in labels[bands]]
        bars = axes.bar(labels, people, color=colours)
        drawn = [bars[bands][0] for _colour, bands in parts.values()]
        axes.legend(drawn, list(parts), frameon=False, fontsize=8)
        axes.bar_label(bars, labels=[display.count(n) for n in people], fontsize=8, padding=2)
        axes.yaxis.set_major_formatter(lambda value, _place: display.count(value))
        axes.set_xlabel(_("people who share the combination"))
        axes.set_ylabel(_("people"))
        axes.set_title(_("In how large a crowd does each person stand?"), loc="left")
        axes.spines[["top", "right"]].set_visible(False)
        return axes


def uniqueness(data: Any, roles: Roles | Iterable[str] | None = None, *, known_records: str = "one") -> Uniqueness:
    """Records that stand alone with their quasi-identifiers, and the distribution of class sizes.

    Whoever knows the quasi-identifiers of a person who stands alone, and knows that the person is in the table,
    finds their record. It does not say whether they are alone in the population.

    Parameters
    ----------
    data : data frame or FrequencyTable
        Records, or counts over at least the quasi-identifiers.
    roles : Roles or names of columns, optional
        Names the quasi-identifiers. Default: those of the table.
    known_records : {"one", "all"}, default "one"
        Where the roles name the person, who may have several records: what is known of a person; see
        ``k_anonymity``.

    Returns
    -------
    Uniqueness
        ``n_unique``, ``share_unique`` (0 to 1), ``n_pairs`` (classes of two), ``mean_class_size``, ``largest``;
        ``sizes`` and ``n_classes_of_size``, the frequency of frequencies; ``n_people_of_size``. Where the roles name
        the person, people are persons, alone with at least one of their records (known: one) or with all of them
        together (known: all); the classes are then the combinations, or the classes of persons.

    Raises
    ------
    RoleError
        A quasi-identifier is not counted in the table, or not in the data.

    Notes
    -----
    c_s is the number of classes of size s; c_1 the sample uniques; n = sum of s * c_s. A missing value counts as
    a value of its own.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"age": [30, 30, 40, 50]})
    >>> uniqueness(people, ["age"]).n_unique
    2
    """
    table = table_of(data, roles, persons=True)
    counted = about_persons(table, known_records)
    groups = sizes_of(table, known_records=known_records)
    classes_of_size = np.bincount(groups.sizes if groups.is_partition else table.counts)
    sizes = np.flatnonzero(classes_of_size)
    people_of_size = sizes * classes_of_size[sizes]
    if not groups.is_partition:
        people_of_size = np.zeros(len(sizes), np.int64)
        people_of_size[np.searchsorted(sizes, groups.sizes)] = groups.records
    n = table.n_people
    n_unique = int(people_of_size[sizes == 1].sum())
    n_classes = int(classes_of_size.sum())
    reason = N_("the table has no records")
    return Uniqueness(
        **counted,
        n_unique=n_unique,
        share_unique=n_unique / n if n else np.nan,
        n_pairs=int(classes_of_size[2:3].sum()),
        mean_class_size=float(sizes @ classes_of_size[sizes]) / n_classes if n else np.nan,
        largest=int(sizes[-1]) if n else np.nan,
        sizes=sizes,
        n_classes_of_size=classes_of_size[sizes],
        n_people_of_size=people_of_size,
        engine=table.engine,
        undefined={} if n else dict.fromkeys(("share_unique", "mean_class_size", "largest"), reason),
    )
