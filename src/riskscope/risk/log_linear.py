"""The risk of sample uniques from a Poisson log-linear model of the whole table, cells that nobody fills included."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskscope import display
from riskscope.checks import check_choice, check_columns, check_names, quoted, shown
from riskscope.errors import CellLimitError
from riskscope.frequency import FrequencyTable
from riskscope.kernels.individual import poisson_risk
from riskscope.results import Result, hidden, measured
from riskscope.risk.individual_risk import check_population_size, counted, of_records
from riskscope.roles import Roles
from riskscope.words import N_, _, ngettext

Numbers = NDArray[np.float64]

MAIN, PAIRS = N_("main effects"), N_("main effects and all pairs of columns")
FITTED, NOT_FITTED = N_("converged"), N_("did not converge")

#: Cells of columns that the terms join, held in memory at once.
MOST_CELLS = 10_000_000
#: Rounds of proportional fitting, and how many records a fitted margin may be off at the end.
ROUNDS, OFF = 1000, 1e-3


@dataclass(frozen=True, kw_only=True)
class LogLinearRisk(Result):
    """How many sample uniques are unique in the population too, under a log-linear model."""

    question: ClassVar[str] = N_("How many people who stand alone in the table stand alone in the population too?")
    source: ClassVar[str] = "Skinner and Shlomo (2008), Journal of the American Statistical Association 103, 989-1001"

    population_size: int = measured(N_("people in the population"), "count")
    terms: str = measured(N_("model"), "word")
    convergence: str = measured(N_("fit"), "word")
    n_rounds: int = measured(N_("rounds of fitting"), "count")
    n_unique: int = measured(N_("people alone in their class (sample uniques)"), "count")
    tau1: float = measured(N_("of these, expected to be alone in the population (τ1)"), "number")
    tau1_low: float = measured(N_("τ1, lower bound (95 % if the fitted model is right)"), "number")
    tau1_high: float = measured(N_("τ1, upper bound"), "number")
    tau2: float = measured(N_("expected right matches with sample uniques (τ2)"), "number")
    tau2_low: float = measured(N_("τ2, lower bound (95 % if the fitted model is right)"), "number")
    tau2_high: float = measured(N_("τ2, upper bound"), "number")
    expected_reidentifications: float = measured(N_("expected right matches with all records"), "number")
    fitted_unique: float = measured(N_("sample uniques that the model expects"), "number")
    deviance: float = measured(N_("deviance (G²)"), "number")
    degrees_of_freedom: int = measured(N_("degrees of freedom of the deviance"), "count")
    n_cells: int = measured(N_("possible combinations, empty ones included"), "count")
    n_impossible: int = measured(N_("combinations that the model takes for impossible"), "count")
    #: Expected 1 / F of each record (n_records,), in their order; those of a counted table in the order of its cells.
    risk: Numbers = hidden()
    #: Chance that a record is alone in the population (n_records,); 0 for records that share their class.
    population_unique: Numbers = hidden()
    #: Whether the roles name a weight, which the model does not use.
    has_weight: bool = hidden()

    def sentences(self) -> list[str]:
        """Return how many are alone in the population, and how well the model fits."""
        if not self.n_records:
            return [_("The table has no records, so the risk is undefined.")]
        if self.convergence == NOT_FITTED:
            return [_("The model could not be fitted, so the risk is undefined; take fewer terms or coarser columns.")]
        if not self.n_unique:
            return [_("Nobody stands alone in the table, so nobody in it can be alone in the population.")]
        said = [
            ngettext(
                "Of {n} person who stands alone in the table, about {tau1} is expected to stand alone among the "
                "{people} of the population too (between {low} and {high} if the fitted model is right).",
                "Of {n} people who stand alone in the table, about {tau1} are expected to stand alone among the "
                "{people} of the population too (between {low} and {high} if the fitted model is right).",
                self.n_unique,
            ).format(
                n=display.count(self.n_unique),
                tau1=_expected(self.tau1),
                people=ngettext("one person", "{n} people", self.population_size).format(
                    n=display.count(self.population_size)
                ),
                low=_expected(self.tau1_low),
                high=_expected(self.tau1_high),
            ),
            ngettext(
                "Somebody who links each of them to a person who shares their columns is right about {n} time.",
                "Somebody who links each of them to a person who shares their columns is right about {n} times.",
                1 if _expected(self.tau2) == "1" else 2,
            ).format(n=_expected(self.tau2)),
            self._about_fit(),
        ]
        if self.n_impossible:
            said.append(
                ngettext(
                    "{n} combination was taken for impossible, because some of its columns never meet in the table.",
                    "{n} combinations were taken for impossible, because some of their columns never meet in the "
                    "table.",
                    self.n_impossible,
                ).format(n=display.count(self.n_impossible))
            )
        if self.has_weight:
            said.append(
                _("The roles name a weight, which the model does not use: it takes all to be drawn with one chance.")
            )
        return said

    def _about_fit(self) -> str:
        """Return how far the model is from the table, and that too simple and too rich a model both miss the risk."""
        errs = _(
            "Too simple a model (under-fitting) and too rich a one (over-fitting) both miss the risk: compare several."
        )
        if math.isnan(self.fitted_unique):
            return errs
        fitted = _expected(self.fitted_unique)
        found = ngettext(
            "The model expects {fitted} person alone in the table; found: {n}. The further apart the two, the less "
            "the figures can be believed; more expected than found speaks for too simple a model, fewer for too rich a "
            "one.",
            "The model expects {fitted} people alone in the table; found: {n}. The further apart the two, the less "
            "the figures can be believed; more expected than found speaks for too simple a model, fewer for too rich a "
            "one.",
            1 if fitted == "1" else 2,
        ).format(fitted=fitted, n=display.count(self.n_unique))
        return f"{found} {errs}"


def _expected(value: float) -> str:
    """Return an expected number of people; of a tiny one, that it is tiny."""
    return "<" + display.number(0.01) if 0 <= value < 0.01 else display.number(value)


class Fit(NamedTuple):
    """Fitted numbers of records: of the cells that occur, of all cells of each block; and how the fitting went."""

    of_cells: Numbers
    blocks: list[Numbers]
    n_rounds: int
    converged: bool


def log_linear_risk(
    data: Any,
    roles: Roles | Iterable[str] | None = None,
    *,
    population_size: int,
    terms: str | Iterable[str | Sequence[str]] = "main",
) -> LogLinearRisk:
    """Sample uniques that are unique in the population too, from a model that smooths the table.

    Somebody who is alone in the table is at risk when their combination is rare in the population. The model learns
    how rare from the margins of the table: it borrows strength from people who share some of the columns.

    Parameters
    ----------
    data : data frame or FrequencyTable
        A sample of the population, one person a row; every person drawn with the same chance.
    roles : Roles or names of columns, optional
        Names the quasi-identifiers. Default: those of the table. A weight is not used.
    population_size : int
        People in the population.
    terms : "main", "pairs", or list of names or tuples of names, default "main"
        Columns that depend on each other: none; all pairs; or those listed, such as ``[("age", "job")]``. The main
        effect of every quasi-identifier is always in.

    Returns
    -------
    LogLinearRisk
        ``tau1`` (people alone in the population), ``tau2`` (right matches), both with bounds, ``risk`` and
        ``population_unique`` (n_records,), ``n_unique`` against ``fitted_unique``, ``deviance``, ``convergence``.

    Raises
    ------
    CellLimitError
        The columns that the terms join have more than ten million combinations.
    RoleError
        A term names a column that is no quasi-identifier.
    RiskscopeError
        The population is smaller than the table.

    Notes
    -----
    f ~ Poisson(pi lambda) records and F - f ~ Poisson((1 - pi) lambda) others in each cell of the full table, pi =
    n / N, ln lambda linear in the terms; mu = pi lambda is fitted by iterative proportional fitting, and v =
    (1 - pi) mu / pi. For a sample unique P(F = 1) = exp(-v) and E[1/F] = (1 - exp(-v)) / v; tau1 and tau2 are their
    sums. For f records E[1/F] is the integral over (0, 1) of t^(f-1) exp(-v (1-t)). Skinner and Holmes (1998);
    Skinner and Shlomo (2008). The bounds are of the number itself, given the model; they leave out the error of the
    fit and of the choice of terms, so they hold the truth less often than they say. Skinner and Shlomo
    found that under-fitting tends to over-estimate the risk and over-fitting to under-estimate it; that is no law: main
    effects of columns that hang together closely gave a hundredth of the true tau1 in a simulation of ours. Hold
    ``fitted_unique``, the sum of mu exp(-mu) over all cells, against ``n_unique``: it lies above for too simple a
    model, below for too rich a one. sdcMicro's ``modRisk`` does not divide mu by pi, and gives several times the
    risk. Columns that no term joins are independent, so they are fitted apart, however many they are. A missing value
    counts as a value of its own. The deviance of so sparse a table has no chi-square distribution: use it to compare
    models.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"a": [1, 1, 1, 1, 2, 2, 2, 2], "b": [1, 1, 2, 2, 1, 2, 2, 3]})
    >>> answer = log_linear_risk(people, ["a", "b"], population_size=32)
    >>> answer.n_unique, round(answer.tau1, 6), round(answer.tau2, 6)
    (2, 0.234239, 0.737667)
    """
    table, cells = counted(data, roles)
    n = table.n_records
    check_population_size(population_size, n)
    joined = checked_terms(terms, table.columns)
    codes, radices = _used(table)
    n_cells = math.prod(radices)
    fit = fitted(table, codes, radices, joined)
    others = fit.of_cells * ((population_size - n) / max(1, n))  # v = (1 - pi) mu / pi
    alone = table.counts == 1
    known = fit.converged and n > 0
    nothing = np.full(table.n_cells, np.nan)
    risks = poisson_risk(table.counts.astype(np.float64), others) if known else nothing
    unique = np.where(alone, np.exp(-others), 0.0) if known else nothing
    tau1, tau1_low, tau1_high = _sum_with_bounds(unique[alone], unique[alone], known=known)
    tau2, tau2_low, tau2_high = _sum_with_bounds(risks[alone], squared_share(others[alone]), known=known)
    n_parameters = _n_parameters(joined, dict(zip(table.columns, radices, strict=True)))
    return LogLinearRisk(
        n_records=n,
        population_size=population_size,
        terms=_named(terms, joined),
        convergence=FITTED if fit.converged else NOT_FITTED,
        n_rounds=fit.n_rounds,
        n_unique=int(np.count_nonzero(alone)),
        tau1=tau1,
        tau1_low=tau1_low,
        tau1_high=tau1_high,
        tau2=tau2,
        tau2_low=tau2_low,
        tau2_high=tau2_high,
        expected_reidentifications=float((table.counts * risks).sum()) if known else np.nan,
        fitted_unique=_fitted_unique(fit, n) if known and n_cells <= MOST_CELLS else np.nan,
        deviance=_deviance(table.counts, fit.of_cells) if known else np.nan,
        degrees_of_freedom=n_cells - n_parameters if n else 0,
        n_cells=n_cells,
        n_impossible=n_cells - math.prod(int(np.count_nonzero(block)) for block in fit.blocks),
        risk=of_records(risks, table, cells),
        population_unique=of_records(unique, table, cells),
        has_weight=table.roles.weight is not None,
        engine=table.engine,
        undefined=_reasons(n, n_cells, converged=fit.converged),
    )


def checked_terms(terms: str | Iterable[str | Sequence[str]], columns: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the terms as tuples of two columns or more, without those that a larger one holds."""
    if isinstance(terms, str):
        check_choice(terms, "terms", ("main", "pairs"))
        return list(itertools.combinations(columns, 2)) if terms == "pairs" else []
    asked = [check_names(term, "terms") for term in terms]
    check_columns([name for term in asked for name in term], columns, "terms")
    sets = dict.fromkeys(frozenset(term) for term in asked if len(term) > 1)
    largest = [term for term in sets if not any(term < other for other in sets)]
    return [tuple(name for name in columns if name in term) for term in largest]


def fitted(
    table: FrequencyTable, codes: NDArray[np.int64], radices: Sequence[int], joined: Sequence[tuple[str, ...]]
) -> Fit:
    """Return the fit of the model in which the columns of each term depend on each other.

    Blocks of columns that no term joins are independent of each other: each is fitted apart, and the fitted number
    of a cell is the product of the shares of its blocks.
    """
    n = max(1, table.n_records)
    of_cells = np.full(table.n_cells, float(table.n_records))
    blocks, n_rounds, converged = [], 0, True
    for block in _blocks(table.columns, joined):
        places = [table.columns.index(name) for name in block]
        shape = tuple(radices[at] for at in places)
        _check_cells(block, shape)
        numbers = np.ravel_multi_index(tuple(codes[:, places].T), shape)
        counts = np.bincount(numbers, weights=table.counts, minlength=math.prod(shape)).astype(np.float64)
        inside = [tuple(block.index(name) for name in term) for term in joined if set(term) <= set(block)]
        answer, rounds, went_well = fitted_to_margins(counts.reshape(shape), inside or [(0,)])
        blocks.append(answer.ravel())
        of_cells *= blocks[-1][numbers] / n
        n_rounds, converged = max(n_rounds, rounds), converged and went_well
    return Fit(of_cells, blocks, n_rounds, converged)


def fitted_to_margins(counts: Numbers, margins: Sequence[tuple[int, ...]]) -> tuple[Numbers, int, bool]:
    """Return the table that has the margins of ``counts`` and no other structure, the rounds, and whether it converged.

    Iterative proportional fitting: each round multiplies the table until it has each margin in turn.
    """
    others = [tuple(axis for axis in range(counts.ndim) if axis not in margin) for margin in margins]
    wanted = [counts.sum(axis=axes, keepdims=True) for axes in others]
    fit = np.ones(counts.shape)
    for n_rounds in range(1, ROUNDS + 1):
        off = 0.0
        for axes, margin in zip(others, wanted, strict=True):
            has = fit.sum(axis=axes, keepdims=True)
            off = max(off, float(np.abs(has - margin).max(initial=0)))
            fit *= np.divide(margin, has, out=np.zeros_like(margin), where=has > 0)
        if off <= OFF:
            return fit, n_rounds, True
    return fit, ROUNDS, False


def squared_share(others: Numbers) -> Numbers:
    """Return E[1/F^2] for F = 1 + Poisson(v): exp(-v)/v times the integral over (0, v) of (exp(t) - 1)/t."""
    from scipy.special import expi

    few = np.minimum(others, 1.0)
    term, small = np.ones(len(few)), np.ones(len(few))
    for k in range(2, 20):  # the sum of v^(k-1) / (k k!)
        term = term * few / k
        small += term / k
    some = np.clip(others, 1.0, 500.0)
    large = (expi(some) - np.log(some) - np.euler_gamma) * np.exp(-some) / some
    many = np.maximum(others, 500.0)
    share: Numbers = np.where(
        others < 1, small * np.exp(-few), np.where(others < 500, large, (1 + 1 / many + 2 / many**2) / many**2)
    )
    return share


def _sum_with_bounds(chances: Numbers, squares: Numbers, *, known: bool) -> tuple[float, float, float]:
    """Return the expected sum of independent numbers from 0 to 1, given their means and mean squares, with bounds."""
    if not known:
        return np.nan, np.nan, np.nan
    total = float(chances.sum())
    reach = 1.96 * math.sqrt(float(np.maximum(0, squares - chances**2).sum()))
    return total, max(0.0, total - reach), min(float(len(chances)), total + reach)


def _blocks(columns: Sequence[str], joined: Sequence[tuple[str, ...]]) -> list[list[str]]:
    """Return the columns in groups: terms that share a column are in one group."""
    group = {name: {name} for name in columns}
    for term in joined:
        together = set().union(*(group[name] for name in term))
        group.update(dict.fromkeys(together, together))
    distinct = {id(members): members for members in group.values()}.values()
    return [[name for name in columns if name in members] for members in distinct]


def _check_cells(block: Sequence[str], shape: Sequence[int]) -> None:
    if math.prod(shape) > MOST_CELLS:
        raise CellLimitError(
            _(
                "The terms join {columns}, which have {n} combinations; at most {most} are fitted. Leave out terms, so "
                "that fewer columns hang together, or coarsen the columns."
            ).format(columns=quoted(block), n=display.count(math.prod(shape)), most=display.count(MOST_CELLS))
        )


def _used(table: FrequencyTable) -> tuple[NDArray[np.int64], list[int]]:
    """Return the codes of the cells without the levels that no record has, and the number of levels of each column."""
    codes = np.empty(table.codes.shape, np.int64)
    radices = []
    for at in range(len(table.columns)):
        levels, codes[:, at] = np.unique(table.codes[:, at], return_inverse=True)
        radices.append(len(levels))
    return codes, radices


def _n_parameters(joined: Sequence[tuple[str, ...]], radices: dict[str, int]) -> int:
    """Return the free parameters of the model, the constant included."""
    faces = {frozenset([name]) for name in radices}
    for term in joined:
        for size in range(2, len(term) + 1):
            faces.update(frozenset(face) for face in itertools.combinations(term, size))
    return 1 + sum(math.prod(radices[name] - 1 for name in face) for face in faces)


def _named(terms: str | Iterable[str | Sequence[str]], joined: Sequence[tuple[str, ...]]) -> str:
    """Return the model in words."""
    if terms == "pairs":
        return PAIRS
    return ", ".join([MAIN, *(" × ".join(shown(name) for name in term) for term in joined)])


def _fitted_unique(fit: Fit, n: int) -> float:
    """Return the number of sample uniques that the model expects: the sum of mu exp(-mu) over all cells."""
    mu = np.array([float(n)])
    for block in fit.blocks:
        mu = np.multiply.outer(mu, block[block > 0] / n).ravel()
    return float((mu * np.exp(-mu)).sum())


def _deviance(counts: NDArray[np.int64], mu: Numbers) -> float:
    """Return G², twice the sum of f ln(f / mu) over the cells that occur."""
    return float(2 * (counts * np.log(counts / mu)).sum())


def _reasons(n: int, n_cells: int, *, converged: bool) -> dict[str, str]:
    """Return why each undefined number is undefined."""
    estimates = ["tau1", "tau1_low", "tau1_high", "tau2", "tau2_low", "tau2_high"]
    estimates += ["expected_reidentifications", "fitted_unique", "deviance"]
    if n == 0:
        return dict.fromkeys(estimates, N_("the table has no records"))
    if not converged:
        return dict.fromkeys(estimates, N_("the fit did not converge"))
    if n_cells > MOST_CELLS:
        return {"fitted_unique": N_("the possible combinations are too many to add up")}
    return {}
