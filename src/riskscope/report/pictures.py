"""Results' pictures as inline SVG: the same bytes for the same numbers, text escaped, no fonts fetched."""

from __future__ import annotations

import io
import re
import warnings
from typing import Any

from markupsafe import Markup

from riskscope.results import Result

_SETTINGS: dict[Any, Any] = {
    "svg.hashsalt": "riskscope",
    "svg.fonttype": "path",
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.titlesize": 10,
    "text.parse_math": False,
    "figure.facecolor": "white",
}


def picture(result: Result) -> Markup:
    """Return a result's picture as an SVG element, or an empty text where it has none."""
    if not result.has_picture:
        return Markup("")
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with mpl.rc_context(_SETTINGS), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")  # an odd column name shows as a box
        figure = Figure(figsize=(7.0, 3.4), layout="constrained")
        FigureCanvasSVG(figure)
        result.plot(figure.add_subplot())
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    svg = buffer.getvalue()
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    label = Markup.escape(" ".join(result.sentences()))
    return Markup(svg.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1))
