"""Every sentence that a person reads goes through this gettext catalogue.

Write ``_("{n} records").format(n=n)``: the literal is what translators see, the values come afterwards.
``ngettext`` picks the plural. English is the source language and needs no catalogue file; another
language is a file ``locale/<language>/LC_MESSAGES/riskscope.mo`` and no change of code.
"""

from __future__ import annotations

import gettext
from pathlib import Path

_LOCALE = Path(__file__).with_name("locale")
_catalogue: gettext.NullTranslations = gettext.NullTranslations()
_language = "en"


def use_language(language: str) -> None:
    """Choose the language of every sentence from now on; an unknown one is an error that lists the known.

    Examples
    --------
    >>> use_language("en")
    """
    global _catalogue, _language
    if language != "en":
        known = ["en", *sorted(path.parts[-3] for path in _LOCALE.glob("*/LC_MESSAGES/riskscope.mo"))]
        if language not in known:
            raise ValueError(
                _("There is no catalogue for the language {language!r}. Known: {known}.").format(
                    language=language, known=", ".join(known)
                )
            )
        _catalogue = gettext.translation("riskscope", _LOCALE, languages=[language])
    else:
        _catalogue = gettext.NullTranslations()
    _language = language


def language() -> str:
    """Return the language in use, as in ``<html lang=…>``."""
    return _language


def _(message: str) -> str:
    """Return the message in the language in use."""
    return _catalogue.gettext(message)


def ngettext(singular: str, plural: str, n: int) -> str:
    """Return the singular or the plural, as the language in use counts."""
    return _catalogue.ngettext(singular, plural, n)


def N_(message: str) -> str:
    """Mark a message that is translated later, where it is shown."""
    return message
