"""Every sentence that a person reads goes through this gettext catalogue.

Write ``_("{n} records").format(n=n)``: the literal is what translators see, the values come afterwards.
``ngettext`` picks the plural. English is the source language and needs no catalogue file; another
language is a file ``locale/<language>/LC_MESSAGES/riskscope.mo`` and no change of code.
"""

from __future__ import annotations

import gettext
from collections.abc import Mapping
from pathlib import Path

_LOCALE = Path(__file__).with_name("locale")
_catalogue: gettext.NullTranslations = gettext.NullTranslations()
_language = "en"


def use_language(language: str, *, folder: str | Path = _LOCALE) -> None:
    """Choose the language of every sentence from now on; an unknown one is an error that lists the known.

    Parameters
    ----------
    language : str
        Such as ``"en"``.
    folder : str or Path, optional
        Holds ``<language>/LC_MESSAGES/riskscope.mo``. Default: the catalogues that come with riskscope.

    Examples
    --------
    >>> use_language("en")
    """
    global _catalogue, _language
    if language == "en":
        _catalogue = gettext.NullTranslations()
    else:
        known = _known(Path(folder))
        if language not in known:
            raise ValueError(
                _("There is no catalogue for the language {language!r}. Known: {known}.").format(
                    language=language, known=", ".join(known)
                )
            )
        _catalogue = gettext.translation("riskscope", folder, languages=[language])
    _language = language


def language_wanted(environment: Mapping[str, str]) -> str:
    """Return the first language that the environment asks for and riskscope knows, else English.

    Examples
    --------
    >>> language_wanted({"LANG": "C.UTF-8"})
    'en'
    """
    asked = next(
        (environment[name] for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), ""
    )
    wanted = [each.split(".")[0].split("_")[0] for each in asked.split(":")]
    return next((each for each in wanted if each in _known(_LOCALE)), "en")


def _known(folder: Path) -> list[str]:
    return ["en", *sorted(path.parts[-3] for path in folder.glob("*/LC_MESSAGES/riskscope.mo"))]


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
