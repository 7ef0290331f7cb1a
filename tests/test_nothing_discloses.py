"""No planted value comes out of any door: tables with rare values, through every form of output."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

import riskscope as rs
from riskscope.cli import cli
from riskscope.report.pictures import picture

CANARIES = {
    "family_name": "Quetzalbrook",
    "email": "zorblatt@canary.example",
    "city": "Xyzzyville",
    "illness": "wobblethrombosis",
    "phone": "+33699887766",
    "birth_date": "1903-02-28",
    "income": 7318529,
    "score": 0.8675309,
    "note": "She told us that Plughward the gardener owes money to everybody in the street.",
}


def planted() -> pd.DataFrame:
    n = 40
    frame = pd.DataFrame(
        {
            "family_name": [f"Name{at}" for at in range(n)],
            "email": [f"person{at}@example.org" for at in range(n)],
            "city": ["Lyon" if at % 2 else "Paris" for at in range(n)],
            "illness": ["flu" if at % 3 else "cold" for at in range(n)],
            "phone": [f"+3360000{at:04d}" for at in range(n)],
            "birth_date": [f"1980-01-{1 + at % 5:02d}" for at in range(n)],
            "income": [1000 + at % 4 for at in range(n)],
            "score": [0.5 + at % 2 / 4 for at in range(n)],
            "note": [f"This is a longer remark about parcel number {at}, which came too late." for at in range(n)],
            "sex": ["F" if at % 2 else "M" for at in range(n)],
        }
    )
    for column, value in CANARIES.items():
        frame.loc[17, column] = value
    return frame


ROLES = rs.Roles(
    identifiers=["family_name"], quasi_identifiers=["city", "sex", "birth_date"], sensitive=["illness", "income"]
)


def clean(text: str) -> None:
    for column, value in CANARIES.items():
        for form in (str(value), f"{value:,}" if isinstance(value, int) else str(value)):
            assert form not in text, f"the value planted in {column} came out"
    for part in ("Quetzal", "zorblatt", "Xyzzy", "wobble", "Plughward", "699887766", "1903"):
        assert part not in text, "a part of a planted value came out"


def texts_of_plot(result: object) -> Iterator[str]:
    import matplotlib.pyplot as plt
    from matplotlib.text import Text

    axes = result.plot()  # type: ignore[attr-defined]
    axes.figure.canvas.draw()
    yield from (found.get_text() for found in axes.figure.findobj(Text))
    plt.close(axes.figure)


@pytest.fixture(scope="module")
def answers() -> list[rs.Assessment]:
    people = planted()
    with_register = rs.assess(people, ROLES, register=people[["city", "sex", "birth_date"]])
    return [with_register, rs.assess(people), rs.assess(people, ROLES, missing="wildcard")]


def test_the_canaries_are_in_the_data() -> None:
    assert all((planted()[column] == value).sum() == 1 for column, value in CANARIES.items())
    with pytest.raises(AssertionError, match="planted in city"):
        clean("somebody of Xyzzyville")


def test_texts_and_frames(answers: list[rs.Assessment]) -> None:
    for answer in answers:
        clean(repr(answer))
        clean(answer.summary())
        clean(answer._repr_html_())
        clean(str(answer.lines()))
        clean(json.dumps(answer.to_dict()))
        clean(answer.to_frame().to_string())
        clean(answer.report().html())
        for result in answer:
            clean(repr(result))
            clean(result._repr_html_())
            clean(result.summary())
            clean(str(result.to_dict()))
            clean(result.to_frame().to_string())
            clean(str(result.tables()))


def test_pictures(answers: list[rs.Assessment]) -> None:
    for answer in answers[:2]:
        for result in answer:
            if result.has_picture:
                clean(str(picture(result)))
                clean("\n".join(texts_of_plot(result)))


def test_proposed_roles_and_the_list_of_identifiers() -> None:
    proposal = rs.suggest_roles(planted())
    for text in (repr(proposal), proposal._repr_html_(), proposal.summary(), proposal.to_frame().to_string()):
        clean(text)
    clean(rs.safe_harbor(planted())._repr_html_())


def test_the_command_line(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    planted().to_csv(file, index=False)
    for words in ([], ["--quasi", "city,sex", "--sensitive", "illness"], ["--json", "-"]):
        result = CliRunner().invoke(cli, ["assess", str(file), "--html", str(tmp_path / "r.html"), *words])
        assert result.exit_code == 0
        clean(result.stdout)
        clean(result.stderr)
        clean((tmp_path / "r.html").read_text(encoding="utf-8"))


def messages(tmp_path: Path) -> Iterator[str]:
    """Give the messages of what goes wrong with the planted data."""
    people = planted()
    mixed = people.assign(income=people["income"].astype(object))
    mixed.loc[17, "income"] = [CANARIES["illness"]]
    weighted = people.assign(weight=[-CANARIES["income"]] * len(people))
    buffer = io.StringIO()
    people.to_csv(buffer, index=False)
    ragged = tmp_path / "ragged.csv"
    ragged.write_text(buffer.getvalue() + ",".join(str(value) for value in CANARIES.values()) + ",F,1,2,3\n", "utf-8")
    other_type = people[["city", "sex", "birth_date"]].assign(city=1.5)
    attempts = [
        lambda: rs.assess(people, ["citty"]),
        lambda: rs.assess(mixed.assign(income=[{"a": CANARIES["city"]}] * len(people)), ["income"]),
        lambda: rs.class_sizes(weighted, rs.Roles(quasi_identifiers=["sex"], weight="weight"), weighted=True),
        lambda: rs.class_sizes(people, rs.Roles(quasi_identifiers=["sex"], weight="illness"), weighted=True),
        lambda: rs.read_table(ragged),
        lambda: rs.assess(people, ROLES, register=other_type),
        lambda: rs.assess(people, ROLES, register=people[["city", "sex"]]),
    ]
    for attempt in attempts:
        with pytest.raises(ValueError) as caught:
            attempt()
        yield str(caught.value)
        assert caught.value.__cause__ is None


def test_error_messages(tmp_path: Path) -> None:
    found = list(messages(tmp_path))
    assert len(found) == 7
    for message in found:
        clean(message)


def audited() -> pd.DataFrame:
    """Give planted people with what a model says of them: a rare place, a rare segment, an extreme score."""
    others = planted().drop(index=17)
    people = pd.concat([planted(), *[others] * 11], ignore_index=True)
    return people.assign(approved=[int(at % 3 > 0) for at in range(len(people))])


def test_an_audit_shows_no_rare_group_segment_or_score() -> None:
    roles = rs.Roles(protected=["city", "sex"], inferred=["approved", "illness", "score"], identifiers=["family_name"])
    answer = rs.audit(audited(), roles, control_features=["birth_date"])
    texts = [repr(answer), answer._repr_html_(), answer.report().html(), answer.to_frame().to_string()]
    texts.append(json.dumps(answer.to_dict()))
    for text in texts:
        assert not re.search("Xyzzy|wobble|Quetzal|zorblatt|8675309|7318529|Plughward", text)
    for result in answer:
        for text in (repr(result), result._repr_html_(), result.summary(), str(result.tables())):
            assert not re.search("Xyzzy|wobble|Quetzal|zorblatt|8675309|7318529", text)
        if result.has_picture:
            assert not re.search("Xyzzy|wobble|Quetzal|zorblatt", "\n".join(texts_of_plot(result)))
