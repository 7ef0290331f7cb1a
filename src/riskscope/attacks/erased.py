"""People who asked to be erased, objected or withdrew consent: are they in the release, or to be found in it?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from riskscope import display
from riskscope.attacks.attack import LINKABILITY, Attack, Numbers, figures
from riskscope.attacks.knowledge import Knowledge, knowledge_of
from riskscope.attacks.matching import match
from riskscope.checks import check_columns, check_names, quoted, shown
from riskscope.engines.columns import arrow_columns, as_frame
from riskscope.errors import RoleError
from riskscope.results import hidden, measured
from riskscope.words import N_, _, ngettext

if TYPE_CHECKING:
    from riskscope.hierarchy import Hierarchy

NO_OTHERS = N_("nobody was given who was surely never in the release, to see how many fit by chance")


@dataclass(frozen=True, kw_only=True)
class Erasure(Attack):
    """How many of the people who should not be in a release are, or could be found in it.

    A success is a person whose identifier stands in the release, or whom exactly one released record fits.
    ``fitting`` (n_records,) is how many records fit each person; exact, do not publish it.
    """

    question: ClassVar[str] = N_("Is anybody in the release who asked to be erased, objected or withdrew consent?")
    source: ClassVar[str] = "GDPR, articles 7(3), 17 and 21; article 19 for those to whom the data were "
    "handed on"
    asks: ClassVar[str] = LINKABILITY

    n_by_identifier: int = measured(N_("people whose identifier stands in the release"), "count")
    n_alone: int = measured(N_("people whom exactly one released record fits"), "count")
    n_several: int = measured(N_("people whom several released records fit"), "count")
    n_none: int = measured(N_("people whom no released record fits"), "count")
    identifiers: tuple[str, ...] = hidden()
    found_by: tuple[tuple[str, int], ...] = hidden()
    has_known: bool = hidden()
    fitting: Any = hidden()

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers, with how many people each identifier finds."""
        return {**super().to_dict(), "found_by": dict(self.found_by)}

    def sentences(self) -> list[str]:
        """Return who is found by an identifier, who by what is known, and what the other cases mean."""
        n = display.count(self.n_records)
        said = []
        if self.identifiers:
            said.append(
                ngettext(
                    "Of {all} people on the list, {n} is in the release by an identifier ({columns}).",
                    "Of {all} people on the list, {n} are in the release by an identifier ({columns}).",
                    self.n_by_identifier,
                ).format(all=n, n=display.count(self.n_by_identifier), columns=quoted(self.identifiers))
            )
        if self.has_known:
            fits = _(
                "By {known}, no released record fits {none} of {all} people on the list, several fit {several}, and "
                "exactly one fits {alone}: look at these, the record may be theirs."
            )
            if not self.n_alone:
                fits = _(
                    "By {known}, no released record fits {none} of {all} people on the list, several fit {several}; "
                    "for nobody there is exactly one that fits."
                )
            said.append(
                fits.format(
                    known=self.known,
                    none=display.count(self.n_none),
                    all=n,
                    alone=display.count(self.n_alone),
                    several=display.count(self.n_several),
                )
            )
            if self.control_tried:
                said.append(
                    _("Of people who were never in the release, exactly one record fits {share} all the same.").format(
                        share=display.share(self.control_rate)
                    )
                )
            else:
                said.append(
                    _(
                        "A record that fits need not be theirs; give holdout= (people who were never in "
                        "it) to see how often "
                        "one fits by chance."
                    )
                )
        said.append(
            _(
                "Nobody found here may still be in the data in other words: under a pseudonym, in a "
                "model trained on them, in "
                "copies that were handed on."
            )
        )
        return said

    def tables(self) -> list[tuple[str, Sequence[str], Sequence[Sequence[str]]]]:
        """Return how many people each identifier finds."""
        if not self.found_by:
            return []
        rows = [[shown(name), display.count(n)] for name, n in self.found_by]
        return [(_("People on the list whose identifier stands in the release"), [_("identifier"), _("people")], rows)]


def erasure(
    people: Any,
    released: Any,
    *,
    known: str | Iterable[str] | Mapping[str, str | float] | None = None,
    identifiers: str | Iterable[str] | None = None,
    holdout: Any = None,
    hierarchies: Mapping[str, Hierarchy] | None = None,
) -> Erasure:
    """Look for people in a release who must not be in it.

    Parameters
    ----------
    people : data frame
        The people who asked to be erased, objected, or withdrew consent: one row each, with what is known of them.
    released : data frame
        The table handed out.
    known : names of columns, or mapping, optional
        What an attacker knows of them; see ``singling_out``.
    identifiers : names of columns, optional
        Columns of both tables that name a person (e-mail, number): compared as text, without blanks around it and
        without regard to upper and lower case. At least one of the two is needed.
    holdout : data frame, optional
        People who were never in the release: how many of them does one record fit by chance?
    hierarchies : mapping of column to Hierarchy, optional

    Returns
    -------
    Erasure
        ``n_by_identifier``, ``n_alone``, ``n_none``, ``hit`` (n_people,).

    Raises
    ------
    RoleError
        Neither known nor identifiers are given, or a column is missing in a table.

    Examples
    --------
    >>> import pandas as pd
    >>> release = pd.DataFrame({"email": ["a@example.org", None], "age": ["30-39", "40-49"]})
    >>> listed = pd.DataFrame({"email": ["A@example.org ", "b@example.org"], "age": [31, 44]})
    >>> found = erasure(listed, release, known="age", identifiers="email")
    >>> found.n_by_identifier, found.n_alone, found.hit.tolist()
    (1, 2, [1.0, 1.0])
    """
    names = check_names(identifiers, "identifiers")
    if not names and known is None:
        raise RoleError(_("Say how people could be found: identifiers= (columns that name them), known=, or both."))
    theirs, ours = as_frame(people).columns, as_frame(released).columns
    for column in names:
        for present in (theirs, ours):
            check_columns([column], present, "identifiers")
    n_people = len(as_frame(people))
    named = {column: _named(people, released, column) for column in names}
    is_named = np.any([*named.values(), np.zeros(n_people, bool)], axis=0)
    knowledge = Knowledge(()) if known is None else knowledge_of(known, [name for name in theirs if name in set(ours)])
    fitting = np.zeros(n_people, np.int64)
    outside: Numbers | None = None
    if knowledge.columns:
        fitting = match(people, released, knowledge, hierarchies).n_fitting
        if holdout is not None:
            outside = (match(holdout, released, knowledge, hierarchies).n_fitting == 1).astype(float)
    hit = (is_named | (fitting == 1)).astype(float)
    guess = 0.0 if outside is None or not len(outside) else float(outside.mean())
    p_value = None if guess or not knowledge.columns else float("nan")
    found = figures(hit, guess=guess, p_value=p_value, control=outside)
    if found["tried"] and np.isnan(found["p_value"]):
        found["undefined"]["p_value"] = NO_OTHERS
    return Erasure(
        n_records=n_people,
        known=knowledge.words(),
        n_by_identifier=int(is_named.sum()),
        n_alone=int(np.count_nonzero(fitting == 1)),
        n_several=int(np.count_nonzero(fitting > 1)),
        n_none=int(np.count_nonzero(fitting == 0)) if knowledge.columns else 0,
        identifiers=names,
        found_by=tuple((column, int(flags.sum())) for column, flags in named.items()),
        has_known=bool(knowledge.columns),
        fitting=fitting,
        **found,
    )


def _named(people: Any, released: Any, column: str) -> Any:
    """Return whose identifier stands in the release; a missing or empty one is nobody's."""
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = []
    for data in (people, released):
        array = arrow_columns(data, [column])[0]
        array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
        array = array.dictionary_decode() if pa.types.is_dictionary(array.type) else array
        texts.append(pc.utf8_lower(pc.utf8_trim_whitespace(array.cast(pa.large_string()))))
    wanted, there = texts
    wanted = pc.if_else(pc.equal(wanted, ""), None, wanted)
    return np.asarray(pc.is_in(wanted, value_set=there.drop_null(), skip_nulls=True).to_numpy(zero_copy_only=False))
