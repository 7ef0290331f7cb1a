"""One person is a person: no sentence of a measure says "1 people", "1 records" and the like."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

import riskscope as rs
from riskscope.errors import RiskscopeError

#: Tables of a person alone, of one record, of one class.
TABLES = {
    "one record": pd.DataFrame({"sex": ["F"], "age": [30], "illness": ["a"]}),
    "one alone": pd.DataFrame({"sex": ["F", *"MMMM"], "age": [30, 40, 40, 40, 40], "illness": list("aabab")}),
    "all alone": pd.DataFrame({"sex": ["F", "M"], "age": [30, 40], "illness": ["a", "b"]}),
    "one class": pd.DataFrame({"sex": ["F"] * 4, "age": [30] * 4, "illness": list("abab")}),
}
QUASI, ROLES = ["sex", "age"], rs.Roles(quasi_identifiers=["sex", "age"], sensitive=["illness"])
MEASURES: dict[str, Callable[[pd.DataFrame], Any]] = {
    "uniqueness": lambda table: rs.uniqueness(table, QUASI),
    "k_anonymity": lambda table: rs.k_anonymity(table, QUASI),
    "prosecutor": lambda table: rs.reidentification_risk(table, QUASI),
    "l_diversity": lambda table: rs.l_diversity(table, ROLES),
    "k_map": lambda table: rs.k_map(table, QUASI, register=table),
    "k_map of one": lambda table: rs.k_map(table, QUASI, register=table, k=1),
    "population": lambda table: rs.population_uniqueness(table, QUASI, population_size=len(table) + 4),
    "whole population": lambda table: rs.population_uniqueness(table, QUASI, population_size=len(table)),
    "individual": lambda table: rs.individual_risk(table, QUASI),
    "individual, sample": lambda table: rs.individual_risk(table, QUASI, population_size=len(table)),
    "individual, weights": lambda table: rs.individual_risk(
        table.assign(w=1 / len(table)), rs.Roles(quasi_identifiers=QUASI, weight="w")
    ),
    "individual, households": lambda table: rs.individual_risk(
        table.assign(home="h"), rs.Roles(quasi_identifiers=QUASI, household="home")
    ),
    "log-linear": lambda table: rs.log_linear_risk(table, QUASI, population_size=len(table)),
    "special": lambda table: rs.special_uniques(table, QUASI),
    "columns": lambda table: rs.column_risk(table, QUASI),
    "records": lambda table: rs.record_uniqueness(table, QUASI, population_size=len(table) + 1),
}
_WRONG = re.compile(r"\b1 (people|records|persons|classes|columns|households|values|times|rows|combinations)\b")


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("measure", MEASURES)
def test_one_is_said_in_the_singular(measure: str, table: str) -> None:
    said = " ".join(MEASURES[measure](TABLES[table]).sentences())
    assert said
    assert not _WRONG.search(said), said


@pytest.mark.parametrize("measure", [rs.population_uniqueness, rs.individual_risk, rs.record_uniqueness])
def test_a_population_smaller_than_the_one_record_is_refused_in_the_singular(measure: Callable[..., Any]) -> None:
    table = pd.concat([TABLES["one record"]] * 2)
    with pytest.raises(RiskscopeError, match="the table has 2 records"):
        measure(table, QUASI, population_size=1)
    with pytest.raises(RiskscopeError, match="population_size is 0"):
        measure(table.head(1), QUASI, population_size=0)


def test_the_one_person_of_a_class_is_told_with_a_verb_that_fits() -> None:
    said = " ".join(rs.reidentification_risk(TABLES["one alone"], QUASI, threshold=0.5).sentences())
    assert "1 person of 5 (20.0 %) has a risk above" in said
    assert rs.l_diversity(TABLES["one alone"], ROLES).sentences()[1].startswith("1 person of 5 (20.0 %) is in a class")
    assert (
        "1 person of 5 matches fewer than 2"
        in rs.k_map(TABLES["one alone"], QUASI, register=TABLES["one alone"], k=2).sentences()[1]
    )


def test_a_file_of_one_column_without_rows_is_told_in_the_singular(tmp_path: Any) -> None:
    path = tmp_path / "empty.parquet"
    pd.DataFrame({"age": pd.Series([], dtype="int64")}).to_parquet(path, index=False)
    with pytest.raises(RiskscopeError, match="has 0 rows and 1 column"):
        rs.read_table(path)
