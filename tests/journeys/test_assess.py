from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import riskscope as rs
from riskscope.errors import FrameError, RoleError
from riskscope.journeys.identifiers import DirectIdentifiers
from riskscope.risk.column_risk import ColumnRisk
from riskscope.risk.k_anonymity import KAnonymity
from riskscope.risk.k_map import KMap
from riskscope.risk.l_diversity import LDiversity
from riskscope.risk.separation import Separation
from riskscope.risk.special_uniques import SpecialUniques
from riskscope.risk.t_closeness import TCloseness
from riskscope.risk.uniqueness import Uniqueness


def k_of(answer: rs.Assessment) -> KAnonymity:
    found = answer.get(KAnonymity)
    assert found is not None
    return found


def test_it_gives_the_numbers_of_the_single_measures(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    answer = rs.assess(t8, t8_roles, name="t8")
    single = rs.k_anonymity(t8, t8_roles)
    assert (k_of(answer).k, k_of(answer).n_classes, k_of(answer).n_unique) == (
        single.k,
        single.n_classes,
        single.n_unique,
    )
    diversity, closeness = answer.get(LDiversity), answer.get(TCloseness)
    assert diversity is not None
    assert closeness is not None
    assert diversity.l == rs.l_diversity(t8, t8_roles).l
    assert closeness.t == pytest.approx(rs.t_closeness(t8, t8_roles).t)


def test_measures_that_the_roles_do_not_allow_are_left_out(t8: pd.DataFrame, t8_register: pd.DataFrame) -> None:
    answer = rs.assess(t8, ["sex", "age"])
    assert answer.get(LDiversity) is None
    assert answer.get(KMap) is None
    assert rs.assess(t8, ["sex", "age", "reg"], register=t8_register).get(KMap) is not None


def test_proposed_roles_are_said_to_be_a_proposal() -> None:
    people = pd.DataFrame({"sex": list("FFMM"), "age": [30, 30, 40, 41]})
    answer = rs.assess(people)
    assert answer.roles.quasi_identifiers == ("sex", "age")
    assert "proposal" in answer.warning
    assert answer.warning in repr(answer).splitlines()[1]
    assert "The roles are a proposal" in answer._repr_html_()
    assert answer.to_dict()["notes"][0] == answer.warning
    assert rs.assess(people, ["sex"]).warning == ""
    assert answer.to_dict()["roles_proposed"] is True
    assert rs.assess(people, ["sex"]).to_dict()["roles_proposed"] is False


def test_direct_identifiers_are_the_first_line_before_any_k() -> None:
    people = pd.DataFrame({"age": [30, 31, 32, 33], "email": [f"p{n}@example.org" for n in range(4)]})
    for roles in (None, ["age"]):
        answer = rs.assess(people, roles)
        first = answer.lines()[0]
        assert first.value == "1"
        assert first.is_urgent
        assert "'email'" in first.meaning
        assert isinstance(next(iter(answer)), DirectIdentifiers)
        assert answer.summary().startswith("'email' identifies people directly")


@pytest.mark.parametrize("roles", [None, ["age"]])
def test_columns_without_a_part_are_named(roles: list[str] | None) -> None:
    people = pd.DataFrame({"age": [30, 30, 31, 31], "canal": list("abab"), "email": [f"p{n}@x.org" for n in range(4)]})
    [note] = [each for each in rs.assess(people, roles).notes if "No part" in each]
    assert note.startswith("No part is given to: 'canal'. ")
    many = people.assign(**{f"v{at}": [1.5, 2.5, 2.5, 3.5] for at in range(30)})
    assert "and 19 more" in " ".join(rs.assess(many, roles).notes)
    assert not [each for each in rs.assess(people[["age"]], ["age"]).notes if "No part" in each]


def test_free_text_is_a_line_of_the_answer() -> None:
    text = [f"Called on Monday, number {at}: the parcel never came to her house, she says." for at in range(40)]
    answer = rs.assess(pd.DataFrame({"age": [30, 31] * 20, "note": text}), ["age"])
    line = next(each for each in answer.lines() if each.label == "free text")
    assert (line.value, line.is_urgent) == ("1 column", True)
    assert "'note' may hold names" in line.meaning
    assert "read 1 column of free text" in answer.next_step()
    assert not [note for note in answer.notes if "No part" in note]


@pytest.mark.parametrize(
    ("columns", "step"),
    [
        (
            {"sex": list("FFMM"), "age": [1, 2, 3, 4]},
            "4 of 4 people are alone: coarsen 'age' first (without it: 0 alone);",
        ),
        ({"sex": list("FFM")}, "1 person of 3 is alone: coarsen 'sex' first"),
        ({"one": [1, 2], "same": [1, 2]}, "2 of 2 people are alone: coarsen several columns together;"),
        ({"sex": list("FFMM")}, "4 of 4 people are in groups smaller than 5: coarsen a quasi-identifier further;"),
        ({"sex": list("FFFFFF")}, "Before it leaves: these measures name nothing more to do."),
        (
            {"sex": list("FFMM"), "email": ["a@b.fr", "c@d.fr", "e@f.fr", "g@h.fr"]},
            "remove 1 column that names people; 4",
        ),
    ],
)
def test_the_next_step_follows_from_the_figures(columns: dict[str, Any], step: str) -> None:
    people = pd.DataFrame(columns)
    said = rs.assess(people, [name for name in columns if name != "email"]).next_step()
    assert step in said
    assert said.startswith("Before it leaves: ")
    assert "safe" not in said
    assert "anonymous" not in said


def test_the_next_step_sees_groups_that_give_a_value_away() -> None:
    people = pd.DataFrame({"sex": ["F"] * 5 + ["M"] * 6, "illness": ["flu"] * 5 + list("abcdef")})
    answer = rs.assess(people, rs.Roles(quasi_identifiers=["sex"], sensitive=["illness"]))
    assert "the groups of 5 people give a sensitive value away" in answer.next_step()


@pytest.mark.parametrize(
    ("threshold", "words"),
    [
        (0.2, "above 20 % (the threshold), that is in a group smaller than 5, for"),
        (0.3, "above 30 % (the threshold), that is in a group smaller than 4, for"),
        (1.0, "above 100 % (the threshold) for"),
        (0.0, "above 0 % (the threshold) for"),
    ],
)
def test_the_threshold_is_said_with_its_group_size(threshold: float, words: str) -> None:
    lines = rs.assess(pd.DataFrame({"age": [30, 30, 31]}), ["age"], threshold=threshold).lines()
    assert words in next(each.meaning for each in lines if each.label == "people at risk")


def test_t_says_little_where_most_are_alone() -> None:
    def meaning(ages: list[int]) -> str:
        people = pd.DataFrame({"age": ages, "illness": list("abab")})
        lines = rs.assess(people, rs.Roles(quasi_identifiers=["age"], sensitive=["illness"])).lines()
        return next(each.meaning for each in lines if each.label == "furthest class (t)")

    assert "Most classes here are of one person" in meaning([1, 2, 3, 3])
    assert "Most classes" not in meaning([1, 1, 2, 2])
    assert "to 1 (it teaches everything)" in meaning([1, 1, 2, 2])


def test_a_named_column_keeps_what_it_suggests_itself() -> None:
    people = pd.DataFrame({"sex": list("FFMM"), "age": [30, 30, 40, 41], "x": list("abab")})
    roles = rs.Roles(quasi_identifiers=["sex", "x"], protected=["x"])
    why = {column: why for column, _part, why in rs.assess(people, roles).report().roles}
    assert why["sex"].startswith("Named in the roles. Its name suggests sex or gender.")
    assert why["x"] == "Named in the roles. Protected: for comparisons between groups."


def test_without_direct_identifiers_the_first_line_says_so_and_is_not_urgent() -> None:
    first = rs.assess(pd.DataFrame({"age": [30, 30, 31]}), ["age"]).lines()[0]
    assert (first.value, first.is_urgent) == ("0", False)
    assert "not found" in first.meaning


@pytest.mark.parametrize(
    ("ages", "sentence"),
    [
        ([30, 30, 31, 31], "at least 1 other;"),
        ([30, 30, 30], "at least 2 others;"),
        ([30, 30, 31], "The smallest group that shares one combination of these columns is one person"),
    ],
)
def test_the_sentence_on_k_counts_rightly(ages: list[int], sentence: str) -> None:
    assert sentence in rs.assess(pd.DataFrame({"age": ages}), ["age"]).lines()[2].meaning


def test_one_person_is_a_person_and_not_people() -> None:
    lines = {line.label: line for line in rs.assess(pd.DataFrame({"age": [30, 30, 31]}), ["age"]).lines()}
    assert lines["people alone"].value == "1 (33.3 %)"
    assert lines["people alone"].meaning.startswith("1 person of 3 share")
    assert "1 people" not in " ".join(line.meaning for line in lines.values())


def test_the_strongest_column_is_named_with_what_is_left() -> None:
    people = pd.DataFrame({"sex": list("FFMM"), "age": [1, 2, 3, 4]})
    line = next(each for each in rs.assess(people, ["sex", "age"]).lines() if each.label == "column that matters most")
    assert line.value == "'age'"
    assert "Without 'age' nobody would be alone" in line.meaning


def test_no_column_is_blamed_when_none_helps_alone() -> None:
    people = pd.DataFrame({"one": [1, 2, 3], "same": [1, 2, 3]})
    answer = rs.assess(people, ["one", "same"])
    line = next(each for each in answer.lines() if each.label == "column that matters most")
    assert line.value == "none alone"
    assert "3 people are still alone" in line.meaning
    assert "Without" not in answer.summary()


def test_the_summary_has_two_to_four_sentences_and_no_verdict(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    for answer in (rs.assess(t8, t8_roles), rs.assess(t8.assign(email=[f"{n}@x.org" for n in range(8)]), t8_roles)):
        text = answer.summary()
        assert 2 <= text.count(". ") + 1 <= 4
        assert "safe" not in text.casefold()
        assert "anonymous" not in text.casefold()


@pytest.mark.parametrize("verdict", ["safe", "anonymous"])
def test_no_line_or_sentence_gives_a_verdict(t8: pd.DataFrame, t8_roles: rs.Roles, verdict: str) -> None:
    answer = rs.assess(t8, t8_roles)
    said = [line.meaning for line in answer.lines()] + [text for each in answer for text in each.sentences()]
    assert not [text for text in said if verdict in text.casefold().replace("safe harbor", "")]


def test_to_dict_is_strict_json(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    answer = rs.assess(t8, t8_roles)
    found = json.loads(json.dumps(answer.to_dict(), allow_nan=False))
    assert found["roles"]["quasi_identifiers"] == ["sex", "age", "reg"]
    assert [each["measure"] for each in found["results"]] == [type(each).__name__ for each in answer]


def test_to_frame_has_every_shown_number(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    answer = rs.assess(t8, t8_roles)
    frame = answer.to_frame()
    assert list(frame.columns) == ["result", "measure", "value"]
    row = frame[(frame["result"] == "KAnonymity") & (frame["measure"] == "k")]
    assert row["value"].tolist() == [k_of(answer).k]


def test_it_plots_the_crowds(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    import matplotlib.pyplot as plt

    axes = rs.assess(t8, t8_roles).plot()
    heights = [bar.get_height() for bar in axes.patches]
    assert sum(heights) == 8
    plt.close(axes.figure)


def test_repr_is_one_line_for_each_figure(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    answer = rs.assess(t8, t8_roles, name="t8")
    assert repr(answer).splitlines()[0] == "Assessment of 't8'"
    assert len(repr(answer).splitlines()) == 1 + len(answer.lines())


def test_progress_rises_to_its_total(t8: pd.DataFrame, t8_roles: rs.Roles, t8_register: pd.DataFrame) -> None:
    steps: list[tuple[str, int, int]] = []
    rs.assess(t8, t8_roles, register=t8_register, progress=lambda *step: steps.append(step))
    done = [each[1] for each in steps]
    assert done == sorted(done)
    assert steps[-1][1] == steps[-1][2]


def test_the_data_are_not_changed(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    before = t8.copy(deep=True)
    rs.assess(t8, t8_roles).report().html()
    pd.testing.assert_frame_equal(t8, before)


def test_a_column_without_values_is_named_and_changes_nothing() -> None:
    people = pd.DataFrame({"age": [30, 30, 31, 31], "empty": [None] * 4})
    answer = rs.assess(people, ["age", "empty"])
    assert k_of(answer).k == 2
    assert any("'empty' holds no value at all" in note for note in answer.notes)


def test_another_reading_of_missing_values_is_said_and_used() -> None:
    people = pd.DataFrame({"age": [30.0, 30.0, None], "sex": ["F", "F", "F"]})
    answer = rs.assess(people, ["age", "sex"], missing="wildcard")
    assert k_of(answer).k == rs.k_anonymity(people, ["age", "sex"], missing="wildcard").k == 3
    assert any("matches every value" in note for note in answer.notes)
    assert "matches every value" in answer.report().html()


@pytest.mark.parametrize(
    ("data", "roles", "options", "error", "words"),
    [
        (pd.DataFrame({"age": []}), ["age"], {}, FrameError, "0 rows"),
        (pd.DataFrame({"x": [1, 1]}), None, {}, RoleError, "No quasi-identifier is named, or was found among the 1"),
        (pd.DataFrame({"age": [1]}), ["agee"], {}, RoleError, "near: 'age'"),
        (pd.DataFrame({"age": [1]}), rs.Roles(sensitive="age"), {}, RoleError, "--quasi"),
        (pd.DataFrame({"age": [1]}), ["age"], {"missing": "guess"}, ValueError, "'wildcard'"),
        (pd.DataFrame({"age": [1]}), ["age"], {"k": 0}, ValueError, "at least 1"),
        (pd.DataFrame({"age": [1]}), ["age"], {"threshold": 2}, ValueError, "at most 1"),
        ([1, 2], ["age"], {}, FrameError, "list"),
    ],
)
def test_errors_say_what_to_do(data: Any, roles: Any, options: dict[str, Any], error: type, words: str) -> None:
    with pytest.raises(error) as caught:
        rs.assess(data, roles, **options)
    assert words in str(caught.value)


def test_direct_identifiers_come_first_in_the_error_too() -> None:
    people = pd.DataFrame({"email": [f"p{n}@example.org" for n in range(30)]})
    with pytest.raises(RoleError, match=r"^'email' identifies people directly"):
        rs.assess(people)


# The malformed tables that lie beside the checkout, by what NASTY.md asks of each.


def nasty(shared: Path, name: str, roles: Any = None, **options: Any) -> rs.Assessment:
    table = rs.read_table(shared / "nasty" / name, **options)
    return rs.assess(table.data, roles, name=name, notes=table.notes)


@pytest.mark.parametrize(
    ("name", "quasi", "k", "n_unique"),
    [
        ("10_one_column.csv", ["age"], 1, 2),
        ("11_all_null_column.csv", ["age", "sex"], 2, 0),
        ("11_all_null_column.csv", ["age", "sex", "comment", "score"], 2, 0),
        ("17_mixed_int_str.csv", ["code"], 1, 6),
        ("19_huge_integers.csv", ["person_id"], 1, 6),
        ("19_huge_integers.csv", ["account"], 1, 6),
        ("20_leading_zero_postcodes.csv", ["code_postal"], 1, 6),
        ("25_hash_that_looks_like_a_number.csv", ["pseudonym"], 1, 6),
        ("28_html_in_values.csv", ["city"], 1, 16),
        ("32_fine.csv.gz", ["age", "sex", "zip"], 1, 1),
        ("38_categorical_unused_levels.parquet", ["region", "grade", "age"], 3, 0),
        ("43_everybody_equal.csv", ["age", "sex", "zip"], 12, 0),
        ("44_everybody_unique.csv", ["age", "sex", "zip"], 1, 60),
    ],
)
def test_facts_of_nasty_tables(shared: Path, name: str, quasi: list[str], k: int, n_unique: int) -> None:
    answer = nasty(shared, name, quasi)
    assert (k_of(answer).k, k_of(answer).n_unique) == (k, n_unique)
    json.dumps(answer.to_dict(), allow_nan=False)


def test_unused_levels_are_no_classes(shared: Path) -> None:
    answer = nasty(shared, "38_categorical_unused_levels.parquet", ["region", "grade", "age"])
    assert k_of(answer).n_classes == 2


def test_everybody_equal_discloses_the_disease(shared: Path) -> None:
    roles = rs.Roles(quasi_identifiers=["age", "sex", "zip"], sensitive="disease")
    answer = nasty(shared, "43_everybody_equal.csv", roles)
    diversity = answer.get(LDiversity)
    assert diversity is not None
    assert (diversity.l, diversity.n_disclosed) == (1, 12)
    closeness = answer.get(TCloseness)
    assert closeness is not None
    assert closeness.t == 0


def test_everybody_unique_names_the_direct_identifier(shared: Path) -> None:
    assert "'uid'" in nasty(shared, "44_everybody_unique.csv", ["age", "sex", "zip"]).lines()[0].meaning


def test_namibia_is_a_country(shared: Path) -> None:
    answer = nasty(shared, "21_na_strings_namibia.csv", ["country"])
    n_classes = k_of(answer).n_classes
    data = rs.read_table(shared / "nasty" / "21_na_strings_namibia.csv").data
    assert int((data["country"] == "NA").sum()) == 2
    assert n_classes == data["country"].nunique(dropna=False)


def test_negative_zero_and_infinities_count_as_numbers(shared: Path) -> None:
    answer = nasty(shared, "22_infinities_negative_zero.csv", rs.Roles(quasi_identifiers=["y"], sensitive=["score"]))
    assert k_of(answer).n_classes == 3
    assert all(
        not isinstance(value, float) or math.isfinite(value)
        for each in json.loads(json.dumps(answer.to_dict(), allow_nan=False))["results"]
        for value in each.values()
    )


def test_3000_columns_give_a_short_report(shared: Path) -> None:
    table = rs.read_table(shared / "nasty" / "15_wide_3000_columns.csv")
    answer = rs.assess(table.data, list(table.data.columns))
    assert k_of(answer).n_unique == 40
    html = answer.report().html()
    assert html.count("<tr") < 400
    assert len(html) < 300_000
    assert len(repr(answer)) < 2_000


def test_evil_column_names_all_work(shared: Path) -> None:
    table = rs.read_table(shared / "nasty" / "27_evil_column_names.csv")
    names = list(table.data.columns)
    assert len(names) == 25
    answer = rs.assess(table.data, rs.Roles(quasi_identifiers=names[:12], sensitive=names[12:]))
    columns = answer.get(ColumnRisk)
    assert columns is not None
    assert list(columns.without) == names[:12]
    assert "<script>alert" not in answer.report().html()


def visits() -> pd.DataFrame:
    """Three people of each of 40 places, who come twice; one of them goes to another place the second time."""
    rows = [(f"p{at}", at // 3, "flu") for at in range(120)] * 2
    rows[120] = ("p0", 1, "cold")
    return pd.DataFrame(rows, columns=["who", "place", "illness"])


def test_persons_are_counted_and_both_attackers_answered() -> None:
    roles = rs.Roles(quasi_identifiers=["place"], person="who", sensitive="illness")
    answer = rs.assess(visits(), roles, register=visits())
    one, every = (each for each in answer if isinstance(each, KAnonymity))
    assert (one.known_records, one.k, one.n_records, one.n_rows, one.n_unique) == ("one", 3, 120, 240, 0)
    assert (every.known_records, every.k, every.n_records, every.n_rows, every.n_unique) == ("all", 1, 120, 240, 1)
    assert answer.get(Uniqueness) == rs.uniqueness(visits(), roles)
    labels = {line.label: line.value for line in answer.lines()}
    assert labels["persons"] == "120"
    assert "records" not in labels
    assert any("120 persons have 240 records, and each person counts once" in note for note in answer.notes)
    assert any("Some persons have several combinations" in note for note in answer.notes)
    for left_out in (SpecialUniques, LDiversity, KMap):
        assert answer.get(left_out) is None
    columns = answer.get(ColumnRisk)
    assert columns == rs.column_risk(visits(), roles)
    assert (columns.known_records, columns.n_records, columns.n_rows) == ("one", 120, 240)
    assert not answer.get(Separation).by_column.keys() - {"place"}
    assert any("the figures on columns, for somebody who knows one" in note for note in answer.notes)
    assert "persons" in answer.report().html()


def test_persons_with_one_combination_and_several_sensitive_values() -> None:
    roles = rs.Roles(quasi_identifiers=["place"], person="who", sensitive="illness")
    people = visits().assign(place=lambda frame: frame["who"].str.len())
    answer = rs.assess(people, roles)
    assert answer.get(LDiversity) is None
    assert answer.get(ColumnRisk) == rs.column_risk(people.drop_duplicates("who"), ["place"])
    assert any("several values of a sensitive column" in note for note in answer.notes)
    assert not any("several combinations" in note for note in answer.notes)
    constant = rs.assess(people.assign(illness="flu"), roles)
    assert constant.get(LDiversity) == rs.l_diversity(people.drop_duplicates("who"), roles)
    assert not any("several" in note for note in constant.notes)


def test_one_record_a_person_is_the_plain_assessment_in_persons(t8: pd.DataFrame, t8_roles: rs.Roles) -> None:
    plain = rs.assess(t8, t8_roles)
    answer = rs.assess(t8.assign(who=range(8)), t8_roles.replace(person="who"))
    assert [type(each) for each in answer] == [type(each) for each in plain]
    assert (k_of(answer).k, k_of(answer).n_records, k_of(answer).n_rows) == (k_of(plain).k, 8, 8)
    assert any("8 persons have 8 records" in note for note in answer.notes)


def test_records_that_name_nobody_are_said_coarsely() -> None:
    people = visits()
    people.loc[[3, 5], "who"] = None
    notes = rs.assess(people, rs.Roles(quasi_identifiers=["place"], person="who")).notes
    assert any(note == "Records that name no person count as a person each: <10." for note in notes)
    people.loc[range(20), "who"] = None
    notes = rs.assess(people, rs.Roles(quasi_identifiers=["place"], person="who")).notes
    assert any(note == "Records that name no person count as a person each: 20." for note in notes)
    assert not any("name no person" in note for note in rs.assess(visits(), ["place"]).notes)


# The published tables beside the checkout: k, classes and uniques as their index says.

_INDEX = Path(__file__).parents[2] / ".." / "shared" / "data" / "index.json"
_TABLES = json.loads(_INDEX.read_text(encoding="utf-8")) if _INDEX.exists() else []


@pytest.mark.parametrize("entry", [each for each in _TABLES if each.get("reference")], ids=lambda each: each["file"])
def test_published_tables_have_the_classes_of_their_reference(shared: Path, entry: dict[str, Any]) -> None:
    reference = entry["reference"]
    found = k_of(rs.assess(rs.read_table(shared / "data" / entry["file"]).data, reference["qi"]))
    assert (found.n_records, found.n_classes, found.n_unique, found.k, found.n_below) == tuple(
        reference[name] for name in ("rows", "classes", "unique", "k", "below5")
    )


@pytest.mark.slow
@pytest.mark.parametrize("entry", _TABLES, ids=lambda each: each["file"])
def test_published_tables_without_roles(shared: Path, entry: dict[str, Any]) -> None:
    table = rs.read_table(shared / "data" / entry["file"])
    if not rs.suggest_roles(table.data).quasi_identifiers:
        with pytest.raises(RoleError, match="No quasi-identifier"):
            rs.assess(table.data)
        return
    answer = rs.assess(table.data, name=entry["file"], notes=table.notes)
    crowd = answer.get(Uniqueness)
    assert crowd is not None
    assert (crowd.n_rows or crowd.n_records) == entry["rows"]
    assert answer.report().html().count("<section") == len(answer.results) + 2
