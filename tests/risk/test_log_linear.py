"""The log-linear model: the worked example, a population that is known, the twin, and what cannot be fitted."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import riskscope as rs
from naive import log_linear as twin
from riskscope.errors import CellLimitError, RiskscopeError, RoleError
from riskscope.kernels.individual import poisson_risk
from riskscope.risk import log_linear

CLOSE = 1e-12
#: Margins are fitted to a thousandth of a record.
CLOSE_FIT = 1e-3
#: Standard errors that an estimate may lie from the truth, summed over samples: given the model, so that the error of
#: the fit comes on top.
STANDARD_ERRORS = 4

EXAMPLE = pd.DataFrame({"v1": [1, 1, 1, 1, 2, 2, 2, 2], "v2": [1, 1, 2, 2, 1, 2, 2, 3]})


def test_worked_example() -> None:
    """FORMULAS B4: mu 1.5 and .5 for the uniques, tau1 = .234239, tau2 = .737667."""
    risk = rs.log_linear_risk(EXAMPLE, ["v1", "v2"], population_size=32)
    assert risk.tau1 == pytest.approx(math.exp(-4.5) + math.exp(-1.5), rel=CLOSE)
    assert risk.tau2 == pytest.approx(0.737667, abs=5e-7)
    assert risk.population_unique == pytest.approx([0, 0, 0, 0, math.exp(-4.5), 0, 0, math.exp(-1.5)], rel=CLOSE)
    assert (risk.n_unique, risk.n_cells, risk.degrees_of_freedom) == (2, 6, 2)
    mu = np.array([1.5, 1.5, 1.5, 1.5, 2, 2, 2, 2, 0.5, 0.5])[[0, 4, 8]]
    assert risk.fitted_unique == pytest.approx(2 * (mu * np.exp(-mu)).sum(), rel=CLOSE)
    terms = 2 * math.log(2 / 1.5) + 2 * math.log(2 / 2) + math.log(1 / 1.5) + 2 * math.log(2 / 2) + math.log(1 / 0.5)
    assert risk.deviance == pytest.approx(2 * terms, rel=CLOSE)
    assert (risk.convergence, risk.terms) == ("converged", "main effects")


def test_general_classes() -> None:
    """FORMULAS B4: f = 3, v = 1.2: .253247; and the sum over the others, for many f and v."""
    assert poisson_risk(np.array([3.0]), np.array([1.2]))[0] == pytest.approx(0.253247, abs=5e-7)
    sizes, others = (
        each.ravel() for each in np.meshgrid([1.0, 2, 3, 10, 100], [0, 1e-9, 0.01, 1, 5, 20, 40, 100, 600])
    )
    expected = [twin.expected_share(int(f), v) for f, v in zip(sizes, others, strict=True)]
    assert poisson_risk(sizes, others) == pytest.approx(expected, rel=CLOSE)
    assert poisson_risk(np.array([10.0**6]), np.array([1e6]))[0] == pytest.approx(1 / 2e6, rel=1e-5)


@pytest.mark.parametrize("others", [0, 1e-6, 0.3, 0.999, 1, 1.001, 7, 60, 499, 501])
def test_squared_share(others: float) -> None:
    """E[1 / F^2] for F = 1 + Poisson(v), summed term by term."""
    logs = [-others + j * math.log(others) - math.lgamma(j + 1) for j in range(1500)] if others else [0.0]
    expected = sum(math.exp(each) / (1 + j) ** 2 for j, each in enumerate(logs))
    assert log_linear.squared_share(np.array([float(others)]))[0] == pytest.approx(expected, rel=1e-6)


def simulated(seed: int) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """A population of about 30,000 on 3,000 independent-column cells, and a sample of 10 %: records, f and F."""
    rng = np.random.default_rng(seed)
    one, two, three = (rng.normal(0, 0.7, m) for m in (20, 15, 10))
    rate = np.exp(one[:, None, None] + two[:, None] + three)
    population = rng.poisson(30_000 * rate / rate.sum()).ravel()
    sample = rng.binomial(population, 0.1)
    places = np.unravel_index(np.repeat(np.arange(3000), sample), (20, 15, 10))
    return pd.DataFrame(dict(zip("abc", places, strict=True))), sample, population


def test_a_population_that_is_known() -> None:
    """Over 20 samples: true tau1 550, tau2 2,997. With v = (1 - pi) mu, as in sdcMicro, tau1 would be near 2,000."""
    n_samples, off, variance = 20, np.zeros(2), np.zeros(2)
    inside, truth = np.zeros(2), np.zeros(2)
    for seed in range(n_samples):
        records, sample, population = simulated(seed)
        risk = rs.log_linear_risk(records, ["a", "b", "c"], population_size=int(population.sum()))
        of_uniques = population[sample == 1]
        true = np.array([(of_uniques == 1).sum(), (1 / of_uniques).sum()])
        truth += true
        off += np.array([risk.tau1, risk.tau2]) - true
        high, low = np.array([risk.tau1_high, risk.tau2_high]), np.array([risk.tau1_low, risk.tau2_low])
        inside += (low <= true) & (true <= high)
        variance += ((high - [risk.tau1, risk.tau2]) / 1.96) ** 2
    assert (np.abs(off) < STANDARD_ERRORS * np.sqrt(variance)).all()
    assert (np.abs(off) < 0.1 * truth).all()
    assert (inside >= 0.8 * n_samples).all()  # bounds without the error of the fit: below 95 %


def test_expected_reidentifications_of_everybody() -> None:
    """The sum of E[1/F] over all records against that of 1/F, in three samples."""
    for seed in range(3):
        records, sample, population = simulated(seed)
        risk = rs.log_linear_risk(records, ["a", "b", "c"], population_size=int(population.sum()))
        seen = sample > 0
        true = (sample[seen] / population[seen]).sum()
        assert risk.expected_reidentifications == pytest.approx(true, rel=0.05)
        assert risk.risk.sum() == pytest.approx(risk.expected_reidentifications, rel=1e-9)


def test_the_number_of_uniques_shows_which_model_fits() -> None:
    """Columns that hang together: main effects give a hundredth of the true tau1, and too many uniques."""
    rng = np.random.default_rng(0)
    n = 20_000
    one = rng.integers(0, 12, n)
    two, three = (one + rng.geometric(0.4, n)) % 12, (one * 2 + rng.geometric(0.3, n)) % 15
    people = pd.DataFrame({"a": one, "b": two, "c": three})
    drawn = rng.random(n) < 0.1
    sample = people[drawn]
    of_uniques = rs.class_sizes(people, ["a", "b", "c"])[drawn][rs.class_sizes(sample, ["a", "b", "c"]) == 1]
    true = (of_uniques == 1).sum()
    main, right, pairs = (
        rs.log_linear_risk(sample, ["a", "b", "c"], population_size=n, terms=terms)
        for terms in ("main", [("a", "b"), ("a", "c")], "pairs")
    )
    assert main.tau1 < true / 50
    assert main.fitted_unique > 3 * main.n_unique
    assert right.fitted_unique == pytest.approx(right.n_unique, rel=0.1)
    assert right.tau1 > true / 2
    assert pairs.fitted_unique < right.fitted_unique < main.fitted_unique
    assert pairs.deviance < right.deviance < main.deviance
    assert pairs.degrees_of_freedom < right.degrees_of_freedom < main.degrees_of_freedom
    assert "both miss the risk" in main.summary()


PERSON = st.tuples(st.sampled_from(["x", "y", None]), st.integers(0, 2), st.sampled_from(["u", "v"]))
TERMS = [[], [(0, 1)], [(0, 1), (1, 2)], [(0, 1), (0, 2), (1, 2)], [(0, 1, 2)]]


@given(st.lists(PERSON, min_size=1, max_size=25), st.sampled_from(TERMS), st.sampled_from([1, 1.2, 5, 50]))
@settings(max_examples=40)
def test_twin(people: list[tuple[Any, ...]], terms: list[tuple[int, ...]], times: float) -> None:
    frame = pd.DataFrame(people, columns=["a", "b", "c"], index=[3] * len(people))
    size = int(len(people) * times)
    named = [tuple("abc"[at] for at in term) for term in terms]
    ours = rs.log_linear_risk(frame, ["a", "b", "c"], population_size=size, terms=named)
    if ours.convergence != "converged":  # pragma: no cover - zeros that the fit creeps towards
        assert math.isnan(ours.tau1)
        return
    tau1, tau2, everybody = twin.risks(people, terms, size)
    found = (ours.tau1, ours.tau2, ours.expected_reidentifications)
    assert found == pytest.approx((tau1, tau2, everybody), rel=CLOSE_FIT, abs=CLOSE_FIT * times)
    assert 0 <= ours.tau1_low <= ours.tau1 <= ours.tau1_high <= ours.n_unique
    assert ours.tau1 <= ours.tau2 + 1e-12 <= ours.n_unique + 1e-9
    assert ours.degrees_of_freedom >= 0


def test_terms_in_every_form() -> None:
    people = simulated(0)[0]

    def fit(terms: Any) -> Any:
        return rs.log_linear_risk(people, ["a", "b", "c"], population_size=30_000, terms=terms)

    assert fit([]).to_dict() == fit("main").to_dict() == fit(["a", "c"]).to_dict()
    assert fit([("a", "b"), ("c", "a"), ["b", "c"]]).tau1 == pytest.approx(fit("pairs").tau1, rel=CLOSE)
    assert fit([("a", "b"), ("b", "a"), "a"]).terms == "main effects, 'a' × 'b'"
    assert fit("pairs").terms == "main effects and all pairs of columns"
    whole = fit([("a", "b", "c"), ("a", "b")])
    assert (whole.deviance, whole.degrees_of_freedom) == (pytest.approx(0, abs=1e-9), 0)
    assert whole.population_unique.max() == pytest.approx(math.exp(-(30_000 / len(people) - 1)), rel=CLOSE)


def test_blocks_that_no_term_joins_need_no_full_table() -> None:
    """Main effects of 12 columns of 10 values: a million million cells, and an answer."""
    rng = np.random.default_rng(3)
    columns = {f"c{at}": rng.integers(0, 10, 200) for at in range(12)}
    people = pd.DataFrame(columns)
    risk = rs.log_linear_risk(people, list(columns), population_size=2000, terms=[("c0", "c1"), ("c5", "c6")])
    assert risk.n_cells == 10**12
    assert risk.tau1 == pytest.approx(200, abs=1)
    assert math.isnan(risk.fitted_unique)
    assert "both miss the risk" in risk.summary()
    assert "The model expects" not in risk.summary()
    assert risk.undefined == {"fitted_unique": "the possible combinations are too many to add up"}
    with pytest.raises(CellLimitError, match=r"The terms join 'c0', .* have 1,000,000,000,000 combinations; at most"):
        rs.log_linear_risk(people, list(columns), population_size=2000, terms="pairs")


def test_zero_margins() -> None:
    """a = 2 never meets b = 2: the joined model takes that cell for impossible, and says so."""
    people = pd.DataFrame({"a": [1, 1, 1, 2, 2], "b": [1, 2, 2, 1, 1], "c": [1, 1, 2, 1, 2]})
    risk = rs.log_linear_risk(people, ["a", "b", "c"], population_size=50, terms=[("a", "b")])
    assert risk.n_impossible == 2
    assert "2 combinations were taken for impossible" in risk.summary()
    assert rs.log_linear_risk(people, ["a", "b", "c"], population_size=50).n_impossible == 0


def test_levels_that_nobody_has_are_no_cells() -> None:
    people = EXAMPLE.assign(v1=pd.Categorical(EXAMPLE["v1"], categories=[9, 1, 2, 7]))
    assert rs.log_linear_risk(people, ["v1", "v2"], population_size=32).n_cells == 6


def test_the_whole_population() -> None:
    """pi = 1: nobody else there is, and the risk is 1 / f."""
    risk = rs.log_linear_risk(EXAMPLE, ["v1", "v2"], population_size=8)
    assert (risk.tau1, risk.tau2) == (2, 2)
    assert risk.risk == pytest.approx(1 / rs.class_sizes(EXAMPLE, ["v1", "v2"]), rel=CLOSE)


def test_a_larger_population_lowers_the_risk() -> None:
    sizes = (10, 20, 40, 400, 10**6, 10**15)
    found = [rs.log_linear_risk(EXAMPLE, ["v1", "v2"], population_size=size).tau2 for size in sizes]
    assert found == sorted(found, reverse=True)
    assert 0 < found[-1] < 1e-12


def test_a_fit_that_fails_is_undefined(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_linear, "ROUNDS", 2)
    risk = rs.log_linear_risk(simulated(0)[0], ["a", "b", "c"], population_size=30_000, terms="pairs")
    assert (risk.convergence, risk.n_rounds) == ("did not converge", 2)
    for name in ("tau1", "tau1_low", "tau1_high", "tau2", "expected_reidentifications", "fitted_unique", "deviance"):
        assert math.isnan(getattr(risk, name))
        assert risk.undefined[name] == "the fit did not converge"
    assert np.isnan(risk.risk).all()
    assert np.isnan(risk.population_unique).all()
    assert "could not be fitted" in risk.summary()


def test_other_frames_and_a_counted_table_give_the_same() -> None:
    expected = rs.log_linear_risk(EXAMPLE, ["v1", "v2"], population_size=32)
    for frame in (pl.from_pandas(EXAMPLE), pl.from_pandas(EXAMPLE).to_arrow(), EXAMPLE.set_index(np.zeros(8, int))):
        found = rs.log_linear_risk(frame, ["v1", "v2"], population_size=32)
        assert found.to_dict() == expected.to_dict()
        assert found.risk.tolist() == expected.risk.tolist()
    table = rs.count(EXAMPLE, ["v1", "v2"])
    found = rs.log_linear_risk(table, population_size=32)
    assert found.to_dict() == expected.to_dict()
    assert sorted(found.risk) == sorted(expected.risk)


def test_a_weight_is_not_used_and_that_is_said() -> None:
    roles = rs.Roles(quasi_identifiers=["v1", "v2"], weight="w")
    risk = rs.log_linear_risk(EXAMPLE.assign(w=4.0), roles, population_size=32)
    assert "the model does not use" in risk.summary()
    assert "weight" not in rs.log_linear_risk(EXAMPLE, ["v1", "v2"], population_size=32).summary()


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"population_size": 7}, RiskscopeError, "population_size is 7, but the table has 8 records"),
        ({"population_size": 8.5}, RiskscopeError, "population_size is 8.5; it must be a whole number"),
        ({"terms": "all"}, RiskscopeError, "terms is 'all'; it must be one of 'main', 'pairs'"),
        ({"terms": [("v1", "v3")]}, RoleError, "terms not found: 'v3'"),
        ({"terms": [("v1", "v1")]}, RoleError, "terms names 'v1' more than once"),
        ({"terms": [3]}, RoleError, "terms is int; it must be a list of column names"),
    ],
)
def test_options_are_checked(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        rs.log_linear_risk(EXAMPLE, ["v1", "v2"], **{"population_size": 32, **options})


@pytest.mark.parametrize("terms", ["main", "pairs"])
def test_degenerate(terms: str) -> None:
    empty = rs.log_linear_risk(pd.DataFrame({"a": [], "b": []}), ["a", "b"], population_size=9, terms=terms)
    for name in ("tau1", "tau2", "expected_reidentifications", "fitted_unique", "deviance"):
        assert math.isnan(getattr(empty, name))
        assert empty.undefined[name] == "the table has no records"
    assert "no records" in empty.summary()
    assert len(empty.risk) == 0
    for column, n_unique in ((["x"], 1), (["x"] * 4, 0), ([None] * 4, 0)):
        people = pd.DataFrame({"a": column, "b": column})
        risk = rs.log_linear_risk(people, ["a", "b"], population_size=4, terms=terms)
        assert (risk.n_unique, risk.tau1 <= n_unique, risk.degrees_of_freedom) == (n_unique, True, 0)
        assert risk.summary()
    different = pd.DataFrame({"a": range(4), "b": range(4)})
    independent = rs.log_linear_risk(different, ["a", "b"], population_size=8)
    assert independent.tau1 == pytest.approx(4 * math.exp(-0.25), rel=CLOSE)


def test_ways_to_show_it() -> None:
    people = simulated(0)[0]
    risk = rs.log_linear_risk(people, ["a", "b", "c"], population_size=30_000)
    assert json.loads(json.dumps(risk.to_dict(), allow_nan=False))["measure"] == "LogLinearRisk"
    assert "both miss the risk" in risk.summary()
    assert "array" not in repr(risk)
    assert 2 <= len(risk.sentences()) <= 5
    assert (
        "Nobody stands alone" in rs.log_linear_risk(pd.DataFrame({"a": [1, 1, 1]}), ["a"], population_size=9).summary()
    )


def test_tiny_numbers_are_said_to_be_tiny() -> None:
    frame = pd.DataFrame({"a": ["x"] * 9 + ["y"], "b": ["u"] * 10})
    said = rs.log_linear_risk(frame, ["a", "b"], population_size=1000).summary()
    assert "about <0.01 is expected" in said
    assert "e-" not in said.replace("re-", "")
