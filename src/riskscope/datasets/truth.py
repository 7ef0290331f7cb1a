"""What was planted in the made-up tables: who is who, who is unique in the population, which bias."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from riskscope.datasets import profiles
from riskscope.datasets.customers import customers
from riskscope.datasets.register import register_frame
from riskscope.words import _

# Name of a key -> the columns of the register that make it; "birth_year" is the year of birth_date.
KEYS = {
    "sex+birth_year+postcode": ["sex", "birth_year", "postcode"],
    "sex+birth_date+postcode": ["sex", "birth_date", "postcode"],
    "sex+birth_year+postcode+occupation": ["sex", "birth_year", "postcode", "occupation"],
}


@dataclass(frozen=True)
class PlantedTruth:
    """The truth about the made-up customers; every array has one entry a customer, in the table's order.

    Attributes
    ----------
    person_id : numpy.ndarray
        ``person_id`` of the customer in the register.
    customer_number : numpy.ndarray
        The number of seven figures whose unsalted MD5 is ``customer_hash``.
    population_class_size : pandas.DataFrame
        People of the register who share the customer's values, one column a key (see ``KEYS``), counted
        before any value was taken out of the customer table.
    planted_pattern : numpy.ndarray
        Why the customer is unique in the population by construction; an empty text for all but twelve.
    payment_probability : numpy.ndarray
        True probability (0 to 1) of paying on time, from which ``paid_on_time`` was drawn.
    score_shift : float
        What was added to ``credit_score`` of people born outside the EU, at the same true probability.
    """

    person_id: npt.NDArray[np.int64] = field(repr=False)
    customer_number: npt.NDArray[np.object_] = field(repr=False)
    population_class_size: pd.DataFrame = field(repr=False)
    planted_pattern: npt.NDArray[np.object_] = field(repr=False)
    payment_probability: npt.NDArray[np.float64] = field(repr=False)
    score_shift: float

    @property
    def population_unique(self) -> pd.DataFrame:
        """Whether the customer is the only such person in the register, one column a key."""
        return self.population_class_size == 1

    @property
    def is_planted_unique(self) -> npt.NDArray[np.bool_]:
        """Whether the customer was made unique in the register by construction."""
        return np.asarray(self.planted_pattern != "")

    def planted_people(self) -> pd.DataFrame:
        """Return the register's rows of the twelve people made unique, with names; they are made up."""
        rows = np.flatnonzero(self.is_planted_unique)
        people = register_frame().iloc[self.person_id[rows] - 1]
        return people.assign(pattern=self.planted_pattern[rows], customer_row=rows).reset_index(drop=True)

    def summary(self) -> str:
        """Return what was planted, in a few sentences."""
        return _(
            "{n} customers are a simple random sample of the register's adults; {planted} of them were then "
            "made unique by occupation. The score of people born outside the EU is {shift:.2f} lower at the "
            "same true probability of paying on time. That probability has the same distribution in each sex "
            "and region of birth, so a gap by sex is chance. The segment depends on sex only through "
            "top_category."
        ).format(n=len(self.person_id), planted=int(self.is_planted_unique.sum()), shift=-self.score_shift)


@functools.lru_cache(maxsize=1)
def _class_sizes() -> pd.DataFrame:
    """Return the class sizes in the register, one row a person, one column a key."""
    register = register_frame()
    register["birth_year"] = register["birth_date"].dt.year
    sizes = {name: register.groupby(columns)["person_id"].transform("size") for name, columns in KEYS.items()}
    return pd.DataFrame(sizes).astype("int64")


def planted_truth() -> PlantedTruth:
    """Return what was planted in the tables of ``load_customers`` and ``load_register``.

    With it an estimate can be judged: of uniqueness in the population, of a linkage, of a bias.

    Returns
    -------
    PlantedTruth
        Links, class sizes in the register, probabilities; names only by its ``planted_people``.

    Notes
    -----
    The customers are a simple random sample without replacement of the adults in the register. The twelve who
    are planted were chosen among the sampled, so the sample holds more of that kind than chance gives.

    Examples
    --------
    >>> truth = planted_truth()
    >>> int(truth.is_planted_unique.sum()), truth.score_shift
    (12, -0.12)
    """
    known = customers()
    return PlantedTruth(
        person_id=known.person + 1,
        customer_number=np.array(known.number, dtype=object),
        population_class_size=_class_sizes().iloc[known.person].reset_index(drop=True),
        planted_pattern=known.pattern.copy(),
        payment_probability=known.payment.probability / 1000,
        score_shift=profiles.SCORE_SHIFT / 1000,
    )
