"""Write what was measured: a page in Markdown and a small picture."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import riskscope as rs
from benchmarks.timing import Timing

LIBRARIES = ("numpy", "numba", "pandas", "pyarrow", "polars", "duckdb")
LIMIT = "reading the columns once"


@dataclass(frozen=True)
class Goal:
    """How many times faster riskscope should be, and is, on the wall and by processor seconds."""

    text: str
    needed: float | None
    wall: float | None = None
    cpu: float | None = None
    met: bool = field(kw_only=True, default=False)

    def __post_init__(self) -> None:
        if self.needed is not None and self.wall is not None:
            object.__setattr__(self, "met", min(self.wall, self.cpu or self.wall) >= self.needed)


@dataclass(frozen=True)
class Memory:
    """Peak memory of one contender beyond its input."""

    name: str
    n_rows: int
    n_bytes: float


@dataclass(frozen=True)
class Section:
    """The timings of contenders for one job, and the exact call of each."""

    title: str
    about: str
    ours: str
    timings: Mapping[str, Timing]
    calls: Mapping[str, str]

    def goal(self, text: str, needed: float, peer: str, ours: str | None = None) -> Goal:
        """Return the goal that a peer takes ``needed`` times longer."""
        base = self.timings[ours or self.ours]
        return Goal(text, needed, *(base.ratio(self.timings[peer], clock)[0] for clock in ("wall", "cpu")))


def write(folder: Path, sections: Sequence[Section], goals: Sequence[Goal], memories: Sequence[Memory]) -> None:
    """Write ``RESULTS.md`` and ``results.svg``."""
    page = ["# riskscope beside its peers", "", _about(), "", "![k and uniques](results.svg)", "", "## Goals", ""]
    page += _goal_table(goals)
    for section in sections:
        page += ["", f"## {section.title}", "", section.about, "", *_timing_table(section)]
    if memories:
        page += ["", "## Peak memory beyond the input", "", "Each in a fresh process, after a warm-up call.", ""]
        page += ["| contender | rows | MB |", "|---|---:|---:|"]
        page += [f"| {each.name} | {each.n_rows:,} | {each.n_bytes / 1e6:,.0f} |" for each in memories]
    (folder / "RESULTS.md").write_text("\n".join(page) + "\n", encoding="utf-8")
    stress = [section for section in sections if section.title.startswith("Stress") and "uniques" in section.title]
    _picture(stress[-1], folder / "results.svg")


def _about() -> str:
    versions = ", ".join([f"riskscope {rs.__version__}", *(f"{name} {version(name)}" for name in LIBRARIES)])
    return (
        f"Written by `python -m benchmarks` on {_processor()}, {os.cpu_count()} cores, {_memory_size()} of memory, "
        f"{platform.system()}, Python {platform.python_version()}, {versions}. All contenders of a table ran in one "
        "process, in turns, after a warm-up round; seconds are medians over the rounds. A ratio is how many times "
        "longer the contender took than riskscope on the pandas frame: the median over the rounds, and in brackets the "
        "least and largest. Every contender's answer was equal in every round. The six columns hold text and int64 in "
        "turn; every call starts from the frame or table as it is, encoding included."
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _memory_size() -> str:
    if not hasattr(os, "sysconf"):
        return "an unknown amount"
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"


def _goal_table(goals: Sequence[Goal]) -> list[str]:
    lines = ["| against | goal, times | found, wall | found, CPU | met |", "|---|---:|---:|---:|---|"]
    for goal in goals:
        cells = [_times(goal.needed), _times(goal.wall), _times(goal.cpu), "yes" if goal.met else "no"]
        lines.append(f"| {goal.text} | {' | '.join(cells)} |")
    return lines


def _times(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.3g}"


def _timing_table(section: Section) -> list[str]:
    lines = ["| contender | call | wall, s | CPU, s | wall ratio | CPU ratio |", "|---|---|---:|---:|---:|---:|"]
    base = section.timings[section.ours]
    for name, timing in section.timings.items():
        ratios = [base.ratio(timing, clock) for clock in ("wall", "cpu")]
        shown = " | ".join(f"{median:.2f} ({low:.2f}–{high:.2f})" for median, low, high in ratios)
        seconds = f"{timing.median('wall'):.3f} | {timing.median('cpu'):.3f}"
        lines.append(f"| {name} | {section.calls[name]} | {seconds} | {shown} |")
    return lines


def _picture(section: Section, path: Path) -> None:
    """Draw the seconds on the wall of each contender of one section."""
    import matplotlib as mpl

    mpl.use("svg")
    import matplotlib.pyplot as plt

    names = sorted(section.timings, key=lambda name: section.timings[name].median("wall"), reverse=True)
    seconds = [section.timings[name].median("wall") for name in names]
    colours = ["#1f5fa8" if "riskscope" in name else "#d0d0d0" if name == LIMIT else "#8a8a8a" for name in names]
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "riskscope", "font.size": 9}):
        figure, axes = plt.subplots(figsize=(7, 3.2), layout="constrained")
        bars = axes.barh(names, seconds, color=colours)
        axes.bar_label(bars, labels=[f"{each:.2f} s" for each in seconds], padding=3)
        axes.set_title(section.title, loc="left")
        axes.set_xlabel("seconds on the wall, median; shorter is better")
        axes.spines[["top", "right"]].set_visible(False)
        axes.margins(x=0.12)
        figure.savefig(path, metadata={"Date": None})
        plt.close(figure)
