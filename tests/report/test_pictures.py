from __future__ import annotations

import re
import warnings
import xml.etree.ElementTree as ET

import pandas as pd
import pytest

import riskscope as rs
from riskscope.report.pictures import picture


def crowd(ages: list[int]) -> rs.Assessment:
    return rs.assess(pd.DataFrame({"age": ages}), ["age"])


def test_the_same_numbers_give_the_same_bytes_and_others_do_not() -> None:
    one, same, other = (
        picture(rs.uniqueness(pd.DataFrame({"age": ages}), ["age"])) for ages in ([1, 2], [3, 4], [1, 1])
    )
    assert one == same
    assert one != other


def test_it_is_one_svg_element_with_words_for_those_who_do_not_see_it() -> None:
    result = rs.uniqueness(pd.DataFrame({"age": [1, 1, 2]}), ["age"])
    root = ET.fromstring(str(picture(result)))
    assert root.tag.endswith("svg")
    assert result.sentences()[0] in root.attrib["aria-label"]
    assert "<metadata" not in picture(result)


def test_a_result_without_a_picture_gives_none() -> None:
    assert picture(rs.k_anonymity(pd.DataFrame({"age": [1]}), ["age"])) == ""


def test_the_prefix_sets_ids_apart() -> None:
    result = rs.uniqueness(pd.DataFrame({"age": [1, 1, 2]}), ["age"])
    svg = str(picture(result, "q1-"))
    assert set(re.findall(r' id="(...)', svg)) == {"q1-"}
    used = set(re.findall(r'(?:href="#|url\(#)([^")]+)', svg))
    assert used
    assert used <= set(re.findall(r' id="([^"]+)"', svg))


@pytest.mark.parametrize("name", ["<b>&\"'", "$x_{", "👩🏽", "\u202eשם", "two\nlines", "-->"])
def test_odd_column_names_are_drawn_and_not_obeyed(name: str) -> None:
    people = pd.DataFrame({name: [1, 2, 3], "b": [1, 1, 2]})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        svg = str(picture(rs.column_risk(people, [name, "b"])))
    ET.fromstring(svg)
    assert "<b>" not in svg


def test_many_bars_make_a_higher_picture() -> None:
    def height(n: int) -> float:
        people = pd.DataFrame({f"s{at}": [1, 2] for at in range(n)} | {"age": [1, 1]})
        roles = rs.Roles(quasi_identifiers=["age"], sensitive=[f"s{at}" for at in range(n)])
        return float(ET.fromstring(str(picture(rs.l_diversity(people, roles)))).attrib["height"].removesuffix("pt"))

    assert height(15) > 1.2 * height(2)
    assert height(40) == height(15)  # the worst fifteen are drawn, not forty
