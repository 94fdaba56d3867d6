"""Colours of keypoints by side: left, right and centre.

In every palette the three differ in hue as well as in lightness, so that they stay apart for every
kind of colour vision and in a grey print.
"""

from collections.abc import Mapping

from kpstudio.core.skeleton import Side

DEFAULT_PALETTE = "vivid"
SIDE_PALETTES: Mapping[str, Mapping[Side, str]] = {
    DEFAULT_PALETTE: {"left": "#3D8BFF", "right": "#FF9A3C", "centre": "#FFF27A"},
    # The two ends of ColorBrewer's PiYG are the safest pair of a red and a green.
    "contrast": {"left": "#C2188A", "right": "#8BE04A", "centre": "#FFFFFF"},
    # For bright images, on which light colours are lost.
    "deep": {"left": "#1B3FCC", "right": "#D9480F", "centre": "#111111"},
}

_in_force: Mapping[Side, str] = SIDE_PALETTES[DEFAULT_PALETTE]


def side_colours() -> Mapping[Side, str]:
    """The palette that is in force, in the whole window."""
    return _in_force


def put_in_force(name: str) -> bool:
    """Choose the palette, the default for a name that is not known; whether it is another."""
    global _in_force
    before, _in_force = _in_force, SIDE_PALETTES.get(name, SIDE_PALETTES[DEFAULT_PALETTE])
    return _in_force is not before
