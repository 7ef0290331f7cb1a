"""The data dictionary of the made-up tables, and the page ``datasets/README.md`` that is written from it."""

from __future__ import annotations

import pandas as pd

from riskscope.datasets.truth import KEYS, planted_truth

# Column -> meaning, suggested role, how it was made.
CUSTOMER_COLUMNS = {
    "customer_hash": (
        "Pseudonym: MD5 of the customer number, without salt",
        "identifiers",
        "The number has seven figures and rises with `customer_since`, with gaps; so the hash can be undone",
    ),
    "given_name": ("Given name", "identifiers", "Drawn from lists by sex and decade of birth, or by origin"),
    "family_name": ("Family name", "identifiers", "As in the register: mostly one for a household"),
    "email": (
        "E-mail address",
        "identifiers",
        "From the name, in five ways, at example.org, .com or .net, which belong to nobody; no two the same",
    ),
    "phone": (
        "Telephone number, written in five ways",
        "identifiers",
        "From the ranges that ARCEP keeps for fiction (06 39 98, 01 99 00, 02 61 91, 03 53 01, 04 65 71, "
        "05 36 49); landlines fit the region, no two are the same",
    ),
    "birth_date": ("Date of birth", "quasi_identifiers", "As in the register"),
    "sex": ("F or M, as in civil status", "quasi_identifiers, protected", "As in the register"),
    "postcode": ("French postcode: text of five figures", "quasi_identifiers", "As in the register"),
    "birth_country": ("Country of birth", "quasi_identifiers", "As in the register"),
    "birth_region": (
        "France, other EU or outside EU",
        "protected",
        "Grouped from `birth_country`; **bias is planted against 'outside EU'**",
    ),
    "occupation": (
        "Occupation in eight groups, after INSEE's",
        "quasi_identifiers",
        "As in the register; **the planted unique people are unique by it**",
    ),
    "household_id": (
        "Household, by the retailer's own number",
        "household",
        "One to one with the register's households, but renumbered: it does not join",
    ),
    "household_size": ("People in the household", "quasi_identifiers", "As in the register"),
    "customer_since": ("Day of the first visit", "", "Any day from 2012 on, at 18 or later"),
    "n_orders": (
        "Orders so far",
        "",
        "A yearly rate times the years as a customer; one customer in 25 has none",
    ),
    "total_spent": ("Euros spent so far", "sensitive", "Orders times a basket of 12 to 102 euros"),
    "last_order": ("Day of the last order", "", "Mostly recent, one in five any day; missing where no order"),
    "consent_marketing": (
        "Latest answer on marketing: granted, refused, withdrawn",
        "",
        "Missing: never asked",
    ),
    "consent_marketing_date": ("Day of that answer", "", "Missing with the answer"),
    "consent_profiling": ("Latest answer on profiling", "", "Missing: never asked"),
    "consent_profiling_date": ("Day of that answer", "", "Missing with the answer"),
    "consent_sharing": ("Latest answer on sharing with partners", "", "Missing: never asked"),
    "consent_sharing_date": ("Day of that answer", "", "Missing with the answer"),
    "top_category": (
        "Category bought most",
        "",
        "Drawn by sex: **a proxy** (beauty and fashion against tools and electronics)",
    ),
    "dietary_profile": (
        "Diet inferred from purchases: says something of health or belief (GDPR, Article 9)",
        "sensitive",
        "Drawn by origin of the household and by age",
    ),
    "segment": (
        "Profile inferred by the retailer, six levels without order",
        "inferred",
        "Drawn by `top_category` alone: **it goes with sex only through that proxy**",
    ),
    "credit_score": (
        "Inferred probability of paying on time, 0 to 1",
        "inferred",
        "True probability, plus noise of at most 0.05, **less 0.12 for people born outside the EU**",
    ),
    "instalment_approved": (
        "1 if payment by instalments was approved",
        "inferred",
        "1 where the score is 0.6 or more",
    ),
    "paid_on_time": (
        "1 if every invoice of the next year was paid on time; known for all, approved or not",
        "outcome",
        "Drawn with the true probability, which has the same distribution in each sex and region of birth",
    ),
}
REGISTER_COLUMNS = {
    "person_id": (
        "Number of the person",
        "person",
        "1 to n; links to the customers by `planted_truth()` only",
    ),
    "given_name": ("Given name", "identifiers", "Drawn from lists by sex and decade of birth, or by origin"),
    "family_name": ("Family name", "identifiers", "One for a household, but for three partners in ten"),
    "birth_date": ("Date of birth", "quasi_identifiers", "Age by kind of household, any day of the year"),
    "sex": ("F or M", "quasi_identifiers", "By kind of household and age"),
    "postcode": (
        "French postcode: text of five figures",
        "quasi_identifiers",
        "About 500 real ones, drawn by size",
    ),
    "commune": ("Commune of the postcode", "quasi_identifiers", "Villages can share a postcode"),
    "birth_country": ("Country of birth", "quasi_identifiers", "By household, kind of place and age"),
    "occupation": ("Occupation in eight groups", "quasi_identifiers", "By sex, age and kind of place"),
    "household_id": ("Number of the household", "household", "Members stand one after the other"),
    "household_size": ("People in the household", "quasi_identifiers", "Counted"),
}

_PAGE = """# The embedded data

Nobody in these tables exists. Names are combined freely from the package's own lists; any likeness is
chance. Communes and postcodes are real, the people in them are not: about 200,000 made-up people are
spread over about 500 places of metropolitan France in proportion to their rough size.

`python -m riskscope.datasets datasets` writes this folder. The same tables come from
`rs.datasets.load_customers()` and `rs.datasets.load_register()`, without reading a file; a test proves
that they are the same. The values do not change with the versions of NumPy or pandas: they are made of
raw random bits by arithmetic on whole numbers.

| file | table |
|---|---|
| `customers.csv`, `customers.parquet` | {n_customers} customers of a retailer on 31 December 2024 |
| `register.parquet` | the {n_register} people of the population, the "other source" of an attacker |

Read `postcode` as text: `pandas.read_csv(..., dtype={{"postcode": "str"}})`.

## What is planted

- **Sample.** The customers are a simple random sample, without replacement, of the register's adults.
  All are in it.
- **Unique people.** {n_planted} customers were made unique in the register on sex, year of birth,
  postcode and occupation: four still at work at 90 or more in a village, four farmers in Paris, four
  managers before 22. They have no missing value in those columns.
- **Other unique people** come by themselves. Share of customers who are unique in the register:
{unique}
- **Bias.** The score of people born outside the EU is 0.12 lower at the same true probability of paying
  on time, so fewer are approved ({approved_outside:.0%} against {approved_france:.0%} of those born in
  France) while as many pay on time.
- **No bias** by sex: the true probability, the score and the decision have the same distribution for
  women and men.
- **A gap that is no bias of the score**: older people, and some occupations, do pay on time more often.
- **A proxy.** `segment` goes with sex, through `top_category` alone.
- **A weak pseudonym.** `customer_hash` is an unsalted MD5 of a number of seven figures.
- **Missing values**, at random, in the share below; `last_order` and the consents are missing for a
  reason.

`rs.datasets.planted_truth()` tells the truth for each customer: `person_id`, customer number, class size
in the register, true probability, and who was made unique.

## customers

{customers}

## register

Nothing is missing in the register.

{register}
"""


def readme(customers: pd.DataFrame, register: pd.DataFrame) -> str:
    """Return the page that describes the two tables."""
    truth = planted_truth()
    unique = truth.population_unique.mean()
    approved = customers.groupby("birth_region")["instalment_approved"].mean()
    return _PAGE.format(
        n_customers=f"{len(customers):,}",
        n_register=f"{len(register):,}",
        n_planted=int(truth.is_planted_unique.sum()),
        unique="\n".join(f"  - {unique[key]:.1%} on {', '.join(columns)}" for key, columns in KEYS.items()),
        approved_outside=approved["outside EU"],
        approved_france=approved["France"],
        customers=_table(customers, CUSTOMER_COLUMNS),
        register=_table(register, REGISTER_COLUMNS),
    )


def _table(frame: pd.DataFrame, columns: dict[str, tuple[str, str, str]]) -> str:
    """Return the columns of a table as Markdown."""
    lines = [
        "| column | type | meaning | suggested role | missing | how it was made |",
        "|---|---|---|---|---|---|",
    ]
    for name, (meaning, role, made) in columns.items():
        missing = frame[name].isna().mean()
        shown = f"{missing:.1%}" if missing else "none"
        lines.append(f"| `{name}` | {_kind(frame[name])} | {meaning} | {role or 'none'} | {shown} | {made} |")
    return "\n".join(lines)


def _kind(column: pd.Series) -> str:
    """Return the type of a column in plain words."""
    if pd.api.types.is_datetime64_any_dtype(column):
        return "date"
    if pd.api.types.is_integer_dtype(column):
        return "integer"
    return "number" if pd.api.types.is_float_dtype(column) else "text"
