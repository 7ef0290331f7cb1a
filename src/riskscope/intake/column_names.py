"""What a column's name says: its words, and the kinds of the vocabulary that they name."""

from __future__ import annotations

import re
import unicodedata

from riskscope.intake.name_lists import KINDS, Kind

# fmt: off
#: Words that say whose column it is, and articles.
_WHOSE = frozenset({
    "de", "du", "des", "la", "le", "les", "un", "une", "of", "the", "in", "at", "for", "en", "et", "and",
    "my", "his", "her", "own", "van", "der", "het", "die", "das", "customer", "client", "patient", "person",
    "personne", "user", "employee", "employe", "salarie", "member", "membre", "assure", "adherent",
    "applicant", "emprunteur", "borrower", "eleve", "etudiant", "student", "conducteur", "driver",
    "insured", "subject", "respondent", "usager", "agent", "contact", "holder", "titulaire", "beneficiary",
    "beneficiaire", "main", "principal", "primary", "secondary",
})
#: Words that say nothing by themselves beside another word.
_NEUTRAL = frozenset({
    "code", "cod", "cd", "num", "numero", "no", "nr", "nbr", "number", "name", "nom", "lib", "libelle",
    "label", "desc", "description", "type", "cat", "categ", "category", "categorie", "group", "groupe",
    "grp", "classe", "class", "band", "range", "level", "niveau", "niv", "status", "statut", "stat",
    "clean", "raw", "new", "old", "orig", "original", "current", "actuel", "last", "dernier", "first",
    "premier", "value", "valeur", "str", "txt", "id", "col", "var", "st", "nd", "th",
})
# fmt: on
_BOUNDARY = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])")
_WORD = re.compile(r"[^\W_]+")


def plain_text(text: str) -> str:
    """Return a text in lower case without accents or blanks around it.

    Examples
    --------
    >>> plain_text(" Prénom ")
    'prenom'
    """
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold().strip()


def name_words(name: str) -> list[str]:
    """Return the words of a column name, in lower case and without accents.

    Examples
    --------
    >>> name_words("dateNaissance"), name_words("HHIncome2"), name_words("code_postal")
    (['date', 'naissance'], ['hh', 'income', '2'], ['code', 'postal'])
    """
    decomposed = unicodedata.normalize("NFKD", name[:200])
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return [word.casefold() for word in _WORD.findall(_BOUNDARY.sub(" ", bare))]


def _phrases(text: str) -> list[str]:
    return [phrase.strip() for phrase in text.split(",") if phrase.strip()]


#: Every exact name, and every name inside another, to the place of its kind in KINDS.
_EXACT: dict[str, list[int]] = {}
_INSIDE: dict[str, list[int]] = {}
_STEMS: list[tuple[str, int]] = []
for _place, _kind in enumerate(KINDS):
    for _phrase in _phrases(_kind.exact):
        _EXACT.setdefault(_phrase.replace(" ", ""), []).append(_place)
    for _phrase in _phrases(_kind.inside):
        if _phrase.endswith("*"):
            _STEMS.append((_phrase[:-1], _place))
        else:
            _EXACT.setdefault(_phrase.replace(" ", ""), []).append(_place)
            _INSIDE.setdefault(_phrase, []).append(_place)
_LONGEST = 4


def name_kinds(name: str) -> tuple[Kind, ...]:
    """Return what a column name says, the first kind first; nothing where the vocabulary does not know it.

    Examples
    --------
    >>> [kind.key for kind in name_kinds("Date_Naissance")]
    ['birth date']
    >>> name_kinds("v0042")
    ()
    """
    words = name_words(name)
    undigited = [word for word in words if not word.isdigit()]
    unowned = [word for word in undigited if word not in _WHOSE]
    core = [word for word in unowned if word not in _NEUTRAL and len(word) > 1]
    # The whole name counts before what is left of it without neutral words.
    for candidate in (words, undigited, unowned, core):
        exact = _EXACT.get("".join(candidate))
        if exact:
            return _ordered(exact, words)
    return _ordered([], words)


def _ordered(places: list[int], words: list[str]) -> tuple[Kind, ...]:
    bare = [word for word in words if word not in ("de", "du", "des", "la", "le", "of", "the")]
    found = set(places)
    for run in (words, bare):
        for start in range(len(run)):
            for stop in range(start + 1, min(len(run), start + _LONGEST) + 1):
                found.update(_INSIDE.get(" ".join(run[start:stop]), ()))
    for stem, place in _STEMS:
        if any(word.startswith(stem) for word in words):
            found.add(place)
    # An exact reading of the whole name stands before a word inside it.
    rest = sorted(found - set(places))
    return tuple(KINDS[place] for place in (*sorted(set(places)), *rest))
