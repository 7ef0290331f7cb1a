"""How customers can be reached: e-mail addresses and telephone numbers that can belong to nobody.

The domains are those that RFC 2606 reserves for examples. The telephone numbers are those that the French
regulator keeps for works of fiction: 10,000 for each of five regions and 10,000 mobile ones.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskscope.datasets.stable_random import Integers, draw, happens, shuffled, whole_numbers

Texts = npt.NDArray[np.object_]

_DOMAINS = ("example.org", "example.com", "example.net")
_PLAIN_LETTERS = str.maketrans("àâäãáçéèêëíîïıñóôöõúûüśńóğşłż", "aaaaaceeeeiiiinoooouuusnogslz", " '-.")
# Beginning of the fictitious numbers of each region, and its départements; all others have the last one.
_LANDLINES = {
    "019900": "75 77 78 91 92 93 94 95",
    "026191": "14 18 22 27 28 29 35 36 37 41 44 45 49 50 53 56 61 72 76 85",
    "035301": "02 08 10 21 25 39 51 52 54 55 57 58 59 60 62 67 68 70 71 80 88 89 90",
    "046571": "01 03 04 05 06 07 11 13 15 2A 2B 26 30 34 38 42 43 48 63 66 69 73 74 83 84",
    "053649": "",
}
_MOBILE = "063998"


def emails(given_name: Texts, family_name: Texts, birth_year: Integers) -> Texts:
    """Return one e-mail address a customer, made from the name in one of several ways, no two the same."""
    n = len(given_name)
    given, family = _plain(given_name), _plain(family_name)
    initial = np.array([name[0] for name in given], dtype=object)
    year = np.array([f"{each % 100:02d}" for each in birth_year], dtype=object)
    number = whole_numbers("email/number", n, 1000).astype(str).astype(object)
    way = draw("email/way", (40, 15, 20, 10, 15), n)
    local = np.choose(
        way,
        [
            given + "." + family,
            initial + family,
            given + "." + family + year,
            family + "." + given,
            given + family + number,
        ],
    )
    domain = np.array(_DOMAINS, dtype=object)[draw("email/domain", (45, 40, 15), n)]
    earlier = pd.Series(local + "@" + domain).groupby(local + "@" + domain).cumcount().to_numpy()
    suffix = np.where(earlier > 0, "-" + (earlier + 1).astype(str).astype(object), "")
    return np.asarray(local + suffix + "@" + domain)


def phones(department: Texts) -> Texts:
    """Return one telephone number a customer, no two the same, written in several ways."""
    n = len(department)
    beginnings = list(_LANDLINES)
    kind = np.full(n, len(beginnings) - 1)
    for position, departments in enumerate(_LANDLINES.values()):
        kind[np.isin(department.astype(str), departments.split())] = position
    kind[happens("phone/mobile", 480, n)] = len(beginnings)
    digits = np.empty(n, dtype=object)
    for position, beginning in enumerate([*beginnings, _MOBILE]):
        members = np.flatnonzero(kind == position)
        endings = shuffled(f"phone/{beginning}", 10_000)[: len(members)]
        digits[members] = [f"{beginning}{ending:04d}" for ending in endings]
    way = draw("phone/way", (45, 30, 12, 10, 3), n)
    return np.array([_written(*each) for each in zip(digits, way, strict=True)], dtype=object)


def _written(digits: str, way: int) -> str:
    """Return the ten figures of a number in one of five ways of writing."""
    if way == 1:
        return digits
    if way == 3:
        return "+33" + digits[1:]
    pairs = [digits[start : start + 2] for start in range(0, 10, 2)]
    if way == 2:
        return "+33 " + " ".join([pairs[0][1], *pairs[1:]])
    return ("." if way == 4 else " ").join(pairs)


def _plain(names: Texts) -> Texts:
    """Return names in small letters without accents, spaces and hyphens."""
    distinct, position = np.unique(names.astype(str), return_inverse=True)
    plain = [name.replace("İ", "i").lower().translate(_PLAIN_LETTERS) for name in distinct]
    return np.array(plain, dtype=object)[position]
