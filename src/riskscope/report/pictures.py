"""Results' pictures as inline SVG: the same bytes for the same numbers, text escaped, no fonts fetched."""

from __future__ import annotations

import io
import re
import warnings
from typing import Any

from markupsafe import Markup

from riskscope.display import visible
from riskscope.results import Result

#: Inches: the width and the least height of a picture, and the height of one labelled bar.
_WIDTH, _HEIGHT, _LINE = 7.0, 3.2, 0.24

_SETTINGS: dict[Any, Any] = {
    "svg.hashsalt": "riskscope",
    "svg.fonttype": "path",
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.titlesize": 10,
    "text.parse_math": False,
    "figure.facecolor": "white",
}


def picture(result: Result, prefix: str = "", method: str = "plot") -> Markup:
    """Return a result's picture, drawn by a method of its own, as an SVG element, or an empty text if it has none.

    ``prefix`` sets the ids of one picture apart from those of another on the same page.
    """
    if not result.has_picture:
        return Markup("")
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with mpl.rc_context(_SETTINGS), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")  # an odd column name shows as a box
        warnings.filterwarnings("ignore", message="Matplotlib currently does not support")  # right-to-left names
        figure = Figure(figsize=(_WIDTH, _HEIGHT), layout="constrained")
        FigureCanvasSVG(figure)
        axes = figure.add_subplot()
        getattr(result, method)(axes)
        figure.set_size_inches(_WIDTH, max(_HEIGHT, 1 + _LINE * len(axes.get_yticklabels())))
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    svg = buffer.getvalue()
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r'( id="|href="#|url\(#)', rf"\g<1>{prefix}", svg)
    label = Markup.escape(visible(" ".join([axes.get_title(loc="left") or result.heading(), *result.sentences()])))
    return Markup(svg.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1))
