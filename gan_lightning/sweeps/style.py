"""How the pictures of a sweep look."""

from matplotlib.axes import Axes

INK, RULE, GREY = "#39424e", "#e6e9ed", "#5b6573"
COLOURS = ("#2f6fb0", "#d81b60", "#2a9d8f", "#e08a2e", "#7b61c4", "#8d6e4a", "#4f9d3a", "#c0504d", "#3aa6c9", "#5b6573")
"""Of lines; behind the last they begin again, dashed."""


def plain(axes: Axes) -> None:
    """Thin lines, no frame."""
    axes.tick_params(labelsize=8, labelcolor=INK, color=RULE, which="both")
    axes.grid(color=RULE, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["bottom", "left"]].set_color(RULE)
