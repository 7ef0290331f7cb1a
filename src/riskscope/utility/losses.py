"""Information loss of a release: what generalisation, suppression and noise took away, by the usual measures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from riskscope import display
from riskscope.checks import check_columns, check_names, check_whole, quoted, shown
from riskscope.engines.columns import as_frame
from riskscope.engines.memory import key_rows
from riskscope.errors import RoleError
from riskscope.hierarchy import Hierarchy
from riskscope.results import Result, hidden, measured, new_axes, plain
from riskscope.utility.column_losses import ColumnLoss, Recoded, column_loss
from riskscope.utility.covering import Covering, coverings, rows_of
from riskscope.words import N_, _, ngettext

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]
Booleans = NDArray[np.bool_]

EMPTY = N_("the original has no records")
NONE_LEFT = N_("no record is left in the release")
NO_K = N_("k was not given")
NO_NUMBERS = N_("there is no column of numbers that vary")
NOT_COARSENED = N_("some cells do not cover the original value: noise, swapping, or another order of records")
NO_LEVELS = N_("it needs a hierarchy of each column, whose levels the release uses")

#: The measures that are means over columns.
_MEANS = ("loss", "lm", "ncp", "non_uniform_entropy_share")


@dataclass(frozen=True, kw_only=True)
class InformationLoss(Result):
    """Information loss by every usual name; each name is one definition, and two of one name are told apart.

    ``columns`` holds a ``ColumnLoss`` each. Rows that are not in the release, or suppressed in all columns, count as
    suppressed.
    """

    question: ClassVar[str] = N_("How much information did the release lose?")
    source: ClassVar[str] = (
        "Iyengar (2002), doi:10.1145/775047.775089; Xu et al. (2006), doi:10.1145/1150402.1150504; Sweeney (2002), "
        "doi:10.1142/S021848850200165X; Bayardo and Agrawal (2005), doi:10.1109/ICDE.2005.42; LeFevre et al. (2006), "
        "doi:10.1109/ICDE.2006.101; Goldberger and Tassa (2010); Gionis and Tassa (2009), doi:10.1109/TKDE.2008.129; "
        "Mateo-Sanz et al. (2004)"
    )

    n_suppressed: int = measured(N_("suppressed records"), "count")
    loss: float = measured(N_("Loss (ARX): share of the values that a cell may be"), "share")
    lm: float = measured(N_("LM: share of the other values that a cell may be"), "share")
    lm_geometric: float = measured(N_("LM, geometric mean of the columns (which ARX shows as Loss)"), "share")
    ncp: float = measured(N_("NCP: width of a cell, of the width of its column"), "share")
    precision: float = measured(N_("precision: share of the hierarchies' levels kept"), "share")
    discernibility: float = measured(N_("discernibility: records from which a record is not told apart, summed"))
    aecs: float = measured(N_("average class size (AECS)"))
    c_avg: float = measured(N_("average class size over k (C_AVG)"))
    ambiguity: float = measured(N_("ambiguity: combinations that a record may be, summed"))
    non_uniform_entropy: float = measured(N_("non-uniform entropy lost, in bits (one-step)"))
    non_uniform_entropy_share: float = measured(N_("non-uniform entropy lost, of all"), "share")
    sse: float = measured(N_("squared error of numbers, of their variance (SSE / SST)"))
    il1s: float = measured(N_("absolute error of numbers over √2 standard deviations, summed (IL1s)"))
    k: int | None = hidden(default=None)
    columns: tuple[ColumnLoss, ...] = hidden()

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers, with those of each column."""
        return {**super().to_dict(), "k": self.k, "columns": [plain(asdict(each)) for each in self.columns]}

    def sentences(self) -> list[str]:
        """Return what a cell of the release still tells, where most was lost, and what was not judged."""
        said = []
        if np.isfinite(self.lm):
            said.append(
                _(
                    "A cell of the release rules out {kept} of the other values that it might have been (LM {lm}): "
                    "all of them where nothing was lost, none where it was suppressed."
                ).format(kept=display.share(1 - self.lm), lm=display.share(self.lm))
            )
            worst = max((each for each in self.columns if np.isfinite(each.lm)), key=lambda each: each.lm)
            if worst.lm > 0:
                said.append(
                    _("Most was lost in {column} (LM {lm}).").format(
                        column=shown(worst.column), lm=display.share(worst.lm)
                    )
                )
        if self.n_suppressed:
            said.append(
                ngettext(
                    "{n} of {total} records is not in the release, or says nothing there: a loss of all it held.",
                    "{n} of {total} records are not in the release, or say nothing there: a loss of all they held.",
                    self.n_suppressed,
                ).format(n=display.count(self.n_suppressed), total=display.count(self.n_records))
            )
        if self.aecs == 1:
            said.append(_("No two records of the release have equal cells."))
        elif np.isfinite(self.aecs):
            said.append(
                _("A record of the release looks like {n} records on average, in classes of equal cells.").format(
                    n=display.number(self.aecs)
                )
            )
        changed = [each.column for each in self.columns if each.n_changed]
        if changed:
            said.append(
                _(
                    "In {columns} some cells say something else than the original did (noise, swapping, or records in "
                    "another order): measures of coarseness do not apply there; look at the error of numbers, and at "
                    "compare_distributions."
                ).format(columns=quoted(changed))
            )
        if not said:
            said.append(_("There is nothing to measure a loss by: {reason}.").format(reason=_(EMPTY)))
        return said

    def tables(self) -> list[tuple[str, Sequence[str], Sequence[Sequence[str]]]]:
        """Return the loss of each column."""
        header = [_("column"), "Loss (ARX)", "LM", "NCP", _("precision"), _("entropy lost"), "SSE / SST", "IL1s"]
        rows = [
            [
                each.column,
                *(
                    write(value) if np.isfinite(value) else "–"
                    for value, write in (
                        (each.loss, display.share),
                        (each.lm, display.share),
                        (each.ncp, display.share),
                        (each.precision, display.share),
                        (each.non_uniform_entropy_share, display.share),
                        (each.sse, display.number),
                        (each.il1s, display.number),
                    )
                ),
            ]
            for each in self.columns
        ]
        return [(_("Loss of each column"), header, rows)] if rows else []

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the share of the other values that a cell of each column may be (LM), the most lost on top."""
        judged = sorted((each for each in self.columns if np.isfinite(each.lm)), key=lambda each: each.lm)
        axes = new_axes(ax, (7.0, 1.4 + 0.32 * len(judged)))
        bars = axes.barh(range(len(judged)), [100 * each.lm for each in judged], color=display.ACCENT)
        labels = [shown(each.column, 30)[1:-1].replace("$", r"\$") for each in judged]
        axes.set_yticks(range(len(judged)), labels)
        axes.bar_label(bars, labels=[display.share(each.lm) for each in judged], fontsize=8, padding=2)
        axes.set_xlim(0, 115)
        axes.set_xlabel(_("% of what a cell told that is lost (LM)"))
        axes.set_title(self.heading(), loc="left")
        axes.spines[["top", "right"]].set_visible(False)
        return axes


def information_loss(
    original: Any,
    released: Any,
    *,
    columns: str | Iterable[str],
    truth: Any = None,
    hierarchies: Mapping[str, Hierarchy] | None = None,
    k: int | None = None,
) -> InformationLoss:
    """Tell how much information a release lost, by each of the usual measures.

    They tell how coarse the release is, not whether what a reader wants to learn can still be learned from it: see
    ``compare_distributions`` and ``model_utility`` for that.

    Parameters
    ----------
    original, released : data frames
    columns : names of columns
        Those that were generalised, the quasi-identifiers mostly.
    truth : whole numbers (n_original,), optional
        Position of each original record in the release, -1 where it was not released. Default: the same order, where
        both have as many records.
    hierarchies : mapping of a column to its Hierarchy, optional
        Its values are the domain of the column, its levels those of precision. Default: the domain is the values
        that the original has.
    k : int, optional
        For C_AVG.

    Returns
    -------
    InformationLoss
        Every measure over all columns; ``columns`` has those of each.

    Raises
    ------
    RoleError
        A column is not in both tables, or none is named.
    FrameError
        It is not known which record is whose, or the positions do not fit.

    Notes
    -----
    n records of the original, the suppressed ones included; a cell g covers leaves(g) values of a domain of ``dom``.

    - Loss (ARX; Iyengar 2002): mean of leaves / dom; suppressed 1. ARX shows it scaled to 0 to 1, which is LM.
    - LM (Iyengar 2002): mean of (leaves - 1) / (dom - 1); suppressed 1; 0 where dom is 1. Over columns: the mean, and
      the geometric one that ARX shows by default, Π(1 + LM)^(1/d) - 1.
    - NCP (Xu et al. 2006): as LM for categories; of numbers and dates highest minus lowest of the original values that
      the cell covers, over the same of the column; suppressed 1.
    - Precision (Sweeney 2002): 1 - mean of level / height; suppressed: height.
    - Discernibility (Bayardo and Agrawal 2005): Σ f² over classes of equal cells, plus n for each suppressed record.
    - AECS (ARX): records kept / classes. C_AVG (LeFevre et al. 2006): the same / k. *Two different things.*
    - Ambiguity (Goldberger and Tassa): Σ over records of Π over columns of leaves; suppressed: of dom.
    - Non-uniform entropy (Gionis and Tassa 2009), one-step: -Σ log2(count of the value / count of original records
      under its cell); suppressed: under all; share of -Σ log2(count of the value / n). ARX chains it from level to
      level, which differs where levels are mixed.
    - SSE / SST: squared distance of numbers and dates from the centre of what their cell covers, over that from their
      mean; suppressed: from the mean. Over columns: the mean.
    - IL1s (Mateo-Sanz et al. 2004): Σ of |distance| / (√2 · standard deviation), as sdcMicro; over columns: the sum.

    A missing original value is a value of its own that a missing cell keeps. Where a cell does not cover its original
    value, nothing was generalised but changed: measures of coarseness are undefined for that column, and the means are
    over the others.

    Examples
    --------
    >>> import pandas as pd
    >>> original = pd.DataFrame({"age": [30, 30, 30, 40, 40, 30, 30, 50]})
    >>> found = information_loss(original, original.replace({40: "[30, 40]", 30: "[30, 40]", 50: "*"}), columns="age")
    >>> round(found.loss, 6), found.lm, found.ncp, round(found.non_uniform_entropy, 6)
    (0.708333, 0.5625, 0.5625, 9.041844)
    """
    names = check_names(columns, "columns")
    if not names:
        raise RoleError(_("No column to measure; name those that were generalised."))
    check_columns(names, as_frame(original).columns, _("columns of the original"))
    check_columns(names, as_frame(released).columns, _("columns of the release"))
    trees = {name: tree for name, tree in (hierarchies or {}).items() if name in names}
    at_least = None if k is None else check_whole(k, "k", low=1)
    n = len(as_frame(original))
    rows = rows_of(truth, n, len(as_frame(released)))
    covered = coverings(original, released, names, trees, with_domain=True)
    is_kept = (rows >= 0) & _says_something(covered, rows)
    recoded = [Recoded(each, rows, is_kept, trees.get(each.column)) for each in covered]
    found = tuple(column_loss(each) for each in recoded)
    undefined: dict[str, str] = {}
    whole: dict[str, Any] = _over_columns(found, undefined)
    whole |= _over_classes(released, names, rows[is_kept], n, at_least, undefined)
    whole["ambiguity"] = _ambiguity(recoded, undefined)
    if not n:
        undefined = dict.fromkeys((name for name, value in whole.items() if np.isnan(value)), EMPTY)
    return InformationLoss(
        n_records=n, n_suppressed=n - int(is_kept.sum()), k=at_least, columns=found, undefined=undefined, **whole
    )


def _says_something(columns: Sequence[Covering], rows: Whole) -> Booleans:
    """Tell whether each record's released row says something, or as little as the original: all is missing."""
    says, is_empty = np.zeros(len(rows), bool), np.ones(len(rows), bool)
    for each in columns:
        codes = np.append(each.codes, -1)[rows]
        says |= ~np.append(each.is_suppressed, True)[codes]
        is_empty &= np.append(each.is_blank, False)[codes] & (each.original < 0)
    return says | is_empty


def _over_columns(columns: Sequence[ColumnLoss], undefined: dict[str, str]) -> dict[str, float]:
    """Return the measures that are means or sums over columns; writes why one is undefined."""
    whole = {}
    for name in _MEANS:
        values = [getattr(each, name) for each in columns if np.isfinite(getattr(each, name))]
        whole[name] = float(np.mean(values)) if values else float("nan")
        if not values:
            undefined[name] = NOT_COARSENED
    losses = [each.lm for each in columns if np.isfinite(each.lm)]
    whole["lm_geometric"] = float(np.exp(np.log1p(losses).mean()) - 1) if losses else float("nan")
    levels = [each.precision for each in columns]
    whole["precision"] = float(np.mean(levels))
    entropies = [each.non_uniform_entropy for each in columns if np.isfinite(each.non_uniform_entropy)]
    whole["non_uniform_entropy"] = float(np.sum(entropies)) if entropies else float("nan")
    if not losses:
        undefined |= dict.fromkeys(("lm_geometric", "non_uniform_entropy"), NOT_COARSENED)
    if np.isnan(whole["precision"]):
        undefined["precision"] = NO_LEVELS
    for name, of_all in (("sse", np.mean), ("il1s", np.sum)):
        values = [getattr(each, name) for each in columns if np.isfinite(getattr(each, name))]
        whole[name] = float(of_all(values)) if values else float("nan")
        if not values:
            undefined[name] = NO_NUMBERS
    return whole


def _over_classes(
    released: Any, names: Sequence[str], rows: Whole, n: int, k: int | None, undefined: dict[str, str]
) -> dict[str, float]:
    """Return the measures of the classes of equal cells; writes why one is undefined."""
    sizes = np.unique(key_rows(released, names).keys[rows], return_counts=True)[1].astype(float)
    average = len(rows) / len(sizes) if len(sizes) else float("nan")
    if not len(sizes):
        undefined |= dict.fromkeys(("aecs", "c_avg"), NONE_LEFT)
    elif k is None:
        undefined["c_avg"] = NO_K
    return {
        "discernibility": float((sizes**2).sum()) + float(n - len(rows)) * n if n else float("nan"),
        "aecs": average,
        "c_avg": average / k if k is not None else float("nan"),
    }


def _ambiguity(columns: Sequence[Recoded], undefined: dict[str, str]) -> float:
    if any(each.n_changed for each in columns):
        undefined["ambiguity"] = NOT_COARSENED
        return float("nan")
    with np.errstate(over="ignore"):
        combinations = np.prod([each.leaves for each in columns], axis=0)
    return float(combinations.sum()) if len(combinations) else float("nan")
