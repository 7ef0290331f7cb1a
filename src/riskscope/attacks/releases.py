"""Composition: what several releases of the same people tell together that each alone does not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from riskscope import display
from riskscope.attacks.attack import INFERENCE, Attack, figures
from riskscope.attacks.knowledge import knowledge_of
from riskscope.checks import check_columns, shown
from riskscope.engines.columns import arrow_columns, as_frame
from riskscope.engines.memory import key_rows
from riskscope.errors import FrameError, RoleError
from riskscope.results import hidden, measured, plain
from riskscope.words import N_, _

if TYPE_CHECKING:
    import pyarrow as pa

Whole = NDArray[np.int64]
Booleans = NDArray[np.bool_]

#: Classes by values held in memory at a time.
BLOCK = 2**26
NOBODY_TWICE = N_("nobody is in two releases")


@dataclass(frozen=True, kw_only=True)
class OneRelease:
    """One release by itself: people, smallest crowd, fewest values of a class, people whose value it gives away."""

    n_people: int
    k: int
    l: int  # noqa: E741
    n_disclosed: int
    m: int


@dataclass(frozen=True, kw_only=True)
class Composition(Attack):
    """What is left of each person's crowd when somebody knows that they are in several releases.

    A success is a person of whom one sensitive value is left when the values of their classes are held against each
    other; what a single release gives away is the baseline. ``people_left`` and ``values_left`` (n_records,) are how
    many people and how many values are left for each person; exact, do not publish them.
    """

    question: ClassVar[str] = N_("What do several releases of the same people tell together?")
    source: ClassVar[str] = (
        "Ganta, Kasiviswanathan and Smith (2008), doi:10.1145/1401890.1401926; Xiao and Tao (2007), "
        "doi:10.1145/1247480.1247556"
    )
    asks: ClassVar[str] = INFERENCE

    n_releases: int = measured(N_("releases"), "count")
    k: int = measured(N_("fewest people left in the crowd (k of the releases together)"), "count")
    l: int = measured(N_("fewest sensitive values left (ℓ of the releases together)"), "count")  # noqa: E741
    n_alone: int = measured(N_("people alone in the crowd that is left"), "count")
    n_changed: int = measured(N_("people whose value changed between releases, or who have none in common"), "count")
    m: int = measured(N_("m-invariance (0: not m-invariant)"), "count")
    n_signatures_changed: int = measured(N_("people whose class has other values in another release"), "count")
    releases: tuple[OneRelease, ...] = hidden()
    sensitive: str = hidden()
    people_left: Whole = hidden()
    values_left: Whole = hidden()

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers, with those of each release."""
        return {**super().to_dict(), "releases": [plain(asdict(each)) for each in self.releases]}

    def sentences(self) -> list[str]:
        """Return what the releases give away together, against one alone, and what else it needs."""
        if not self.tried:
            return [_("Nobody is in two of the releases, so holding them against each other tells nothing more.")]
        said = [
            _(
                "Of {tried} people who are in two releases or more, the sensitive value {column} of {n} is given away "
                "when somebody who knows {known} holds the releases against each other; one release alone gives away "
                "that of {alone}."
            ).format(
                tried=display.count(self.tried),
                column=shown(self.sensitive),
                n=display.count(self.succeeded),
                known=self.known,
                alone=display.count(self.baseline_succeeded),
            ),
            _(
                "A person who stood among at least {k_alone} people in each release stands among as few as {k}; the "
                "fewest values that remain possible are {l} (in each release alone: {l_alone})."
            ).format(
                k_alone=display.count(min(each.k for each in self.releases)),
                k=display.count(self.k),
                l=display.count(self.l),
                l_alone=display.count(min(each.l for each in self.releases)),
            ),
        ]
        if self.m:
            said.append(
                _(
                    "The releases are m-invariant with m = {m}: who follows somebody through them guesses the value "
                    "right at most once in {m} times."
                ).format(m=display.count(self.m))
            )
        else:
            said.append(
                _(
                    "The releases are not m-invariant: some class holds a value twice, or some person's class has "
                    "other values in another release ({n} people)."
                ).format(n=display.count(self.n_signatures_changed))
            )
        if self.n_changed:
            said.append(
                _("For {n} people no value is left: theirs changed in between, which is a trace of its own.").format(
                    n=display.count(self.n_changed)
                )
            )
        return said

    def tables(self) -> list[tuple[str, Sequence[str], Sequence[Sequence[str]]]]:
        """Return each release by itself, and all together."""
        header = [_("release"), _("people"), "k", "ℓ", _("people whose value is given away")]
        rows = [
            [str(at), *(display.count(each) for each in (one.n_people, one.k, one.l, one.n_disclosed))]
            for at, one in enumerate(self.releases, start=1)
        ]
        together = (self.tried, self.k, self.l, self.succeeded)
        rows.append([_("together"), *(display.count(each) for each in together)])
        return [(_("Each release alone, and held against each other"), header, rows)]


def composition(
    releases: Sequence[Any], *, known: str | Iterable[str], sensitive: str, person: str | Sequence[Any]
) -> Composition:
    """Hold two or more releases of the same people against each other (intersection attack).

    Somebody knows a person's class in each release, and that the person is in all of them: what is left are the values
    that stand in every one of these classes, and the people who do. A missing sensitive value may be any value.

    Parameters
    ----------
    releases : two or more data frames
    known : names of columns
        What the attacker knows, in the words of each release: its classes.
    sensitive : name of a column
        What is to be learned.
    person : name of a column, or one array of identifiers a release
        Who is who. For the audit only: the attacker does not need it.

    Returns
    -------
    Composition
        ``k``, ``l``, ``succeeded``, ``m``; ``hit``, ``people_left`` and ``values_left`` by person, in order of first
        appearance.

    Raises
    ------
    FrameError
        Fewer than two releases, or identifiers that do not fit them.
    RoleError
        A person stands twice in a release, or a column is missing.

    References
    ----------
    Ganta, Kasiviswanathan and Smith (2008), Composition attacks and auxiliary information in data privacy, KDD;
    Xiao and Tao (2007), m-invariance, SIGMOD.

    Examples
    --------
    >>> import pandas as pd
    >>> first = pd.DataFrame({"id": [1, 2], "age": ["30-39", "30-39"], "illness": ["flu", "HIV"]})
    >>> second = pd.DataFrame({"id": [1, 3], "age": ["30-34", "30-34"], "illness": ["flu", "asthma"]})
    >>> found = composition([first, second], known="age", sensitive="illness", person="id")
    >>> found.l, found.succeeded, found.k, found.m
    (1, 1.0, 1, 0)
    """
    if isinstance(releases, (str, bytes)) or not isinstance(releases, Sequence) or len(releases) < 2:
        raise FrameError(_("Composition needs a list of two releases or more; validate looks at one."))
    for each in releases:
        knowledge = knowledge_of(known, as_frame(each).columns)
        check_columns([sensitive], as_frame(each).columns, "sensitive")
    persons, n_people = _coded_together(_identifiers(releases, person), _("person"), may_miss=False)
    values, n_values = _coded_together([arrow_columns(each, [sensitive])[0] for each in releases], sensitive)
    classes = [_classes(each, knowledge.columns) for each in releases]
    place = np.full((len(releases), n_people), -1)  # class of each person in each release
    for at, (who, own) in enumerate(zip(persons, classes, strict=True)):
        if len(np.unique(who)) < len(who):
            raise RoleError(
                _("person repeats {n} times in release {at}; keep one record a person.").format(
                    n=len(who) - len(np.unique(who)), at=at + 1
                )
            )
        place[at, who] = own
    held = [_values_of_classes(own, value, n_values) for own, value in zip(classes, values, strict=True)]
    left, alone = _values_left(place, held)
    crowd = _crowds(place)
    several = (place >= 0).sum(axis=0) >= 2
    hit = np.where(several, (left == 1).astype(float), np.nan)
    single = np.where(several, (alone == 1).astype(float), np.nan)
    n_new = int(np.count_nonzero(several & (left == 1) & (alone != 1)))
    found = figures(hit, guess=np.nan_to_num(single), p_value=0.5 ** (n_new + 1) if several.any() else float("nan"))
    if not several.any():
        found["undefined"]["p_value"] = NOBODY_TWICE
    m, changed = _m_invariance(place, held, classes, values)
    return Composition(
        n_records=n_people,
        known=knowledge.words(),
        n_releases=len(releases),
        k=int(crowd[several].min()) if several.any() else 0,
        l=int(left[several & (left > 0)].min()) if (several & (left > 0)).any() else 0,
        n_alone=int(np.count_nonzero(several & (crowd == 1))),
        n_changed=int(np.count_nonzero(several & (left == 0))),
        m=m,
        n_signatures_changed=changed,
        releases=tuple(_one(own, value, has) for own, value, has in zip(classes, values, held, strict=True)),
        sensitive=sensitive,
        people_left=crowd,
        values_left=left,
        **found,
    )


def _identifiers(releases: Sequence[Any], person: str | Sequence[Any]) -> list[Any]:
    import pyarrow as pa

    if isinstance(person, str):
        for each in releases:
            check_columns([person], as_frame(each).columns, "person")
        return [arrow_columns(each, [person])[0] for each in releases]
    arrays = [pa.array(np.asarray(each)) for each in person]
    lengths, wanted = [len(each) for each in arrays], [len(as_frame(each)) for each in releases]
    if lengths != wanted:
        raise FrameError(
            _("person holds arrays of {found} values; the releases have {wanted} records.").format(
                found=", ".join(map(str, lengths)), wanted=", ".join(map(str, wanted))
            )
        )
    return arrays


def _coded_together(arrays: Sequence[pa.Array], name: str, *, may_miss: bool = True) -> tuple[list[Whole], int]:
    """Return one code a value, equal ones alike in all arrays; -1 where missing."""
    import pyarrow as pa

    plain_arrays = []
    for each in arrays:
        array = each.combine_chunks() if isinstance(each, pa.ChunkedArray) else each
        array = array.dictionary_decode() if pa.types.is_dictionary(array.type) else array
        if array.null_count and not may_miss:
            raise RoleError(
                _("{name} is missing in {n} records; each needs to say whose it is.").format(
                    name=name, n=array.null_count
                )
            )
        plain_arrays.append(array)
    if len({str(each.type) for each in plain_arrays}) > 1:
        plain_arrays = [each.cast(pa.large_string()) for each in plain_arrays]
    coded = pa.concat_arrays(plain_arrays).dictionary_encode()
    codes = np.asarray(coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)).astype(np.int64)
    ends = np.cumsum([len(each) for each in plain_arrays])[:-1]
    return np.split(codes, ends), len(coded.dictionary)


def _classes(release: Any, columns: tuple[str, ...]) -> Whole:
    return np.asarray(np.unique(key_rows(release, columns).keys, return_inverse=True)[1]).astype(np.int64)


def _values_of_classes(classes: Whole, values: Whole, n_values: int) -> Booleans:
    """Return which values stand in which class; a missing one may be any."""
    held = np.zeros((int(classes.max(initial=-1)) + 1, n_values), bool)
    there = values >= 0
    held[classes[there], values[there]] = True
    held[classes[~there]] = True
    return held


def _values_left(place: Whole, held: Sequence[Booleans]) -> tuple[Whole, Whole]:
    """Return how many values are left to each person in all releases together, and in the one that tells most."""
    n_people, n_values = place.shape[1], held[0].shape[1]
    left, alone = np.zeros(n_people, np.int64), np.full(n_people, n_values)
    step = max(1, BLOCK // max(1, n_values))
    for low in range(0, n_people, step):
        part = slice(low, low + step)
        possible = np.ones((len(left[part]), n_values), bool)
        for at, has in enumerate(held):
            present = place[at, part] >= 0
            own = has[place[at, part][present]]
            possible[present] &= own
            alone[part][present] = np.minimum(alone[part][present], own.sum(axis=1))
        left[part] = possible.sum(axis=1)
    return left, alone


def _crowds(place: Whole) -> Whole:
    """Return among how many people each person stands who are in their class in every release that they are in."""
    crowd = np.zeros(place.shape[1], np.int64)
    patterns, pattern = np.unique(place >= 0, axis=1, return_inverse=True)
    for at in range(patterns.shape[1]):
        releases, own = np.flatnonzero(patterns[:, at]), np.flatnonzero(pattern.ravel() == at)
        there = np.flatnonzero((place[releases] >= 0).all(axis=0))  # also people who are in further releases
        classes = place[np.ix_(releases, there)]
        _keys, inverse, counts = np.unique(classes, axis=1, return_inverse=True, return_counts=True)
        crowd[own] = counts[inverse.ravel()[np.searchsorted(there, own)]]
    return crowd


def _m_invariance(
    place: Whole, held: Sequence[Booleans], classes: Sequence[Whole], values: Sequence[Whole]
) -> tuple[int, int]:
    """Return the largest m (0 where there is none), and how many people's classes have other values elsewhere."""
    least = min(_m_of(own, value) for own, value in zip(classes, values, strict=True))
    changed = np.zeros(place.shape[1], bool)
    for at in range(1, len(held)):
        for before in range(at):
            both = np.flatnonzero((place[at] >= 0) & (place[before] >= 0))
            pairs, inverse = np.unique(place[[before, at]][:, both], axis=1, return_inverse=True)
            differ = np.array([not np.array_equal(held[before][one], held[at][two]) for one, two in pairs.T], bool)
            changed[both] |= differ[inverse.ravel()]
    n_changed = int(changed.sum())
    return (0 if n_changed else least), n_changed


def _m_of(classes: Whole, values: Whole) -> int:
    """Return the fewest records of a class where no value stands twice in one, else 0."""
    if not len(classes) or (values < 0).any():
        return 0
    pairs = np.unique(np.stack([classes, values]), axis=1)
    return int(np.bincount(classes).min()) if pairs.shape[1] == len(classes) else 0


def _one(classes: Whole, values: Whole, held: Booleans) -> OneRelease:
    sizes, kinds = np.bincount(classes), held.sum(axis=1)
    return OneRelease(
        n_people=len(classes),
        k=int(sizes.min()) if len(sizes) else 0,
        l=int(kinds.min()) if len(kinds) else 0,
        n_disclosed=int(sizes[kinds == 1].sum()),
        m=_m_of(classes, values),
    )
