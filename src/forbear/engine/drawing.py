"""How pictures in the documentation look: their colours and letters.

A picture brings its own light ground, so it reads on a dark page too. The same numbers give the same bytes.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.typing import RcKeyType

GROUND, INK, SOFT = "#fbfcfc", "#1d2b2b", "#5a6868"
OURS, THEIRS = "#0f6b6b", "#9aa8a8"
#: For matplotlib.
STYLE: "dict[RcKeyType, object]" = {
    "svg.hashsalt": "forbear",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 11,
    "text.color": INK,
    "axes.labelcolor": SOFT,
    "xtick.color": SOFT,
    "ytick.color": INK,
}
