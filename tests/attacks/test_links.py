"""Linkage: the worked examples, the naive twins, other tools, random releases, time that is up, and words."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naive import linkage as naive
from riskscope.attacks.attack import BETTER, CANNOT_TELL, NO_BETTER
from riskscope.attacks.knowledge import Knowledge
from riskscope.attacks.linking import distances
from riskscope.attacks.linking.distances import Compared, _variance_of_ranks, compared, distances_to, middle_ranks
from riskscope.attacks.linking.links import MOST_ASSIGNED, linkage
from riskscope.errors import FrameError, RiskscopeError, RoleError
from riskscope.hierarchy import Hierarchy

#: Sums of a few shares of a range, in another order.
ROUNDING = 1e-12
#: Sums of a few hundred distances, by another tool.
TOTALS = 1e-9


@pytest.mark.parametrize(
    ("masked", "expected"), [([2, 4, 9], 1.0), ([4, 2, 9], 1 / 3), ([3, 3, 9], 2 / 3), ([1, 5, 9], 1.0)]
)
def test_the_worked_examples(masked: list[int], expected: float) -> None:
    found = linkage(pd.DataFrame({"x": [1, 5, 9]}), pd.DataFrame({"x": masked}), known="x")
    assert found.rate == pytest.approx(expected)
    assert found.baseline_rate == pytest.approx(1 / 3)


CELLS = st.tuples(st.sampled_from([None, 0, 1, 2, 5]), st.sampled_from([None, "a", "b", "c"]))


@settings(max_examples=60)
@given(st.lists(CELLS, min_size=1, max_size=7), st.lists(CELLS, min_size=1, max_size=7), st.data())
def test_credits_are_those_of_the_naive_twin(people: list[Any], records: list[Any], data: st.DataObject) -> None:
    rows = data.draw(st.permutations([*range(len(records)), *([-1] * len(people))]))[: len(people)]
    weights = data.draw(st.sampled_from([(1, 1), (3, 1), (0.5, 2)]))
    columns = ["number", "name"]
    ours = pd.DataFrame(people, columns=columns).astype({"number": "Int64", "name": "string"})
    theirs = pd.DataFrame(records, columns=columns).astype({"number": "Int64", "name": "string"})
    if ours["number"].isna().all():
        return  # a column without any number is not on a scale; it has a test of its own
    found = linkage(ours, theirs, known=columns, truth=np.array(rows), weights=dict(zip(columns, weights, strict=True)))
    expected = naive.credits_of(people, records, rows, weights)
    assert found.hit.tolist() == pytest.approx([np.nan if each is None else each for each in expected], nan_ok=True)
    assert found.tried == sum(row >= 0 for row in rows)
    assert found.n_left == 0
    right = [naive.standing(people, records[row], who, naive.ranges_of(people), weights)
             for who, row in enumerate(rows) if row >= 0]  # fmt: skip
    assert found.n_claims == sum(nearest == 1 for _nearer, _equal, nearest in right)
    assert found.n_right == sum(nearest == 1 and not nearer for nearer, _equal, nearest in right)


@settings(max_examples=60)
@given(st.lists(CELLS, min_size=1, max_size=7), st.data())
def test_exact_fits_are_those_of_the_naive_twin(people: list[Any], data: st.DataObject) -> None:
    groups = {"low": {0, 1}, "high": {2, 5}, "*": None, "1": {1}}
    names = {"a": {"a"}, "{a, c}": {"a", "c"}, "{b, c}": {"b", "c"}, "*": None}
    cells = data.draw(
        st.lists(st.tuples(st.sampled_from(list(groups)), st.sampled_from(list(names))), min_size=1, max_size=6)
    )
    rows = data.draw(st.permutations([*range(len(cells)), *([-1] * len(people))]))[: len(people)]
    ours = pd.DataFrame({
        "number": [None if x is None else str(x) for x, _name in people],
        "name": [name for _x, name in people],
    })  # fmt: skip
    theirs = pd.DataFrame(cells, columns=["number", "name"])
    ladder = Hierarchy({"0": ("0", "low"), "1": ("1", "low"), "2": ("2", "high"), "5": ("5", "high")})
    known = [tuple(None if x is None else x for x in person) for person in people]
    sets = [(groups[x], None if names[y] is None else names[y]) for x, y in cells]
    counts = naive.n_fitting(known, sets)
    found = linkage(
        ours, theirs, known=["number", "name"], truth=np.array(rows), method="exact", hierarchies={"number": ladder}
    )
    for who, row in enumerate(rows):
        if row < 0:
            assert np.isnan(found.hit[who])
            continue
        fits = naive.n_fitting([known[who]], [sets[row]])[0]
        assert found.hit[who] == pytest.approx(fits / counts[row] if counts[row] else 0)
    assert found.n_claims == sum(counts[row] == 1 for row in rows if row >= 0)


def test_generalised_cells_are_as_far_as_the_nearest_value_under_them() -> None:
    people = pd.DataFrame(
        {"age": [20, 29, 30, 41, 60], "born": pd.to_datetime(["2000-01-01", "1990-06-30"] + ["1980-12-31"] * 3)}
    )
    released = pd.DataFrame(
        {"age": ["[20, 30[", "≥ 60", "*", "35", "70-79"], "born": ["1990", "2000", "1980-12", "*", "1970s"]}
    )
    data = compared(people, released, Knowledge(("age",)))
    expected = [[0, 0, 1, 12, 31], [40, 31, 30, 19, 0], [40] * 5, [15, 6, 5, 6, 25], [40, 40, 40, 29, 10]]
    found = distances_to(data, np.arange(5))[:, data.place]
    np.testing.assert_allclose(found, np.array(expected) / 40, atol=ROUNDING)
    data = compared(people, released, Knowledge(("born",)))
    days = (np.datetime64("2000-01-01") - np.datetime64("1980-12-31")).astype(float)
    gap = (np.datetime64("1990-06-30") - np.datetime64("1980-12-31")).astype(float)
    found = distances_to(data, np.arange(5))[:, data.place] * days
    np.testing.assert_allclose(found[0], [days - gap, 0, gap, gap, gap], atol=1e-6)
    np.testing.assert_allclose(found[1], [0, days - gap, days, days, days], atol=1e-6)
    np.testing.assert_allclose(found[2, 2:], 0, atol=1e-6)
    np.testing.assert_allclose(found[3], days, atol=1e-6)
    np.testing.assert_allclose(found[4, 2:], 366, atol=1e-6)  # up to 1979-12-31


def test_what_is_known_less_exactly_is_a_range() -> None:
    people = pd.DataFrame({"age": [20, 30, 60]})
    data = compared(people, pd.DataFrame({"age": [24, 33]}), Knowledge(("age",), {"age": 5}))
    np.testing.assert_allclose(
        distances_to(data, np.arange(2))[:, data.place], [[0, 1 / 40, 31 / 40], [8 / 40, 0, 22 / 40]]
    )
    born = pd.DataFrame({"born": ["1990-02-03", "1991-07-01", "1993-01-01"]})
    found = linkage(born, born, known={"born": "year"})
    assert found.rate == 1
    with pytest.raises(RoleError, match="holds no dates"):
        linkage(pd.DataFrame({"sex": ["F"]}), pd.DataFrame({"sex": ["F"]}), known={"sex": "year"})


def test_missing_values_cost_one() -> None:
    people = pd.DataFrame({"age": [20.0, None, 60.0], "sex": ["F", "M", None]})
    released = pd.DataFrame({"age": [20.0, None, 60.0], "sex": ["F", None, "M"]})
    data = compared(people, released, Knowledge(("age", "sex")))
    expected = [[0, 1, 1], [1, 1, 1], [1, 0.5, 0.5]]
    np.testing.assert_allclose(distances_to(data, np.arange(3))[:, data.place], expected, atol=ROUNDING)


def test_sums_in_another_order_tie() -> None:
    values = [0.1, 0.13, 0.2, 0.37]
    people = pd.DataFrame([values[at:] + values[:at] for at in range(4)] + [[1.0] * 4], columns=list("abcd"))
    released = pd.DataFrame({name: [0.1, 0.9, 0.9, 0.9, 1.0] for name in "abcd"})
    data = compared(people, released, Knowledge(tuple("abcd")))
    assert len(set(distances_to(data, np.array([0]))[0, data.place[:4]])) > 1  # not the same to the last digit
    found = linkage(people, released, known=list("abcd"))
    assert found.hit.tolist() == pytest.approx([1 / 4, 0, 0, 0, 1])
    assert found.ranks[0] == 2.5
    equal = pd.DataFrame({"x": [0.1, 0.3, 0.5]})
    assert linkage(equal, pd.DataFrame({"x": [0.2, 0.4, 0.4]}), known="x").rate == pytest.approx(0.5)


def test_one_to_one_is_the_least_total_and_shares_what_is_alike() -> None:
    rng = np.random.default_rng(3)
    for _seed in range(10):
        people = [(int(x), str(y)) for x, y in zip(rng.integers(0, 30, 5), rng.choice(list("ab"), 5), strict=True)]
        records = [(x + int(rng.integers(-3, 4)), y) for x, y in people]
        ours, theirs = (pd.DataFrame(each, columns=["x", "y"]) for each in (people, records))
        if len(set(people)) < 5 or len(set(records)) < 5:
            continue
        found = linkage(ours, theirs, known=["x", "y"], one_to_one=True, rng=_seed)
        data = compared(ours, theirs, Knowledge(("x", "y")))
        cost = distances_to(data, np.arange(5))[:, data.place]
        least = naive.least_total(people, records, (1, 1))
        best = [
            sum(at == who for at, who in enumerate(order))
            for order in itertools.permutations(range(5))
            if abs(sum(cost[at, who] for at, who in enumerate(order)) - least) < TOTALS
        ]
        assert found.succeeded in best
    alike = linkage(pd.DataFrame({"x": [1, 2, 3, 9]}), pd.DataFrame({"x": [2, 2, 2, 9]}), known="x", one_to_one=True)
    assert alike.hit.tolist() == pytest.approx([1 / 3, 1 / 3, 1 / 3, 1])


def test_one_to_one_does_better_where_near_people_take_each_others_place() -> None:
    people, released = pd.DataFrame({"x": [0, 1, 10]}), pd.DataFrame({"x": [0.9, 2.0, 10.0]})
    assert linkage(people, released, known="x").rate == pytest.approx(2 / 3)
    assert linkage(people, released, known="x", one_to_one=True).rate == 1


def test_the_variance_of_ranks_is_that_of_all_ways_to_give_the_records() -> None:
    rng = np.random.default_rng(4)
    for n_records, n_people in ((5, 5), (3, 6), (1, 4)):
        people = rng.lognormal(0, 2, (1, n_people)).round(1)
        records = rng.lognormal(0, 2, (1, n_records)).round(1)
        data = Compared(
            np.stack([people, people]), np.ones(n_people, np.int64), np.arange(n_people), np.stack([records, records]),
            np.array([[0.01], [1.0]]), 1e-12, (),
        )  # fmt: skip
        ranks = [
            middle_ranks(row, data.counts, data.tolerance).tolist() for row in distances_to(data, np.arange(n_records))
        ]
        found = _variance_of_ranks(data, np.arange(n_records))
        assert found == pytest.approx(naive.variance_of_sum(ranks))


def test_a_sample_of_records_tells_the_variance_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(6)
    people = pd.DataFrame({"x": rng.lognormal(0, 1, 500), "y": rng.integers(0, 3, 500)})
    data = compared(people, people, Knowledge(("x", "y")))
    monkeypatch.setattr(distances, "MOST_SAMPLED", 500)
    everything = _variance_of_ranks(data, np.arange(500))
    monkeypatch.setattr(distances, "MOST_SAMPLED", 100)
    estimates = [_variance_of_ranks(data, rng.permutation(500)) for _draw in range(20)]
    assert np.mean(estimates) == pytest.approx(everything, rel=0.02)


def made_up(rng: np.random.Generator, n: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    people = pd.DataFrame({
        "age": rng.normal(50, 15, n).round(),
        "income": rng.lognormal(0, 1, n),
        "sex": rng.choice(list("FMX"), n, p=[0.8, 0.15, 0.05]),
    })  # fmt: skip
    return people, pd.DataFrame({name: rng.permutation(people[name].to_numpy()) for name in people})


@pytest.mark.parametrize(
    "how",
    [
        {"known": ["age", "income", "sex"]},
        {"known": ["sex"]},
        {"known": {"age": 10, "sex": "exact"}, "method": "exact"},
    ],
)
def test_a_random_release_is_no_better_than_guessing(how: dict[str, Any]) -> None:
    verdicts = []
    for seed in range(100):
        people, released = made_up(np.random.default_rng(seed), 80)
        verdicts.append(linkage(people, released, **how).verdict)
    share = verdicts.count(NO_BETTER) / len(verdicts)
    assert 0.95 - 3 * 0.0218 <= share <= 0.95 + 3 * 0.0218  # three standard errors


def test_a_release_with_a_little_noise_falls_and_so_says() -> None:
    people, _released = made_up(np.random.default_rng(1), 400)
    noisy = people.assign(income=people["income"] * 1.001)
    found = linkage(people, noisy, known=["age", "income", "sex"])
    assert found.verdict == BETTER
    assert found.rate > 0.9
    assert found.sentences()[0].startswith("Of 400 released people, ")
    assert "are found by their nearest record, by somebody who knows 'age', 'income', 'sex'." in found.summary()
    assert "record after record is taken for the same person" in found.summary()
    assert found.undefined["control_rate"] == "a person outside the release has no record there to be found"
    assert found.median_rank == 1


def test_few_found_exactly_are_better_than_guessing() -> None:
    people, released = made_up(np.random.default_rng(2), 500)
    released.iloc[:8] = people.iloc[:8]
    assert linkage(people, released, known=["age", "income", "sex"]).verdict == BETTER


def test_people_in_a_larger_register() -> None:
    people, _released = made_up(np.random.default_rng(3), 300)
    chosen = np.random.default_rng(4).permutation(300)[:100]
    rows = np.full(300, -1)
    rows[chosen] = np.arange(100)
    found = linkage(people, people.iloc[chosen], known=["age", "income", "sex"], truth=rows)
    assert (found.tried, found.coverage, found.succeeded) == (100, 1.0, 100.0)
    assert np.isnan(found.hit[rows < 0]).all()
    assert found.baseline_rate == pytest.approx(1 / 300)


def test_when_nobody_says_who_is_who() -> None:
    people, released = pd.DataFrame({"age": [30, 30, 40, 50]}), pd.DataFrame({"age": [30, "[40, 60[", 90]})
    with pytest.raises(RiskscopeError, match="4 people and 3 released records, and nobody said"):
        linkage(people, released, known="age")
    found = linkage(people, released, known="age", method="exact")
    assert (found.verdict, found.tried, found.succeeded) == (CANNOT_TELL, 2, 1.0)
    assert found.hit.tolist() == [0.25, 0.25, 0.25, 0.25]
    assert found.coverage == pytest.approx(2 / 3)
    assert "would be linked" in found.sentences()[0]
    assert "cannot be told: nobody said which record" in found.summary()


def test_the_time_is_up_and_the_rest_is_done_later(monkeypatch: pytest.MonkeyPatch) -> None:
    people, released = made_up(np.random.default_rng(5), 300)
    released["income"] = people["income"]
    monkeypatch.setattr("riskscope.attacks.linking.links.BATCH", 50)
    clock = itertools.count()
    monkeypatch.setattr("riskscope.attacks.linking.links.time.monotonic", lambda: float(next(clock)))
    told: list[tuple[str, int, int]] = []
    how: dict[str, Any] = {"known": ["age", "income", "sex"], "progress": lambda *step: told.append(step)}
    part = linkage(people, released, budget_seconds=3, **how)
    assert (part.tried, part.n_left, part.coverage) == (100, 200, pytest.approx(1 / 3))
    assert "The time was up before 200 more were attacked" in part.summary()
    assert [(done, n) for _text, done, n in told] == [(50, 300), (100, 300)]
    rest = linkage(people, released, resume=part, **how)
    whole = linkage(people, released, known=["age", "income", "sex"])
    assert rest.n_left == 0
    assert rest.hit.tolist() == whole.hit.tolist()
    nobody = linkage(people, released, budget_seconds=0, **how)
    assert (nobody.tried, nobody.verdict) == (0, CANNOT_TELL)
    with pytest.raises(FrameError, match="must be of the same tables"):
        linkage(people, released, known="age", resume=part)


def test_tables_of_nobody_and_of_nothing() -> None:
    empty = pd.DataFrame({"age": np.empty(0), "sex": np.empty(0, object)})
    for method in ("distance", "exact"):
        found = linkage(empty, empty, known=["age", "sex"], method=method)
        assert (found.tried, found.verdict) == (0, CANNOT_TELL)
        assert np.isnan(found.rate)
        assert found.summary()
        one = linkage(pd.DataFrame({"age": [3]}), pd.DataFrame({"age": [3]}), known="age", method=method)
        assert (one.succeeded, one.verdict) == (1.0, NO_BETTER)
        people = pd.DataFrame({"age": [30, 40, 50, 60]})
        hidden = linkage(people, pd.DataFrame({"age": ["*"] * 4}), known="age", method=method)
        assert (hidden.rate, hidden.n_claims, hidden.verdict) == (0.25, 0, NO_BETTER)
        assert "whoever names somebody is guessing" in hidden.summary()
    blank = linkage(pd.DataFrame({"age": [None, None]}), pd.DataFrame({"age": [3, 4]}), known="age")
    assert blank.rate == 0.5
    nonsense = linkage(people, pd.DataFrame({"age": ["old", "young", 50, 60]}), known="age")
    assert nonsense.hit.tolist() == [0.25, 0.25, 1, 1]
    assert "2 released values of 'age' are not understood, and count as missing." in nonsense.summary()
    assert "young" not in nonsense.summary() + repr(nonsense) + nonsense._repr_html_()


def test_what_is_refused() -> None:
    people = pd.DataFrame({"age": [30, 40]})
    with pytest.raises(RiskscopeError, match="method is 'near'"):
        linkage(people, people, known="age", method="near")
    with pytest.raises(RoleError, match="weights"):
        linkage(people, people, known="age", weights={"ages": 1})
    with pytest.raises(RiskscopeError, match="weights is 0"):
        linkage(people, people, known="age", weights={"age": 0})
    with pytest.raises(RiskscopeError, match="leave them out of exact fits"):
        linkage(people, people, known="age", method="exact", one_to_one=True)
    many = pd.DataFrame({"age": np.arange(MOST_ASSIGNED + 1)})
    with pytest.raises(RiskscopeError, match="it takes 5000 of each at most"):
        linkage(many, many, known="age", one_to_one=True)


def test_the_inputs_stay_as_they_are(frame_of: Any) -> None:
    columns = {"age": [31, 34, 58, None], "sex": ["F", "M", None, "M"]}
    people, released = frame_of(columns), frame_of({"age": ["30-39", "34", "*", "58"], "sex": ["F", "M", "F", "M"]})
    before = str(people), str(released)
    found = [linkage(people, released, known=["age", "sex"], method=method) for method in ("distance", "exact")]
    assert (str(people), str(released)) == before
    assert [sorted(each.hit) for each in found] == [[0, 0, 1, 1], [0.5, 0.5, 0.5, 1]]


def test_sdcmicro_assigns_the_same(shared: Path) -> None:
    folder = shared / "reference" / "sdcmicro"
    cases = {case["id"]: case for case in json.loads((folder / "reference.json").read_text())["cases"]}
    expected = cases["recordLinkage_sin_CASC300"]["results"]["gower"]
    original = pd.read_csv(folder / "data" / "CASCrefmicrodata.csv").iloc[:300]
    original = original.astype(float)
    at = np.arange(1, 301)
    masked = original.copy()
    for column, name in enumerate(original, 1):
        masked[name] = original[name] + 0.03 * original[name].std() * np.sin(at * column)
    found = linkage(original, masked, known=list(original), one_to_one=True)
    assert found.succeeded == expected["correct_matches"]


def test_the_compiled_path_of_exact_fits_counts_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(8)
    people = pd.DataFrame({"age": rng.integers(20, 60, 200), "town": rng.choice([*"abcd", None], 200)})
    cells = ["{a, c}", "{b, d}", "*", "a", "e", "{a, d}"]
    released = pd.DataFrame({"age": (people["age"] // 10 * 10).map("[{0}, 60[".format), "town": rng.choice(cells, 200)})
    plain = linkage(people, released, known=["age", "town"], method="exact")
    monkeypatch.setattr("riskscope.attacks.fitting.SMALL_WORK", 0)
    compiled = linkage(people, released, known=["age", "town"], method="exact")
    assert compiled.hit.tolist() == plain.hit.tolist()
    lows = (people["age"] // 10 * 10).tolist()
    towns = [None if cell == "*" else set(cell.strip("{}").split(", ")) for cell in released["town"]]
    counts = naive.n_fitting(
        [tuple(None if pd.isna(x) else x for x in row) for row in people.itertuples(index=False)],
        [(set(range(low, 60)), town) for low, town in zip(lows, towns, strict=True)],
    )
    found = np.array([1 / n if n else 0 for n in counts])
    right = plain.hit > 0
    np.testing.assert_allclose(plain.hit[right], found[right])
