"""Probabilistic linkage by splink over DuckDB, an optional dependency, on the same columns, levels and passes."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskscope.attacks.linking.blocking import Pairs, Pass
from riskscope.attacks.linking.comparable import Comparable
from riskscope.attacks.linking.fellegi_sunter import DIFFERENT, DRAWN, EQUAL, MISSING, NEAR, NO_PAIRS, Fit
from riskscope.errors import MissingExtraError, RiskscopeError
from riskscope.words import N_, _

NOT_LEARNT = N_("the fit failed: splink could not learn how often one person's records agree")
#: Texts shorter than this are never near, as in ``kernels.edits`` (which needs numba).
SHORTEST = 3
#: Records of one person that agree on the column with fewest pairs: splink asks for a guess.
RECALL = 0.7


def linked_by_splink(
    columns: Sequence[Comparable], pairs: Pairs, *, seed: int
) -> tuple[Pairs, NDArray[np.float64], Fit]:
    """Return the pairs that splink compared, their weights in bits, and what it learnt.

    Raises
    ------
    MissingExtraError
        splink is not installed.
    RiskscopeError
        A pass is a sorted neighbourhood, which splink does not know.
    """
    try:
        import splink  # noqa: F401
    except ImportError:
        raise MissingExtraError(
            _('engine="splink" needs splink over DuckDB: pip install "riskscope[linkage]"; or leave engine="own".')
        ) from None
    if any(each.window for each in pairs.passes):
        raise RiskscopeError(
            _('engine="splink" knows no neighbourhoods; give passes of equal columns, or leave engine="own".')
        )
    n = len(columns), len(columns[0].people) * len(columns[0].released)
    nothing = np.full((n[0], 4), np.nan)
    if not len(pairs.people):
        return pairs, np.empty(0), Fit(nothing, nothing, np.nan, failure=NO_PAIRS)
    with _silence():
        linker = _trained(columns, pairs.passes, seed)
        if linker is None:
            failed = Fit(nothing, nothing, np.nan, failure=NOT_LEARNT)
            return pairs, np.full(len(pairs.people), np.nan), failed
        found = linker.inference.predict().as_pyarrow_table()
        learnt = linker.misc.save_model_to_json()
    keys = np.asarray(found["unique_id_l"]) * len(columns[0].released) + np.asarray(found["unique_id_r"])
    order = np.argsort(keys)
    people, released = np.divmod(keys[order], len(columns[0].released))
    compared = Pairs(people, released, pairs.passes)
    fitted = _fit(learnt, n[0])
    odds = np.log2(fitted.prior / (1 - fitted.prior))
    return compared, np.asarray(found["match_weight"], float)[order] - odds, fitted


def _trained(columns: Sequence[Comparable], passes: Sequence[Pass], seed: int) -> Any:
    """Return splink's linker with its shares learnt, or None where it learnt nothing."""
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on
    from splink.internals.exceptions import EMTrainingException, SplinkException

    names = {column.name: f"c{at}" for at, column in enumerate(columns)}
    rules: list[Any] = [block_on(*(names[name] for name in each.columns)) if each.columns else "1=1" for each in passes]
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=[_comparison(names[column.name], column) for column in columns],
        blocking_rules_to_generate_predictions=rules,
        retain_matching_columns=False,
    )
    database = DuckDBAPI()
    tables = [
        database.register(_table(columns, side), dataset_display_name=name)
        for name, side in (("a_people", "people"), ("b_released", "released"))
    ]
    linker = Linker(tables, settings, log_level=logging.CRITICAL)
    sizes = {names[column.name]: _n_equal(column) for column in columns}
    rising = sorted((name for name, size in sizes.items() if size), key=sizes.__getitem__)
    try:
        linker.training.estimate_probability_two_random_records_match([block_on(rising[0])], recall=RECALL)
        linker.training.estimate_u_using_random_sampling(max_pairs=DRAWN, seed=seed)
        for name in rising[:2]:  # the m of a column is learnt where another one blocks
            linker.training.estimate_parameters_using_expectation_maximisation(block_on(name))
    except (EMTrainingException, SplinkException, IndexError, ValueError):
        return None
    return linker


def _n_equal(column: Comparable) -> int:
    """Return how many pairs agree on the column."""
    n = len(column.values)
    ours, theirs = (np.bincount(each[each >= 0], minlength=n) for each in (column.people, column.released))
    return int(ours @ theirs)


def _table(columns: Sequence[Comparable], side: str) -> Any:
    import pyarrow as pa

    codes = [getattr(column, side) for column in columns]
    data = {"unique_id": np.arange(len(codes[0]))}
    for at, (column, each) in enumerate(zip(columns, codes, strict=True)):
        data[f"c{at}"] = column.values.take(pa.array(each, mask=each < 0))
    return pa.table(data)


def _comparison(name: str, column: Comparable) -> Any:
    """Return the levels of a column as splink's: the same rules as ``kernels.edits``."""
    from splink import comparison_level_library as levels
    from splink import comparison_library

    left, right = f'"{name}_l"', f'"{name}_r"'
    if column.tolerance is not None:
        near = f"abs({left} - {right}) <= {column.tolerance}"
    else:
        longer = f"greatest(length({left}), length({right}))"
        limit = f"greatest(1, {longer} // {column.letters_an_edit})" if column.letters_an_edit else "1"
        is_worth_it = f"{longer} >= {SHORTEST} AND abs(length({left}) - length({right})) <= {limit}"
        near = f"{is_worth_it} AND damerau_levenshtein({left}, {right}) <= {limit}"
    return comparison_library.CustomComparison(
        output_column_name=name,
        comparison_levels=[
            levels.NullLevel(name),
            levels.ExactMatchLevel(name, term_frequency_adjustments=True),
            levels.CustomLevel(near, label_for_charts="near"),
            levels.ElseLevel(),
        ],
    )


def _fit(learnt: dict[str, Any], n_columns: int) -> Fit:
    """Return splink's model as ours."""
    m, u = np.full((n_columns, 4), np.nan), np.full((n_columns, 4), np.nan)
    for at, comparison in enumerate(learnt["comparisons"]):
        for level, each in zip((MISSING, EQUAL, NEAR, DIFFERENT), comparison["comparison_levels"], strict=True):
            if level != MISSING:
                m[at, level] = each.get("m_probability", np.nan)
                u[at, level] = each.get("u_probability", np.nan)
    return Fit(m, u, float(learnt["probability_two_random_records_match"]))


@contextmanager
def _silence() -> Iterator[None]:
    """Keep splink's talk, which quotes its settings, out of the program's log."""
    logger = logging.getLogger("splink")
    level, propagates = logger.level, logger.propagate
    logger.setLevel(logging.CRITICAL)
    logger.propagate = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
        logger.propagate = propagates
