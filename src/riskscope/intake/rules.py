"""Rules that propose a part for one column, each with its evidence; the first that has an answer counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from riskscope import display
from riskscope.intake.column_facts import LARGEST_SAMPLE, ColumnFacts
from riskscope.intake.column_names import name_words, plain_text
from riskscope.intake.name_lists import BY_KEY, RELIGIOUS_DIETS, VALUE_WORDS, Kind
from riskscope.intake.patterns import Hit
from riskscope.intake.proposal import PROTECTED_FOR, Reason
from riskscope.words import N_, _, ngettext

#: Above this share of different values a column can tell nearly every record apart.
NEARLY_UNIQUE = 0.95
#: Fewer records than this, and different values in every record may well be chance.
ENOUGH_RECORDS = 100
#: In a smaller table nearly every column differs from record to record.
_FEW_RECORDS = 20
#: A mean of more characters than this is read as free text.
LONG_TEXT = 40
#: More different values than this are no group, label or segment.
MOST_GROUPS = 100

_TEST_WORDS = {"test", "exam", "math", "reading", "writing", "school", "lsat", "sat", "note", "z", "standard"}
_KEY_WORDS = {"id", "uid", "uuid", "guid", "key", "no", "num", "nr", "number", "numero", "ref", "hash", "code"}
#: Alone they may name a thing; "first name", "prenom" and "customer name" may not.
_BARE_NAMES = {"name", "names", "nom", "noms", "naam", "namen"}
_BIRTH_OR_TIME = {"date", "birth date", "age", "technical date", "weight", "body measure", "money"}


@dataclass(frozen=True)
class DescribedColumn:
    """One column: the facts, what its name says, and the patterns that its values fit."""

    facts: ColumnFacts
    kinds: tuple[Kind, ...]
    hits: tuple[Hit, ...]
    is_outcome: bool = False
    is_weight: bool = False
    is_body: bool = False

    @property
    def words(self) -> list[str]:
        """The words of the column's name."""
        return name_words(self.facts.name)

    @property
    def keys(self) -> tuple[str, ...]:
        """The kinds that the column's name says, by key, the first first."""
        return tuple(kind.key for kind in self.kinds)


_Answer = tuple[tuple[str, ...], list[str]] | None


def proposed_reason(column: DescribedColumn) -> Reason:
    """Return the part proposed for one column, taken by itself: the first rule that has an answer."""
    roles: tuple[str, ...] = ()
    evidence = [*_name_says(column), _nothing_known(column.facts)]
    for rule in _RULES:
        answer = rule(column)
        if answer is not None:
            roles, evidence = answer
            break
    if "protected" in roles:
        evidence = [*evidence, _(PROTECTED_FOR)]
    is_free_text = _is_free_text(column.facts) and "identifiers" not in roles
    return Reason(column.facts.name, roles, (*evidence, *_counts(column.facts)), is_free_text)


def _counts(facts: ColumnFacts) -> list[str]:
    """Return the distinct ratio as a sentence, for every column that has values."""
    if not facts.n_present or facts.kind == "other":
        return []
    n_missing = facts.n_records - facts.n_present
    present = facts.n_records if 0 < n_missing < display.MIN_CELL else facts.n_present
    found = [
        ngettext(
            "{distinct} value in {records} ({ratio}).",
            "{distinct} different values in {records} ({ratio}).",
            facts.n_distinct,
        ).format(
            distinct=display.count(facts.n_distinct),
            records=ngettext("{n} record", "{n} records", present).format(n=display.count(present)),
            ratio=display.share(facts.distinct_ratio),
        )
    ]
    if facts.is_sampled:
        found.append(
            _("Values were looked at in the first {n} different ones.").format(n=display.count(LARGEST_SAMPLE))
        )
    return found


def _empty(column: DescribedColumn) -> _Answer:
    facts = column.facts
    if facts.kind == "other":
        return (), [*_name_says(column), _("Its type (lists, bytes, durations …) is not looked into; you decide.")]
    if not facts.n_present:
        return (), [_("It holds no value.")]
    return None


def _identifying_values(column: DescribedColumn) -> _Answer:
    for hit in column.hits:
        kind = BY_KEY[hit.pattern.kind]
        if hit.pattern.kind == "pseudonym" and column.facts.distinct_ratio < 0.5 and "pseudonym" not in column.keys:
            continue
        if hit.pattern.kind == "url" and column.facts.distinct_ratio < 0.5 and "url" not in column.keys:
            continue
        if hit.pattern.kind == "pseudonym":
            return _key_roles(column), [_looks_like(hit), _(_PSEUDONYM)]
        if "identifiers" in kind.roles:
            return ("identifiers",), [_looks_like(hit), *_name_says(column)]
    return None


def _looks_like(hit: Hit) -> str:
    text = _("{share} of {n} different values look like {what}.").format(
        share=display.share(hit.share), n=display.count(hit.n_tried), what=_(hit.pattern.label)
    )
    if hit.pattern.chance:
        text += " " + _("By chance it would be about {chance}.").format(chance=display.share(hit.pattern.chance))
    return text


_PSEUDONYM = N_(
    "A pseudonym is still personal data (GDPR art. 4(5)): whoever holds the key, or can guess the "
    "inputs, gets back to the person."
)


def _name_says(column: DescribedColumn) -> list[str]:
    if not column.kinds:
        return []
    first = column.kinds[0]
    found = [_("Its name suggests {label}.").format(label=_(first.label))]
    return [*found, _(first.note)] if first.note else found


def _identifying_name(column: DescribedColumn) -> _Answer:
    facts = column.facts
    if not column.kinds or column.kinds[0].roles != ("identifiers",) or column.kinds[0].key == "row key":
        return None
    if _dated(column):  # the date of a last login, of a first call
        return None
    enough = min(facts.n_present, max(3, min(20, facts.n_present // 10)))
    if column.keys[0] == "person name" and not set(column.words) <= _BARE_NAMES:
        enough = min(facts.n_present, 2)  # few people share a first name only where there are few people
    if facts.n_distinct < enough or facts.kind == "bool":
        return (), [
            *_name_says(column),
            _("It has too few different values to name a person each: no part is proposed."),
        ]
    return ("identifiers",), _name_says(column)


def _household(column: DescribedColumn) -> _Answer:
    if column.keys[:1] != ("household",):
        return None
    facts = column.facts
    if facts.n_distinct < facts.n_present and (facts.n_distinct > 10 or facts.n_present < ENOUGH_RECORDS):
        return ("household",), [
            *_name_says(column),
            _("Values repeat, as they do for people who live together."),
        ]
    if facts.distinct_ratio == 1 and facts.kind != "real" and facts.n_present > 1:
        return ("identifiers",), [
            *_name_says(column),
            _("No value repeats: each record has a number of its own."),
        ]
    return None


def _key(column: DescribedColumn) -> _Answer:
    """Judge a name that says number, hash or key: unique it names a record, repeated it may join records."""
    facts = column.facts
    first = column.keys[0] if column.keys else ""
    if first not in ("person key", "pseudonym", "row key"):
        enough = facts.n_present >= _FEW_RECORDS or {"id", "uid", "uuid", "guid", "identifiant"} & set(
            name_words(facts.name)
        )
        unique = (
            facts.distinct_ratio > NEARLY_UNIQUE and facts.kind != "real" and enough and _ends_like_a_key(facts.name)
        )
        if column.kinds or not unique:
            return None
        return ("identifiers",), [
            _("Its name suggests a number or key."),
            _("Nearly every record has a value of its own."),
        ]
    if facts.kind in ("bool", "real") or _dated(column) or _is_free_text(facts):
        return None
    if first == "row key" and facts.n_present < _FEW_RECORDS and any(word.isdigit() for word in name_words(facts.name)):
        return None
    evidence = _name_says(column) + ([_(_PSEUDONYM)] if first == "pseudonym" else [])
    roles = _key_roles(column)
    if roles == ("identifiers",):
        return roles, [*evidence, _("Nearly every record has a value of its own.")]
    if roles:
        return roles, [
            *evidence,
            _("Values repeat: it may join several records of one person, and it still singles people out."),
        ]
    return (), [
        *evidence,
        _("Values repeat so often that it does not number persons or records; you decide."),
    ]


def _key_roles(column: DescribedColumn) -> tuple[str, ...]:
    facts = column.facts
    if facts.distinct_ratio > NEARLY_UNIQUE:
        return ("identifiers",)
    names_person = bool({"person key", "pseudonym"} & set(column.keys[:1])) or not column.keys
    enough = facts.n_distinct >= (10 if facts.n_present >= ENOUGH_RECORDS else 2)
    if names_person and enough and facts.distinct_ratio >= 0.005:
        return ("identifiers", "person")
    if "row key" in column.keys[:1] and facts.distinct_ratio >= 0.5:
        return ("identifiers",)
    return ()


def _ends_like_a_key(name: str) -> bool:
    words = name_words(name)
    return bool(words) and (words[-1] in _KEY_WORDS or words[0] in _KEY_WORDS)


def _row_number(column: DescribedColumn) -> _Answer:
    facts = column.facts
    if facts.kind != "whole" or _BIRTH_OR_TIME & set(column.keys[:1]):
        return None
    in_steps = facts.steps_of_one and facts.n_records >= _FEW_RECORDS
    ordered = facts.n_records >= ENOUGH_RECORDS and (facts.is_monotone or facts.is_dense) and not column.kinds
    if not in_steps and not ordered:
        return None
    how = _("in steps of one") if in_steps else _("without gaps or in order")
    return ("identifiers",), [
        *_name_says(column),
        _("Every record has a number of its own, {how}: it works as a row number here, whatever its name.").format(
            how=how
        ),
    ]


def _weight(column: DescribedColumn) -> _Answer:
    if column.keys[:1] != ("weight",):
        return None
    if column.is_body:
        return ("sensitive",), [_("A body measure, as height or body mass stand beside it: health (GDPR art. 9).")]
    if column.is_weight:
        same = [_("It is the same in every record.")] if _is_constant(column.facts) else []
        return ("weight",), [*_name_says(column), _("All its values are numbers, none negative."), *same]
    if not column.facts.is_number or not column.facts.lowest >= 0:
        return (), [*_name_says(column), _("Its values are not all numbers above 0: no part is proposed.")]
    return (), [*_name_says(column), _("Another column was proposed as the weight; a table has one.")]


def _outcome(column: DescribedColumn) -> _Answer:
    if not column.is_outcome:
        return None
    roles = ("outcome",) if not _is_special(column) else ("outcome", "sensitive")
    return roles, [_("Its name suggests what really happened, or a label to learn; it has few different values.")]


def _is_special(column: DescribedColumn) -> bool:
    """Return whether the name says a special category, an offence or money."""
    return any("sensitive" in kind.roles for kind in column.kinds)


def _inferred(column: DescribedColumn) -> _Answer:
    if "inferred" not in column.keys or _is_constant(column.facts) or _TEST_WORDS & set(column.words):
        return None
    facts = column.facts
    groups = facts.kind == "text" or {"cluster", "clusters", "segment", "segments"} & set(column.words)
    if _dated(column):
        return None
    if groups and facts.n_distinct > min(MOST_GROUPS, max(2, facts.n_present - 1)):
        return None
    evidence = [_("Its name suggests {label}.").format(label=_(BY_KEY["inferred"].label))]
    special = next((kind for kind in column.kinds if "sensitive" in kind.roles), None)
    if special is None:
        return ("inferred",), evidence
    evidence.append(_("It is about {label}.").format(label=_(special.label)))
    if special.note:
        evidence.append(_("A special category that is only inferred counts as well (CJEU C-184/20)."))
    return ("inferred", "sensitive"), evidence


def _dated(column: DescribedColumn) -> bool:
    return column.facts.kind == "date" or any(hit.pattern.key == "date" for hit in column.hits)


def _named(column: DescribedColumn) -> _Answer:
    """Answer by the first kind that the name says that is about the person."""
    kind = next(
        (kind for kind in column.kinds if kind.key not in ("inferred", "person key", "row key", "pseudonym")),
        None,
    )
    if kind is None or not set(kind.roles) & {"quasi_identifiers", "sensitive"}:
        return None
    facts = column.facts
    evidence = [_("Its name suggests {label}.").format(label=_(kind.label))] + ([_(kind.note)] if kind.note else [])
    if _dated(column) and "sensitive" in kind.roles:
        known = _(
            "It is a date, which others can know from elsewhere: proposed as quasi-identifier; make it "
            "sensitive if not."
        )
        return ("quasi_identifiers",), [*evidence, known]
    if _is_free_text(facts) and "quasi_identifiers" in kind.roles:
        return (), [*evidence, _(_FREE_TEXT)]
    if _is_free_text(facts):
        return kind.roles, [*evidence, _(_FREE_TEXT)]
    if "quasi_identifiers" in kind.roles:
        evidence.append(_(_SAME) if _is_constant(facts) else _("Others can know or see it."))
        if facts.distinct_ratio > NEARLY_UNIQUE and facts.n_present >= ENOUGH_RECORDS:
            evidence.append(_("It tells nearly every record apart by itself."))
    elif _is_constant(facts):
        evidence.append(_("Every record that has a value has the same one: whoever is in the table has it."))
    return kind.roles, evidence


def _constant(column: DescribedColumn) -> _Answer:
    return ((), [_(_SAME)]) if _is_constant(column.facts) else None


_SAME = N_("Every record that has a value has the same one: it tells nobody apart.")


def _is_constant(facts: ColumnFacts) -> bool:
    return facts.n_distinct == 1 and facts.n_present >= 3


def _by_values(column: DescribedColumn) -> _Answer:
    """Judge a column whose name says nothing by the words, codes or dates that it holds."""
    for hit in column.hits:
        if hit.pattern.key == "icd-10":
            return ("sensitive",), [_looks_like(hit), _(BY_KEY["health"].note)]
    if _has_religious_diet(column.facts):
        religion = BY_KEY["religion"]
        return religion.roles, [_("It holds diets that a religion asks for."), _(religion.note)]
    kind = value_kind(column.facts)
    if kind is not None:
        about = _("Half or more of its different values are words for {label}.").format(label=_(kind.label))
        return kind.roles, [about] + ([_(kind.note)] if kind.note else [])
    if _dated(column) and not {"technical date", "dealings date"} & set(column.keys):
        return ("quasi_identifiers",), [_("It holds dates, which others can know from elsewhere.")]
    return None


def value_kind(facts: ColumnFacts) -> Kind | None:
    """Return the kind that the words in a column show (religion, health, sex, …), if any."""
    if facts.kind != "text" or not 2 <= len(facts.sample) <= 500:
        return None
    values = {plain_text(value) for value in facts.sample.to_pylist()}
    for key, words, least in VALUE_WORDS:
        known = values & words
        if len(known) >= least and 2 * len(known) >= len(values):
            return BY_KEY[key]
    return None


def _has_religious_diet(facts: ColumnFacts) -> bool:
    if facts.kind != "text" or not len(facts.sample) <= MOST_GROUPS:
        return False
    return any(plain_text(value) in RELIGIOUS_DIETS for value in facts.sample.to_pylist())


_FREE_TEXT = N_("Free text is beyond class counting: names or places inside it are not found here.")


def _is_free_text(facts: ColumnFacts) -> bool:
    return facts.kind == "text" and facts.mean_length > LONG_TEXT and facts.distinct_ratio > 0.5


def _free_text(column: DescribedColumn) -> _Answer:
    if not _is_free_text(column.facts):
        return None
    return (), [_(_FREE_TEXT)]


def _unique_text(column: DescribedColumn) -> _Answer:
    facts = column.facts
    if facts.kind != "text" or facts.n_present < ENOUGH_RECORDS or not facts.distinct_ratio > NEARLY_UNIQUE:
        return None
    if any("identifiers" not in kind.roles for kind in column.kinds) or _dated(column):
        return None
    text = _("Nearly every record has a short text of its own, as names, keys and codes do; you decide.")
    return ("identifiers",), [text]


def _nothing_known(facts: ColumnFacts) -> str:
    if facts.distinct_ratio > NEARLY_UNIQUE and facts.n_present >= ENOUGH_RECORDS:
        return _("No part is proposed. Nearly every record differs: could somebody know it exactly? You decide.")
    if facts.is_number:
        return _("No part is proposed. Could it be known from outside, or hurt if learned? You decide.")
    return _("No part is proposed. Could this category be known from outside? You decide.")


#: In order: the first rule with an answer counts.
_RULES: tuple[Callable[[DescribedColumn], _Answer], ...] = (
    _empty,
    _identifying_values,
    _identifying_name,
    _household,
    _key,
    _row_number,
    _weight,
    _outcome,
    _inferred,
    _named,
    _constant,
    _by_values,
    _free_text,
    _unique_text,
)
