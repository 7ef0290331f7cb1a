"""Hold the attacks' verdicts against releases that tell nothing: ``python -m benchmarks.attack_levels [--seeds N]``.

Every column of the release is shuffled by itself (what is left of the people is in no record), or the release is drawn
anew from where the people come from. How often is an attack "no better than guessing"? 95 of 100 is what a test at 5 %
promises. The table goes to the standard output. Sizes and seeds stand here, fixed before the first run.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.timing import progress
from riskscope import attacks
from riskscope.attacks.attack import BETTER, NO_BETTER
from riskscope.intervals import wilson

SEED = 20261124
N_PEOPLE = 150
KNOWN = ["sex", "town", "age"]


def people(rng: np.random.Generator, n: int = N_PEOPLE) -> pd.DataFrame:
    """Return people whose illness and income hang together with what is known of them."""
    age, town = rng.integers(20, 80, n), rng.integers(0, 8, n)
    drawn = rng.choice(["none", "flu", "asthma"], n, p=[0.5, 0.3, 0.2])
    return pd.DataFrame(
        {
            "sex": rng.choice(["F", "M"], n),
            "town": town,
            "age": age,
            "illness": np.where(age > 60, rng.choice(["flu", "asthma"], n), drawn),
            "income": age * 40 + rng.normal(0, 400, n),
        }
    )


def shuffled(table: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return the table with every column shuffled by itself."""
    return pd.DataFrame({name: rng.permutation(table[name].to_numpy()) for name in table})


def verdict_of(attack: Callable[[pd.DataFrame, np.random.Generator, int], Any], seed: int) -> str:
    """Return the verdict of one attack on one release."""
    rng = np.random.default_rng((SEED, seed))
    return str(attack(people(rng), rng, seed).verdict)


def _known(function: Callable[..., Any], **options: Any) -> Callable[..., Any]:
    def run(table: pd.DataFrame, rng: np.random.Generator, seed: int) -> Any:
        return function(table, shuffled(table, rng), known=KNOWN, truth=np.arange(len(table)), **options)

    return run


def _inferred(how: str) -> Callable[..., Any]:
    def run(table: pd.DataFrame, rng: np.random.Generator, seed: int) -> Any:
        return attacks.inference(table, shuffled(table, rng), known=KNOWN, target="illness", how=how, rng=seed)

    return run


def _kept(table: pd.DataFrame, rng: np.random.Generator, seed: int) -> Any:
    truth = np.arange(len(table))
    return attacks.interval_disclosure(table, shuffled(table, rng), columns=["age"], truth=truth, tolerance=0.2)


def _members(table: pd.DataFrame, rng: np.random.Generator, seed: int) -> Any:
    return attacks.membership(table, people(rng), people(rng), rng=seed)


def _predicates(table: pd.DataFrame, rng: np.random.Generator, seed: int) -> Any:
    return attacks.predicate_singling_out(table, people(rng), holdout=people(rng), n_predicates=100, rng=seed)


ATTACKS: dict[str, Callable[..., Any]] = {
    "singling_out": _known(attacks.singling_out),
    'linkage, "exact"': _known(attacks.linkage, method="exact"),
    'linkage, "distance"': _known(attacks.linkage, method="distance"),
    "probabilistic_linkage": _known(attacks.probabilistic_linkage),
    "interval_disclosure": _kept,
    'inference, "class"': _inferred("class"),
    'inference, "model"': _inferred("model"),
    "membership": _members,
    "predicate_singling_out": _predicates,
}


def main() -> None:
    """Run every attack on as many random releases, and print how often it is no better than guessing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--only", default="", help="attacks whose name holds this text")
    options = parser.parse_args()
    print("| attack | releases | no better than guessing, % | 95 % interval | better | cannot tell |")
    print("|---|---:|---:|---:|---:|---:|")
    for name, attack in ATTACKS.items():
        if options.only not in name:
            continue
        verdicts = [verdict_of(attack, seed) for seed in range(options.seeds)]
        held, fell = verdicts.count(NO_BETTER), verdicts.count(BETTER)
        low, high = wilson(held, options.seeds)
        other = options.seeds - held - fell
        share = 100 * held / options.seeds
        print(
            f"| `{name}` | {options.seeds} | {share:.1f} | {100 * low:.1f} to {100 * high:.1f} | {fell} | {other} |",
            flush=True,
        )
        progress(name)


if __name__ == "__main__":
    main()
