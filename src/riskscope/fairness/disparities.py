"""How far apart groups are in a metric: which groups are compared, in which direction, and which are left out."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskscope.checks import check_choice
from riskscope.errors import RoleError
from riskscope.fairness.metrics import Told, divided
from riskscope.words import N_, _

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]

BETWEEN, TO_OVERALL, TO_REFERENCE, TO_REST, MEAN_OF_PAIRS = METHODS = (
    "between_groups",
    "to_overall",
    "to_reference",
    "to_rest",
    "mean_of_pairs",
)
DIFFERENCE, RATIO = KINDS = ("difference", "ratio")

#: What is compared with what, in words; {metric} is the label of the metric.
_DEFINITIONS = {
    (DIFFERENCE, BETWEEN): N_("{metric}: highest group less lowest group"),
    (RATIO, BETWEEN): N_("{metric}: lowest group over highest group"),
    (DIFFERENCE, TO_OVERALL): N_("{metric}: largest difference between a group and everybody, its own people included"),
    (RATIO, TO_OVERALL): N_("{metric}: lowest ratio of a group and everybody, the smaller rate over the larger"),
    (DIFFERENCE, TO_REFERENCE): N_("{metric}: group less reference group, where they are furthest apart"),
    (RATIO, TO_REFERENCE): N_("{metric}: group over reference group, where they are furthest apart"),
    (DIFFERENCE, TO_REST): N_("{metric}: group less everybody else together, where they are furthest apart"),
    (RATIO, TO_REST): N_("{metric}: group over everybody else together, where they are furthest apart"),
    (DIFFERENCE, MEAN_OF_PAIRS): N_("{metric}: mean difference, without sign, over all pairs of groups"),
    (RATIO, MEAN_OF_PAIRS): N_("{metric}: mean ratio, smaller over larger, over all pairs of groups"),
}
_TOO_FEW = N_("fewer than two groups have enough people in the denominator")


class Disparity(NamedTuple):
    """How far apart groups are.

    ``groups`` are those compared: the first less (or over) the second; where several metrics are averaged, two for
    each. ``n`` counts the people in their denominators. ``left_out`` are groups that are undefined or too small.
    ``undefined`` says why the value is NaN. ``low``, ``high``: an interval, where there is one.
    """

    name: str
    value: float
    groups: tuple[str, ...]
    n: tuple[int, ...]
    definition: str
    left_out: tuple[str, ...] = ()
    undefined: str = ""
    low: float = np.nan
    high: float = np.nan


def compared(
    rates: Told, kind: str, method: str, *, reference: str | None = None, group: str | None = None
) -> Disparity:
    """Return how far apart groups are in one metric.

    Parameters
    ----------
    rates : Told
        The metric in each group.
    kind : {"difference", "ratio"}
    method : str
        ``"between_groups"``: highest and lowest group. ``"to_overall"``: the group furthest from everybody.
        ``"to_reference"``, ``"to_rest"``: with its sign, the group furthest from the reference group, or from
        everybody else together. ``"mean_of_pairs"``: the mean over all pairs, without sign.
    reference : label of a group
        For ``"to_reference"``.
    group : label of a group, optional
        Compare this one, however small, with its sign.

    Notes
    -----
    Groups that are undefined (0 / 0) or too small to judge are left out of highest, lowest and furthest, and named.
    """
    check_choice(method, "method", METHODS)
    usable = rates.judged & ~np.isnan(rates.rates)
    definition = _(_DEFINITIONS[kind, method]).format(metric=_(rates.metric.label))
    left_out = tuple(label for label, used in zip(rates.labels, usable, strict=True) if not used)
    if method == BETWEEN:
        found = _between(rates, kind, usable)
    elif method == MEAN_OF_PAIRS:
        found = _mean_of_pairs(rates, kind, usable)
    else:
        signed = departures(rates, kind, method, reference)
        found = furthest(signed, kind, rates, usable, group)
        if method == TO_OVERALL and group is None:
            found = _without_sign(found, kind)
    return found._replace(name=f"{rates.metric.name}_{kind}", definition=definition, left_out=left_out)


def not_defined(reason: str) -> Disparity:
    """Return a disparity that is NaN, with the reason."""
    return Disparity("", np.nan, (), (), "", (), reason)


def _between(rates: Told, kind: str, usable: NDArray[np.bool_]) -> Disparity:
    """Return the highest and the lowest group compared."""
    places = np.flatnonzero(usable)
    if len(places) < 2:
        return not_defined(_TOO_FEW)
    ours = rates.rates[places]
    high, low = int(np.argmax(ours)), int(np.argmin(ours))
    if high == low:
        high, low = 0, 1
    if kind == DIFFERENCE:
        pair = (high, low)
        value = 0.0 if ours[high] == ours[low] else float(ours[high] - ours[low])
    else:
        pair = (low, high)
        value = float(divided(ours[low], ours[high])) if np.isfinite(ours[low]) else np.nan
    labels, n = zip(*((rates.labels[places[at]], int(rates.people[places[at]])) for at in pair), strict=True)
    return Disparity("", value, labels, n, "", (), N_("the highest rate is 0 or infinite") if np.isnan(value) else "")


def _mean_of_pairs(rates: Told, kind: str, usable: NDArray[np.bool_]) -> Disparity:
    """Return the mean over all pairs of groups that can be compared."""
    ours = rates.rates[usable]
    one, other = np.triu_indices(len(ours), 1)
    if not len(one):
        return not_defined(_TOO_FEW)
    high, low = np.maximum(ours[one], ours[other]), np.minimum(ours[one], ours[other])
    values = high - low if kind == DIFFERENCE else divided(low, high)
    values = values[~np.isnan(values)]
    labels = tuple(label for label, used in zip(rates.labels, usable, strict=True) if used)
    people = tuple(rates.people[usable].tolist())
    if not len(values):
        return Disparity("", np.nan, labels, people, "", (), N_("all rates are 0"))
    return Disparity("", float(values.mean()), labels, people, "")


class Departures(NamedTuple):
    """How far each group is from what it is compared with, with its sign; NaN for the reference group itself."""

    values: Numbers
    other: str
    other_n: Whole


def departures(rates: Told, kind: str, method: str, reference: str | None = None) -> Departures:
    """Return how far each group is from everybody, from everybody else, or from the reference group."""
    ours, people = rates.rates, rates.people
    n = np.full(len(ours), people.sum())
    if method == TO_OVERALL:
        other, label = np.full(len(ours), rates.overall), _("everybody")
    elif method == TO_REST:
        other = divided(rates.hits.sum() - rates.hits, rates.sizes.sum() - rates.sizes)
        label, n = _("everybody else"), n - people
    else:
        place = place_of(rates.labels, reference, "reference")
        other, label, n = np.full(len(ours), ours[place]), rates.labels[place], np.full(len(ours), people[place])
    with np.errstate(invalid="ignore"):
        values = ours - other if kind == DIFFERENCE else divided(ours, other)
    if method == TO_REFERENCE:
        values[place] = np.nan
    return Departures(values, label, n)


def place_of(labels: tuple[str, ...], wanted: str | None, name: str) -> int:
    """Return the place of a group's label, or raise an error that does not list them."""
    if wanted is None:
        raise RoleError(_("There is no reference group to compare with; name one with reference."))
    if wanted not in labels:
        raise RoleError(
            _("{name} is none of the {n} groups; write it as it stands in the labels of the audit.").format(
                name=name, n=len(labels)
            )
        )
    return labels.index(wanted)


def furthest(
    signed: Departures, kind: str, rates: Told, usable: NDArray[np.bool_], group: str | None = None
) -> Disparity:
    """Return the group that is furthest from what it is compared with, or the group asked for."""
    if group is not None:
        place = place_of(rates.labels, group, "group")
        reason = N_("a rate of the two is undefined") if np.isnan(signed.values[place]) else ""
    else:
        with np.errstate(divide="ignore", invalid="ignore"):
            far = np.abs(signed.values if kind == DIFFERENCE else np.log(signed.values))
        far = np.where(usable & ~np.isnan(signed.values), far, -1)
        below = signed.values < (0 if kind == DIFFERENCE else 1)  # of two groups as far apart, the one that is behind
        place, reason = int(np.lexsort((~below, -np.round(far, 12)))[0]) if len(far) else -1, ""
        if place < 0 or far[place] < 0:
            return not_defined(N_("no group has enough people in the denominator to be compared"))
    pair = (rates.labels[place], signed.other)
    n = (int(rates.people[place]), int(signed.other_n[place]))
    return Disparity("", float(signed.values[place]), pair, n, "", (), reason)


def _without_sign(found: Disparity, kind: str) -> Disparity:
    """Return the comparison turned so that a difference is at least 0, a ratio at most 1."""
    turned = found.value < 0 if kind == DIFFERENCE else found.value > 1
    if not turned:
        return found
    value = -found.value if kind == DIFFERENCE else 1 / found.value
    return found._replace(value=value, groups=found.groups[::-1], n=found.n[::-1])
