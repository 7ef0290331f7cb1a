"""The usual disparities under their usual names: each is a choice of metric, of groups compared and of sign."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from riskscope.fairness.disparities import (
    BETWEEN,
    DIFFERENCE,
    RATIO,
    TO_REFERENCE,
    TO_REST,
    Departures,
    Disparity,
    compared,
    departures,
    furthest,
    not_defined,
)
from riskscope.fairness.metrics import Told
from riskscope.words import N_, _


class Choice(NamedTuple):
    """A disparity under its usual name. ``method`` None: to the reference group, or else to everybody else.

    ``metrics`` may name "favourable_rate", the rate of the decision that is good for a person. ``combined`` tells
    how several metrics become one number: the worst of them, their mean, or the mean without signs.
    """

    name: str
    label: str
    kind: str
    metrics: tuple[str, ...]
    method: str | None
    definition: str
    combined: str = "worst"


FAVOURABLE = "favourable_rate"
_ODDS = ("true_positive_rate", "false_positive_rate")

CHOICES = {
    each.name: each
    for each in (
        Choice(
            "demographic_parity_difference",
            N_("demographic parity difference"),
            DIFFERENCE,
            ("selection_rate",),
            BETWEEN,
            N_("selection rate: highest group less lowest group (fairlearn)"),
        ),
        Choice(
            "demographic_parity_ratio",
            N_("demographic parity ratio"),
            RATIO,
            ("selection_rate",),
            BETWEEN,
            N_("selection rate: lowest group over highest group (fairlearn)"),
        ),
        Choice(
            "statistical_parity_difference",
            N_("statistical parity difference"),
            DIFFERENCE,
            (FAVOURABLE,),
            None,
            N_("rate of the favourable decision: group less the other, below 0 where the group gets it less (AIF360)"),
        ),
        Choice(
            "disparate_impact",
            N_("disparate impact"),
            RATIO,
            (FAVOURABLE,),
            None,
            N_("rate of the favourable decision: group over the other, below 1 where the group gets it less (AIF360)"),
        ),
        Choice(
            "four_fifths",
            N_("four-fifths rule (US employee selection, 29 CFR 1607.4 D)"),
            RATIO,
            (FAVOURABLE,),
            BETWEEN,
            N_("rate of the favourable decision: lowest group over highest group"),
        ),
        Choice(
            "equal_opportunity_difference",
            N_("equal opportunity difference"),
            DIFFERENCE,
            ("true_positive_rate",),
            BETWEEN,
            N_("true positive rate: highest group less lowest group (Hardt et al. 2016)"),
        ),
        Choice(
            "equal_opportunity_ratio",
            N_("equal opportunity ratio"),
            RATIO,
            ("true_positive_rate",),
            BETWEEN,
            N_("true positive rate: lowest group over highest group"),
        ),
        Choice(
            "predictive_equality_difference",
            N_("predictive equality difference"),
            DIFFERENCE,
            ("false_positive_rate",),
            BETWEEN,
            N_("false positive rate: highest group less lowest group"),
        ),
        Choice(
            "equalized_odds_difference",
            N_("equalised odds difference, worst case"),
            DIFFERENCE,
            _ODDS,
            BETWEEN,
            N_("the larger of the gaps in true and in false positive rate, highest group less lowest (fairlearn)"),
        ),
        Choice(
            "equalized_odds_ratio",
            N_("equalised odds ratio, worst case"),
            RATIO,
            _ODDS,
            BETWEEN,
            N_("the smaller of the ratios of true and of false positive rates, lowest group over highest (fairlearn)"),
        ),
        Choice(
            "equalized_odds_difference_mean",
            N_("equalised odds difference, mean"),
            DIFFERENCE,
            _ODDS,
            BETWEEN,
            N_("mean of the gaps in true and in false positive rate, highest group less lowest (fairlearn)"),
            "mean",
        ),
        Choice(
            "equalized_odds_ratio_mean",
            N_("equalised odds ratio, mean"),
            RATIO,
            _ODDS,
            BETWEEN,
            N_("mean of the ratios of true and of false positive rates, lowest group over highest (fairlearn)"),
            "mean",
        ),
        Choice(
            "average_odds_difference",
            N_("average odds difference"),
            DIFFERENCE,
            _ODDS,
            None,
            N_("mean of the differences in true and in false positive rate, with their signs (AIF360)"),
            "mean",
        ),
        Choice(
            "average_absolute_odds_difference",
            N_("average absolute odds difference"),
            DIFFERENCE,
            _ODDS,
            None,
            N_("mean of the differences in true and in false positive rate, without their signs (AIF360)"),
            "mean_absolute",
        ),
        Choice(
            "predictive_parity_difference",
            N_("predictive parity difference"),
            DIFFERENCE,
            ("precision",),
            BETWEEN,
            N_("precision: highest group less lowest group (Chouldechova 2017)"),
        ),
        Choice(
            "accuracy_difference",
            N_("accuracy difference"),
            DIFFERENCE,
            ("accuracy",),
            BETWEEN,
            N_("accuracy: highest group less lowest group"),
        ),
        Choice(
            "treatment_equality_ratio",
            N_("treatment equality ratio"),
            RATIO,
            ("false_negatives_per_false_positive",),
            BETWEEN,
            N_("false negatives for each false positive: lowest group over highest group (Berk et al. 2021)"),
        ),
    )
}


def method_of(choice: Choice, reference: str | None) -> str:
    """Return which groups are compared: with a reference group, if there is one, where the choice leaves it open."""
    return choice.method or (TO_REST if reference is None else TO_REFERENCE)


def choice_rates(choice: Choice, rates_of: Callable[[str], Told], favourable: str) -> list[Told]:
    """Return the metrics that are compared."""
    return [rates_of(favourable if name == FAVOURABLE else name) for name in choice.metrics]


def named_disparity(
    choice: Choice,
    rates_of: Callable[[str], Told],
    *,
    favourable: str,
    reference: str | None = None,
    group: str | None = None,
) -> Disparity:
    """Return a disparity under its usual name; ``favourable`` names the rate of the decision that is good."""
    method = method_of(choice, reference)
    rates = choice_rates(choice, rates_of, favourable)
    if len(rates) == 1:
        found = compared(rates[0], choice.kind, method, reference=reference, group=group)
    elif choice.method is None:
        found = _averaged_departure(rates, choice, method, reference=reference, group=group)
    else:
        parts = [compared(each, choice.kind, method, reference=reference) for each in rates]
        found = _combined(parts, choice)
    definition = _(choice.definition)
    if choice.method is None:
        other = _("the other: the reference group") if method == TO_REFERENCE else _("the other: everybody else")
        definition = f"{definition}; {other}"
    return found._replace(name=choice.name, definition=definition)


def _combined(parts: list[Disparity], choice: Choice) -> Disparity:
    """Return one number of the gaps in several metrics: the worst, or the mean."""
    values = np.array([each.value for each in parts])
    left_out = tuple(dict.fromkeys(label for each in parts for label in each.left_out))
    undefined = next((each.undefined for each in parts if each.undefined), "")
    if undefined:
        return not_defined(undefined)._replace(left_out=left_out)
    if choice.combined == "worst":
        worst = parts[int(np.argmax(values) if choice.kind == DIFFERENCE else np.argmin(values))]
        return worst._replace(left_out=left_out)
    groups, n = (tuple(each for part in parts for each in getattr(part, name)) for name in ("groups", "n"))
    return Disparity("", float(values.mean()), groups, n, "", left_out)


def _averaged_departure(
    rates: list[Told], choice: Choice, method: str, *, reference: str | None, group: str | None
) -> Disparity:
    """Return the group whose mean departure over several metrics is the largest, or that of the group asked for."""
    signed = [departures(each, choice.kind, method, reference) for each in rates]
    values = np.array([each.values for each in signed])
    if choice.combined == "mean_absolute":
        values = np.abs(values)
    usable = np.all([each.judged & ~np.isnan(each.rates) for each in rates], axis=0)
    mean = Departures(values.mean(axis=0), signed[0].other, signed[0].other_n)
    found = furthest(mean, choice.kind, rates[0], usable, group)
    left_out = tuple(label for label, used in zip(rates[0].labels, usable, strict=True) if not used)
    if found.groups:
        place = rates[0].labels.index(found.groups[0])
        n = tuple(
            int(each)
            for rate, by in zip(rates, signed, strict=True)
            for each in (rate.people[place], by.other_n[place])
        )
        found = found._replace(groups=found.groups * len(rates), n=n)
    return found._replace(left_out=left_out)
