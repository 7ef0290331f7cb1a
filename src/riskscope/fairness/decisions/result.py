"""What an audit of decisions found: its figures, exact for programs, guarded wherever they are shown."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from riskscope.checks import check_choice
from riskscope.fairness.counts import GroupCounts
from riskscope.fairness.decisions import records, words
from riskscope.fairness.decisions.evidence import MetricTest, pairs_of, wilson_of
from riskscope.fairness.decisions.intervals import compared_with_interval, named_with_interval
from riskscope.fairness.decisions.named import CHOICES
from riskscope.fairness.decisions.tables import tables
from riskscope.fairness.decisions.view import View
from riskscope.fairness.disparities import (
    BETWEEN,
    DIFFERENCE,
    RATIO,
    TO_REFERENCE,
    Disparity,
)
from riskscope.fairness.metrics import METRICS, Told, divided, metric_named, metrics_of, summed, told
from riskscope.results import Result, hidden, measured, plain
from riskscope.words import N_

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from matplotlib.axes import Axes

POSITIVE, OTHER = N_("the positive decision"), N_("the other decision")


@dataclass(frozen=True, kw_only=True)
class DecisionAudit(Result):
    """How far apart groups are in what is decided on them, and in how often the decision is right.

    What is printed, drawn or turned into a dictionary comes from ``view``: groups that fewer than ``min_cell`` people
    would be seen in are held back there, or counted with the largest group. ``counts``, ``by_group``, ``by_stratum``,
    ``tests``, ``metric_tests``, ``pairs()``, ``difference()``, ``ratio()`` and ``disparity()`` are exact, small groups
    included; do not publish them.
    """

    question: ClassVar[str] = N_("Do the decisions fall differently on different groups?")
    source: ClassVar[str] = (
        "Hardt, Price and Srebro (2016), arXiv:1610.02413; Newcombe (1998); Westfall and Young (1993); Holm (1979); "
        "29 CFR 1607.4 D for the four-fifths rule"
    )

    n_groups: int = measured(N_("groups"), "count")
    n_judged: int = measured(N_("groups with people enough to be judged"), "count")
    positive: str = measured(N_("positive decision"), "text")
    favourable: str = measured(N_("decision that is good for a person"), "word")
    n_without_outcome: int | None = measured(N_("records whose outcome is not known"), "count")
    selection_rate: float = measured(N_("selection rate of everybody"), "share")
    highest: str | None = measured(N_("group with the highest selection rate"), "text")
    lowest: str | None = measured(N_("group with the lowest selection rate"), "text")
    gap: float = measured(N_("gap in selection rate (highest less lowest)"), "points")
    gap_low: float = measured(N_("gap, lower end of the interval that holds for all pairs of groups"), "points")
    gap_high: float = measured(N_("gap, upper end of the interval that holds for all pairs of groups"), "points")
    positive_ratio: float = measured(N_("lowest to highest rate of the positive decision"))
    other_ratio: float = measured(N_("lowest to highest rate of the other decision"))
    p_value: float = measured(N_("chance of such differences where there are none (p, corrected)"), "chance")
    p_within_strata: float | None = measured(N_("the same within strata (p)"), "chance")
    margin: float = measured(N_("largest difference of no account (margin)"), "points")
    level: float = measured(N_("level of the intervals"), "share")
    verdict: str = measured(N_("verdict on the selection rate"), "word")
    n_permutations: int = measured(N_("times that people are dealt to groups at random"), "count")
    seed: str = measured(N_("seed"), "text")

    #: Exact counts, small groups included; do not publish.
    counts: GroupCounts = hidden()
    #: The test of each metric, by its name; exact.
    metric_tests: Mapping[str, MetricTest] = hidden()
    #: The counts that all that is shown is computed from, and their tests.
    view: View = hidden()
    shown_tests: Mapping[str, MetricTest] = hidden()
    reference: str | None = hidden()
    min_group: int = hidden()
    min_cell: int = hidden()

    @property
    def labels(self) -> tuple[str, ...]:
        """The groups, in the order of ``by_group``."""
        return self.counts.labels

    @property
    def favourable_metric(self) -> str:
        """The metric that is the rate of the decision that is good for a person."""
        return "selection_rate" if self.favourable == POSITIVE else "non_selection_rate"

    def rates_of(self, metric: str) -> Told:
        """Return a metric in each group as arrays; exact, do not publish."""
        name = metric_named(metric).name
        if name not in self._told:
            self._told[name] = told(self.counts, METRICS[name], min_group=self.min_group)
        return self._told[name]

    @cached_property
    def _told(self) -> dict[str, Told]:
        return {}

    @cached_property
    def overall(self) -> pd.Series[float]:
        """Each metric of everybody, all groups together; exact."""
        import pandas as pd

        return pd.Series(
            {each.name: self.rates_of(each.name).overall for each in metrics_of(self.counts)}, name="overall"
        )

    @cached_property
    def by_group(self) -> pd.DataFrame:
        """Exact figures of each group, small groups included; do not publish.

        One row a group: ``n`` people; of each metric the value, the people in its denominator (``_n``), Wilson's
        interval (``_low``, ``_high``) and, where it is tested, p corrected for groups and metrics (``_p``).
        """
        import pandas as pd

        columns: dict[str, Any] = {"n": self.counts.counts.sum(axis=(1, 2, 3))}
        for metric in metrics_of(self.counts):
            rates = self.rates_of(metric.name)
            columns |= {metric.name: rates.rates, f"{metric.name}_n": rates.people}
            if metric.is_share:
                low, high = wilson_of(rates, level=self.level)
                columns |= {f"{metric.name}_low": low, f"{metric.name}_high": high}
            if metric.name in self.metric_tests:
                columns[f"{metric.name}_p"] = self.metric_tests[metric.name].p_groups
        return pd.DataFrame(columns, index=pd.Index(self.labels, name=", ".join(self.counts.columns)))

    @cached_property
    def by_stratum(self) -> pd.DataFrame:
        """Exact figures of each group within each stratum that has people of it; do not publish."""
        import pandas as pd

        group, stratum = np.nonzero(self.counts.counts.sum(axis=(2, 3)))
        cells = self.counts.counts if self.counts.weights is None else self.counts.weights
        columns: dict[str, Any] = {
            "stratum": [self.counts.strata[at] for at in stratum],
            "group": [self.labels[at] for at in group],
            "n": self.counts.counts.sum(axis=(2, 3))[group, stratum],
        }
        for metric in metrics_of(self.counts):
            rates = divided(summed(cells, metric.hits), summed(cells, metric.among))
            columns[metric.name] = rates[group, stratum]
        return pd.DataFrame(columns).sort_values("stratum", kind="stable", ignore_index=True)

    @cached_property
    def tests(self) -> pd.DataFrame:
        """The test of each metric, one row each; exact, do not publish."""
        import pandas as pd

        rows = []
        for name, test in self.metric_tests.items():
            gap, people = test.gap, self.rates_of(name).people
            ends = [(self.labels[at], int(people[at])) if at >= 0 else (None, 0) for at in (gap.first, gap.last)]
            figures = (test.n_judged, gap.gap, gap.low, gap.high, *ends[0], *ends[1], test.p_any, test.p_corrected)
            rows.append((name, *figures, test.verdict))
        names = ["metric", "n_judged", "gap", "low", "high", "highest", "highest_n", "lowest", "lowest_n", "p"]
        return pd.DataFrame(rows, columns=[*names, "p_corrected", "verdict"]).set_index("metric")

    def pairs(self, metric: str = "selection_rate") -> pd.DataFrame:
        """Return the signed differences of all pairs of judged groups in a metric; exact, do not publish.

        ``low`` and ``high`` hold for the pair alone (Newcombe), ``simultaneous_low`` and ``simultaneous_high`` for all
        pairs at once; ``ratio`` has Katz's interval.
        """
        import pandas as pd

        rates = self._share(metric)
        rows = pairs_of(rates, rates.judged, level=self.level)
        names = ["first", "second", "difference", "low", "high", "simultaneous_low", "simultaneous_high"]
        frame = pd.DataFrame(rows, columns=[*names, "ratio", "ratio_low", "ratio_high"])
        for side, at in (("first", 2), ("second", 4)):
            places = frame[side].to_numpy(np.int64)
            frame[side] = [self.labels[place] for place in places]
            frame.insert(at - 1, f"{side}_n", rates.people[places])
        return frame

    def shortfall(self, metric: str | None = None) -> pd.DataFrame:
        """Return how many decisions would have to change for each group to reach the rate of everybody else.

        Parameters
        ----------
        metric : str, optional
            Default: the rate of the decision that is good for a person.

        Returns
        -------
        data frame
            One row a group, exact: people, rate, rate of everybody else, and ``shortfall`` in people: below 0 where
            the group is ahead. Not rounded.
        """
        import pandas as pd

        rates = self._share(metric or self.favourable_metric)
        rest = divided(rates.hits.sum() - rates.hits, rates.sizes.sum() - rates.sizes)
        columns = {"n": rates.people, "rate": rates.rates, "rate_of_rest": rest}
        columns["shortfall"] = records.shortfall_of(rates)
        return pd.DataFrame(columns, index=pd.Index(self.labels, name=", ".join(self.counts.columns)))

    def _share(self, metric: str) -> Told:
        rates = self.rates_of(metric)
        if not rates.metric.is_share:
            check_choice(metric, "metric", [each.name for each in METRICS.values() if each.is_share])
        return rates

    def difference(
        self, metric: str, *, method: str = BETWEEN, reference: str | None = None, group: str | None = None
    ) -> Disparity:
        """Return how far apart groups are in a metric, with the groups and their people; exact.

        Parameters
        ----------
        metric : str
            Such as ``"selection_rate"`` or ``"false_positive_rate"``.
        method : {"between_groups", "to_overall", "to_reference", "to_rest", "mean_of_pairs"}
            Highest less lowest group; group furthest from everybody; group less the reference group, or less
            everybody else together, with its sign; mean over all pairs.
        reference : label of a group, optional
            Default: the reference of the audit.
        group : label of a group, optional
            Compare this one, with its sign. Default: the one furthest away.
        """
        return self._compared(metric, DIFFERENCE, method, reference, group)

    def ratio(
        self, metric: str, *, method: str = BETWEEN, reference: str | None = None, group: str | None = None
    ) -> Disparity:
        """Return the ratio of groups in a metric; the arguments are those of ``difference``.

        Between groups and to everybody, the smaller rate stands over the larger; else the group over the other.
        """
        return self._compared(metric, RATIO, method, reference, group)

    def _compared(self, metric: str, kind: str, method: str, reference: str | None, group: str | None) -> Disparity:
        return compared_with_interval(
            self.rates_of(metric),
            kind,
            method,
            level=self.level,
            reference=(reference or self.reference) if method == TO_REFERENCE else None,
            group=group,
        )

    def disparity(self, name: str, *, reference: str | None = None, group: str | None = None) -> Disparity:
        """Return a disparity under its usual name, such as ``"disparate_impact"``; exact.

        Signed ones compare ``group`` (default: the one furthest away) with the reference group, where one is named
        here or in the audit, else with everybody else together.
        """
        check_choice(name, "name", CHOICES)
        return named_with_interval(
            CHOICES[name],
            self.rates_of,
            favourable=self.favourable_metric,
            level=self.level,
            reference=reference or self.reference,
            group=group,
        )

    @cached_property
    def disparities(self) -> pd.DataFrame:
        """All disparities under their usual names, with groups and people; exact, do not publish."""
        import pandas as pd

        rows = [self.disparity(name) for name in self.disparity_names]
        return pd.DataFrame(rows, columns=Disparity._fields).set_index("name")

    @property
    def disparity_names(self) -> tuple[str, ...]:
        """The disparities that the counts can tell."""
        names = {each.name for each in metrics_of(self.counts)} | {"favourable_rate"}
        return tuple(name for name, each in CHOICES.items() if names.issuperset(each.metrics))

    def to_metric_frame(self, metrics: Any = None) -> Any:
        """Return a real fairlearn MetricFrame of these decisions; exact, small groups included."""
        from riskscope.fairness.with_fairlearn import metric_frame

        return metric_frame(self, metrics)

    def to_dict(self) -> dict[str, Any]:
        """Return the shown numbers, with those of each group, test and disparity that may be shown."""
        return {
            **super().to_dict(),
            "columns": list(self.counts.columns),
            "groups": plain(records.group_records(self)),
            "tests": plain(records.records_of_tests(self)),
            "disparities": plain(records.disparity_records(self)),
        }

    def sentences(self) -> list[str]:
        """Return what was found, for whom, how sure it is, and what it does not show."""
        return words.sentences(self)

    def tables(self) -> list[tuple[str, Sequence[str], Sequence[Sequence[str]]]]:
        """Return rates by group, tests, disparities by name, pairs, and strata where there are any."""
        return tables(self)

    @property
    def has_picture(self) -> bool:
        """Whether there is a group to draw."""
        return bool(self.view.may_show.any())

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the selection rate of each group with its interval, and true and false positive rates beside it."""
        return words.draw(self, ax)
