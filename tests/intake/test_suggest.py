"""Roles proposed: on tables made up here, on published tables, and never with a value in the reasons."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from riskscope.errors import FrameError, RoleError
from riskscope.intake.proposal import ProposedRoles
from riskscope.intake.safe_harbor import safe_harbor
from riskscope.intake.suggest import suggest_roles
from riskscope.roles import Roles, as_roles

SHARED = Path(__file__).parents[2] / ".." / "shared"
needs_shared = pytest.mark.skipif(not SHARED.exists(), reason="the shared tables are not beside the checkout")
N = 300


def french_table(n: int = N) -> pd.DataFrame:
    rng = np.random.default_rng(7)
    births = pd.Timestamp("1940-01-01") + pd.to_timedelta(rng.integers(0, 25_000, n), "D")
    diagnoses = np.array(["diabète", "asthme", "aucun", "grippe"])
    return pd.DataFrame(
        {
            "nom": [f"Nom{i % (n - n // 5)}" for i in range(n)],
            "prénom": [f"Prenom{i % 40}" for i in range(n)],
            "courriel": [f"personne{i}@example.org" for i in range(n)],
            "téléphone": [f"06{rng.integers(10_000_000, 99_999_999)}" if i % 5 else None for i in range(n)],
            "sexe": rng.choice(["F", "H"], n),
            "date_naissance": births.strftime("%d/%m/%Y"),
            "code_postal": [f"{rng.integers(1, 96):02}{rng.integers(0, 10)}00" for _ in range(n)],
            "profession": rng.choice([f"métier {i}" for i in range(20)], n),
            "diagnostic": rng.choice(diagnoses, n),
            "revenu": rng.integers(900, 9_000, n),
            "poids": rng.uniform(50, 300, n),
            "id_menage": [i // 3 + 1000 for i in range(n)],
            "commentaire": [f"La personne {i} a téléphoné deux fois au service cette semaine." for i in range(n)],
        }
    )


def test_french_names():
    roles = suggest_roles(french_table())
    assert roles.identifiers == ("nom", "prénom", "courriel", "téléphone")
    assert roles.quasi_identifiers == ("sexe", "date_naissance", "code_postal", "profession")
    assert roles.sensitive == ("diagnostic", "revenu")
    assert roles.protected == ("sexe",)
    assert roles.weight == "poids"
    assert roles.household == "id_menage"
    assert roles.person is None
    assert roles.reason("commentaire").role == "free text"
    assert "beyond class counting" in roles.reason("commentaire").evidence[0]


def test_a_table_of_eight_records_goes_by_its_names():
    roles = suggest_roles(french_table(8).drop(columns="commentaire"))
    assert roles.identifiers == ("nom", "prénom", "courriel", "téléphone")
    assert roles.quasi_identifiers == ("sexe", "date_naissance", "code_postal", "profession")
    assert roles.sensitive == ("diagnostic", "revenu")
    assert (roles.weight, roles.household) == ("poids", "id_menage")


def test_every_column_has_a_reason_and_no_reason_a_value():
    data = french_table()
    roles = suggest_roles(data)
    assert [reason.column for reason in roles.reasons] == list(data.columns)
    assert all(reason.evidence for reason in roles.reasons)
    shown = " ".join([repr(roles), roles.summary(), roles._repr_html_(), roles.to_frame().to_string()])
    for value in (
        "Nom3",
        "Prenom7",
        "personne5",
        "métier 3",
        "diabète",
        data["téléphone"][1],
        data["code_postal"][0],
    ):
        assert value not in shown
    email = roles.reason("courriel")
    assert email.evidence[0] == "100 % of 300 different values look like e-mail addresses."
    assert "300 different values in 300 records (100 %)." in email.evidence


def test_identifiers_come_first_in_the_summary():
    roles = suggest_roles(french_table())
    assert roles.summary().startswith("Direct identifiers are still in the table: 4 columns ('nom', ")
    assert "whoever knows the data decides" in roles.summary()
    none = suggest_roles(pd.DataFrame({"sex": ["F", "M"] * 10}))
    assert none.summary().startswith("No direct identifier was recognised; that is not a proof")


def test_proposed_roles_are_roles_and_edits_are_the_users():
    roles = suggest_roles(french_table())
    assert as_roles(roles) is roles
    edited = roles.replace(sensitive=["diagnostic"])
    assert type(edited) is Roles
    assert edited.sensitive == ("diagnostic",)
    assert edited.identifiers == roles.identifiers
    namespace: dict[str, object] = {}
    import riskscope.roles

    exec(roles.to_code(), {"rs": riskscope.roles}, namespace)
    assert namespace["roles"] == roles.replace()
    assert Roles.from_toml(roles.to_toml()) == roles.replace()
    with pytest.raises(RoleError, match="near: 'revenu'"):
        roles.reason("revenue")


@pytest.mark.parametrize(
    "make",
    [
        pl.from_pandas,
        lambda data: pa.Table.from_pandas(data, preserve_index=False),
        lambda data: data.convert_dtypes(),
    ],
)
def test_the_same_from_every_frame(make):
    data = french_table()
    expected = suggest_roles(data)
    roles = suggest_roles(make(data))
    assert roles == expected
    assert [reason.roles for reason in roles.reasons] == [reason.roles for reason in expected.reasons]


def test_data_is_not_changed_and_row_order_does_not_matter():
    data = french_table()
    before = data.copy()
    expected = suggest_roles(data)
    pd.testing.assert_frame_equal(data, before)
    assert suggest_roles(data.sample(frac=1, random_state=1)) == expected


def test_pseudonyms_stay_personal_data():
    hashes = [f"{i * 7919:032x}" for i in range(N)]
    data = pd.DataFrame({"customer_hash": hashes, "z": hashes, "group_key": [hashes[i % 4] for i in range(N)]})
    roles = suggest_roles(data)
    assert roles.identifiers == ("customer_hash", "z")
    assert "A pseudonym is still personal data (GDPR art. 4(5))" in " ".join(roles.reason("z").evidence)
    assert roles.reason("group_key").roles == ()


def test_a_person_with_several_records():
    data = pd.DataFrame({"person_id": [i // 3 for i in range(N)], "visit": range(N)})
    roles = suggest_roles(data.sample(frac=1, random_state=0))
    assert roles.person == "person_id"
    assert "person_id" in roles.identifiers
    assert "join several records" in " ".join(roles.reason("person_id").evidence)


def test_measurements_are_no_identifiers_because_they_differ():
    rng = np.random.default_rng(5)
    data = pd.DataFrame(
        {
            "income": rng.lognormal(10, 1, N),
            "latitude": rng.uniform(42, 51, N),
            "score": rng.uniform(0, 1, N),
            "x": rng.normal(size=N),
            "amount_of_text": [f"{value:.6f}" for value in rng.normal(size=N)],
            "wide_int": rng.integers(0, 10**9, N),
        }
    )
    roles = suggest_roles(data)
    assert roles.identifiers == ()
    assert roles.sensitive == ("income",)
    assert roles.quasi_identifiers == ("latitude",)
    assert roles.inferred == ("score",)
    assert "Nearly every record differs" in roles.reason("x").evidence[0]


def test_random_digits_are_no_identifiers():
    rng = np.random.default_rng(11)
    digits = {
        f"v{n}": ["".join(map(str, rng.integers(0, 10, n))) for _ in range(N)] for n in (8, 9, 10, 13, 14, 15, 16)
    }
    roles = suggest_roles(pd.DataFrame(digits))
    assert roles.identifiers == ()
    assert all(reason.roles == () for reason in roles.reasons)


def test_dates_and_texts_under_names_of_identifiers():
    data = pd.DataFrame(
        {
            "last_login": [f"2024-01-{1 + i % 28:02}" for i in range(N)],
            "subject": [f"A question about the delivery of parcel number {i} to my door" for i in range(N)],
            "created_at": pd.date_range("2024-01-01", periods=N),
        }
    )
    roles = suggest_roles(data)
    assert roles.identifiers == ()
    assert roles.quasi_identifiers == ()
    assert "Somebody outside seldom knows these" in roles.reason("last_login").evidence[1]
    assert roles.reason("subject").role == "free text"
    assert roles.reason("created_at").evidence[0] == "Its name suggests when the record was written."


def test_row_numbers():
    data = pd.DataFrame(
        {"a": range(5, N + 5), "year": range(1700, 1700 + N), "b": np.random.default_rng(0).permutation(N)}
    )
    roles = suggest_roles(data)
    assert roles.identifiers == ("a", "b")
    assert "works as a row number" in roles.reason("a").evidence[0]
    assert roles.quasi_identifiers == ("year",)
    few = suggest_roles(pd.DataFrame({"a": range(8)}))
    assert few.identifiers == ()


def test_a_name_alone_does_not_make_an_identifier():
    data = pd.DataFrame({"telephone": ["yes", "none"] * 50, "phone_service": [True, False] * 50, "name": ["*"] * 100})
    roles = suggest_roles(data)
    assert roles.identifiers == ()
    assert "too few different values" in " ".join(roles.reason("telephone").evidence)


def test_a_name_that_only_people_have_is_enough():
    data = pd.DataFrame({"prenom": ["Anne", "Luc"] * 50, "last_name": ["Roy", "Petit"] * 50, "name": ["A", "B"] * 50})
    roles = suggest_roles(data)
    assert roles.identifiers == ("prenom", "last_name")
    assert safe_harbor(data).items[0].columns == roles.identifiers
    assert suggest_roles(data.assign(prenom="X", last_name="X")).identifiers == ()


def test_a_religious_diet_is_seen_in_the_values():
    diets = ["standard", "vegetarian", "vegan", "gluten free", "Halal", "low salt", "diabetic", "fish"]
    roles = suggest_roles(pd.DataFrame({"regime": diets * 5, "offer": [*diets[:4], *diets[:4]] * 5}))
    assert roles.sensitive == ("regime",)
    assert "religion" in " ".join(roles.reason("regime").evidence)


def test_protected_says_what_it_is_for_and_no_reason_repeats_the_separation():
    roles = suggest_roles(pd.DataFrame({"sex": ["F", "M"] * 20, "zip": [str(10_000 + at % 7) for at in range(40)]}))
    assert "Protected: for comparisons between groups." in roles.reason("sex").evidence
    assert not [text for each in roles.reasons for text in each.evidence if "separation" in text]
    assert "groups" not in " ".join(roles.reason("zip").evidence)


def test_what_values_show_under_names_that_say_nothing():
    data = pd.DataFrame(
        {
            "v1": ["Muslim", "Catholic", "Jewish", "other"] * 10,
            "v2": ["halal", "kosher", "normal"] * 13 + ["normal"],
            "v3": ["M", "F"] * 20,
            "v4": ["Flu", "Cancer", "HIV", "Gastritis"] * 10,
            "v5": [f"E1{i % 5}.{i % 7}" for i in range(40)],
            "v6": ["red", "white", "black", "green"] * 10,
            "v7": pd.date_range("2020-01-01", periods=40),
            "v8": ["a", "b"] * 20,
        }
    )
    roles = suggest_roles(data)
    assert roles.sensitive == ("v1", "v2", "v4", "v5")
    assert roles.quasi_identifiers == ("v3", "v7")
    assert roles.protected == ("v1", "v2", "v3")
    assert "art. 9" in " ".join(roles.reason("v1").evidence)
    assert roles.reason("v6").roles == ()
    assert roles.reason("v8").evidence[0].endswith("Could this category be known from outside? You decide.")


def test_special_categories_by_name():
    names = [
        "religion",
        "syndicat",
        "orientation_sexuelle",
        "opinion_politique",
        "handicap",
        "sante",
        "genotype",
        "casier_judiciaire",
    ]
    roles = suggest_roles(pd.DataFrame({name: ["a", "b"] * 20 for name in names}))
    assert roles.sensitive == tuple(names)
    assert set(roles.protected) == {"religion", "orientation_sexuelle", "opinion_politique", "handicap"}
    assert "art. 10" in " ".join(roles.reason("casier_judiciaire").evidence)
    assert all("art. 9" in " ".join(roles.reason(name).evidence) for name in names[:-1])


def test_origin_is_a_quasi_identifier_that_is_art_9_as_well():
    roles = suggest_roles(pd.DataFrame({"race": ["x", "y"] * 20}))
    assert roles.reason("race").roles == ("quasi_identifiers", "protected")
    assert "special category too (GDPR art. 9)" in " ".join(roles.reason("race").evidence)


def test_what_is_inferred_about_health_is_sensitive_too():
    roles = suggest_roles(pd.DataFrame({"predicted_diabetes": [0, 1] * 20, "segment": ["a", "b"] * 20}))
    assert roles.inferred == ("predicted_diabetes", "segment")
    assert roles.sensitive == ("predicted_diabetes",)


def test_one_weight_and_no_body_weight():
    survey = pd.DataFrame(
        {"household_weights": [25.0, 30.0] * 20, "sampling_weight": [100] * 40, "weight_note": ["a"] * 40}
    )
    assert suggest_roles(survey).weight == "sampling_weight"
    people = pd.DataFrame({"weight": [60.5, 80.1] * 20, "height": [170, 180] * 20})
    roles = suggest_roles(people)
    assert roles.weight is None
    assert roles.sensitive == ("weight",)
    assert suggest_roles(pd.DataFrame({"weight": [-1.0, 2.0] * 20})).weight is None


@pytest.mark.parametrize(
    "data",
    [
        pd.DataFrame(),
        pd.DataFrame({"age": []}),
        pd.DataFrame({"nom": ["A"], "age": [3]}),
        pd.DataFrame({"age": [None, None], "x": [np.nan, np.nan]}),
        pd.DataFrame({"age": [1, "a", None, 2.5, b"c"]}),
        pd.DataFrame({"lists": [[1], [2]]}),
        pd.DataFrame({"huge": [10**30, 10**30 + 1]}),
    ],
)
def test_degenerate_tables(data):
    roles = suggest_roles(data)
    assert [reason.column for reason in roles.reasons] == list(data.columns)
    assert isinstance(roles, ProposedRoles)


def test_a_type_that_is_not_read_is_said():
    reason = suggest_roles(pd.DataFrame({"nom": [["a"], ["b"]]})).reason("nom")
    assert reason.role == "none"
    assert reason.evidence == (
        "Its name suggests a person's name.",
        "Its type (lists, bytes, durations …) is not looked into; you decide.",
    )


def test_what_a_column_without_values_says():
    roles = suggest_roles(pd.DataFrame({"nom": [None, None], "sex": ["F", "F"]}))
    assert roles.reason("nom").evidence == ("It holds no value.",)


def test_all_equal_keeps_the_sensitive_column():
    roles = suggest_roles(pd.DataFrame({"age": [34] * 12, "disease": ["flu"] * 12, "x": ["a"] * 12}))
    assert roles.quasi_identifiers == ("age",)
    assert roles.sensitive == ("disease",)
    assert "whoever is in the table has it" in " ".join(roles.reason("disease").evidence)
    assert "tells nobody apart" in roles.reason("x").evidence[0]


def test_refusals():
    with pytest.raises(FrameError, match="pandas, Polars or PyArrow table is needed"):
        suggest_roles(pl.LazyFrame({"a": [1]}))
    with pytest.raises(FrameError, match=r"name of its own|same name"):
        suggest_roles(pd.DataFrame([[1, 2]], columns=["a", "a"]))
    with pytest.raises(FrameError, match="columns are named by text"):
        suggest_roles(pd.DataFrame([[1, 2]]))


def test_a_sample_is_said():
    data = pd.DataFrame({"email": [f"a{i}@example.org" for i in range(25_000)]})
    reason = suggest_roles(data).reason("email")
    assert "100 % of 20,000 different values look like e-mail addresses." in reason.evidence
    assert "Values were looked at in the first 20,000 different ones." in reason.evidence


def test_wide_tables_are_quick_and_their_page_short():
    rng = np.random.default_rng(0)
    data = pd.DataFrame(rng.integers(0, 30, (40, 3000)), columns=[f"v{i:04}" for i in range(3000)])
    start = time.perf_counter()
    roles = suggest_roles(data)
    assert time.perf_counter() - start < 20
    assert len(roles._repr_html_()) < 100_000
    assert "2960 more columns are not listed here" in roles._repr_html_()


def test_column_names_are_escaped():
    roles = suggest_roles(pd.DataFrame({"<script>alert(1)</script>": [1, 2], "a\nb name": ["x", "y"]}))
    assert "<script>" not in roles._repr_html_()
    assert "\nb name" not in repr(roles)


def read_shared(name: str, **options: object) -> pd.DataFrame:
    return pd.read_csv(SHARED / "data" / name, keep_default_na=False, na_values=[""], low_memory=False, **options)


@needs_shared
def test_adult():
    roles = suggest_roles(read_shared("adult.csv"))
    assert roles.identifiers == ()
    published = {
        "age",
        "workclass",
        "education",
        "marital-status",
        "occupation",
        "race",
        "sex",
        "native-country",
    }
    assert set(roles.quasi_identifiers) == published | {"education-num", "relationship"}
    assert roles.sensitive == ("capital-gain", "capital-loss", "income")
    assert set(roles.protected) == {"age", "race", "sex", "marital-status", "native-country"}
    assert roles.weight == "fnlwgt"
    assert [reason.column for reason in roles.reasons if not reason.roles] == ["hours-per-week"]


@needs_shared
def test_compas():
    roles = suggest_roles(read_shared("compas_two_years.csv"))
    assert roles.identifiers == ()
    assert {"decile_score", "score_text", "v_decile_score", "v_score_text"} <= set(roles.inferred)
    assert roles.outcome == "two_year_recid"
    assert set(roles.protected) == {"sex", "age", "age_cat", "race"}
    assert {"sex", "age", "race", "c_offense_date"} <= set(roles.quasi_identifiers)
    assert {"is_recid", "c_charge_desc", "c_charge_degree"} <= set(roles.sensitive)


@needs_shared
def test_french_labour_force_survey():
    roles = suggest_roles(read_shared("fr_lfs_puf_50k.csv.gz"))
    assert roles.identifiers == ()
    assert roles.weight == "COEFF"
    wanted = {"SEX", "AGE", "DEGURBA", "NATIONAL", "COUNTRYB", "HATLEV1D", "YEAR", "HHTYPE"}
    assert wanted <= set(roles.quasi_identifiers)
    assert set(roles.protected) == {"SEX", "AGE", "NATIONAL", "COUNTRYB"}
    assert roles.sensitive == ()


@needs_shared
def test_bank_marketing():
    roles = suggest_roles(read_shared("bank_marketing.csv", sep=";"))
    assert roles.identifiers == ()
    assert set(roles.quasi_identifiers) == {
        "age",
        "job",
        "marital",
        "education",
        "housing",
        "month",
        "day_of_week",
    }
    assert roles.sensitive == ("default", "loan")
    assert roles.protected == ("age", "marital")
    assert roles.outcome == "y"


@needs_shared
def test_everybody_unique_has_row_identifiers():
    roles = suggest_roles(pd.read_csv(SHARED / "nasty" / "44_everybody_unique.csv"))
    assert roles.identifiers == ("uid", "zip")
    assert "works as a row number" in " ".join(roles.reason("zip").evidence)
    assert roles.quasi_identifiers == ("age", "sex")


@needs_shared
def test_no_published_table_without_identifiers_gets_a_false_one():
    tables = json.loads((SHARED / "data" / "index.json").read_text(encoding="utf-8"))
    unnamed = {
        "sdc_microdata.csv",
        "sdc_francdat.csv",
        "adult_k10_anjana.csv",
    }  # no names, or a row number left in
    tried = 0
    for table in tables:
        if not table["direct"].startswith("-") or table["file"] in unnamed:
            continue
        roles = suggest_roles(read_shared(table["file"], sep=table["sep"]))
        assert roles.identifiers == (), table["file"]
        tried += 1
    assert tried >= 20


def test_households_that_repeat_and_those_that_do_not():
    repeated = pd.DataFrame({"household_id": [i // 2 for i in range(N)], "hh_id": [i // 3 for i in range(N)]})
    roles = suggest_roles(repeated)
    assert roles.household == "household_id"
    assert roles.reason("hh_id").roles == ()
    assert "Another column was proposed for this part first" in roles.reason("hh_id").evidence[-1]
    assert suggest_roles(pd.DataFrame({"household_id": range(N)})).identifiers == ("household_id",)
    assert suggest_roles(pd.DataFrame({"household_id": [i % 4 for i in range(N)]})).household is None


def test_keys_that_say_little():
    rng = np.random.default_rng(3)
    unique = [f"k{value}" for value in rng.permutation(N)]
    roles = suggest_roles(pd.DataFrame({"order_no": unique, "Key1": unique, "ref": [i % 200 for i in range(N)]}))
    assert roles.identifiers == ("order_no", "Key1", "ref")
    assert roles.person is None
    # Eight records: Key1 says a column of a made-up table, and nothing about a person.
    assert suggest_roles(pd.DataFrame({"Key1": range(0, 80, 10)})).identifiers == ()


def test_weights_that_are_not_proposed_say_why():
    roles = suggest_roles(
        pd.DataFrame({"poids_final": [1.5, 2.5] * 20, "weight": [1.0, 3.0] * 20, "wgt": ["a", "b"] * 20})
    )
    assert roles.weight == "poids_final"
    assert "a table has one" in " ".join(roles.reason("weight").evidence)
    assert "not all numbers above 0" in " ".join(roles.reason("wgt").evidence)


def test_scores_of_tests_and_many_clusters_are_not_inferred():
    data = pd.DataFrame({"math_score": [i % 20 for i in range(N)], "cluster": range(3, 3 * N + 3, 3)})
    assert suggest_roles(data.sample(frac=1, random_state=2)).inferred == ()


def test_long_texts_under_telling_names():
    texts = [f"Came in on a Monday with complaint number {i}, went home after two days" for i in range(N)]
    roles = suggest_roles(pd.DataFrame({"diagnosis": texts, "profession": texts}))
    assert roles.sensitive == ("diagnosis",)
    assert roles.quasi_identifiers == ()
    assert roles.reason("profession").role == "free text"
    assert all("beyond class counting" in " ".join(reason.evidence) for reason in roles.reasons)


def test_short_texts_of_their_own():
    roles = suggest_roles(pd.DataFrame({"v": [f"Anna {i} Smit" for i in range(N)]}))
    assert roles.identifiers == ("v",)
    assert "a short text of its own" in roles.reason("v").evidence[0]
