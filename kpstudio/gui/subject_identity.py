"""How the subjects of an image are told apart wherever they are shown: by colour, and by name."""

from PySide6.QtGui import QColor

from kpstudio.core.annotation import Annotation

# Okabe and Ito, Color universal design (2008): apart for every kind of colour vision.
SUBJECT_COLOURS = (
    "#56B4E9", "#E69F00", "#009E73", "#F0E442", "#CC79A7", "#0072B2", "#D55E00", "#999999",
)  # fmt: skip


def subject_colour(position: int) -> QColor:
    """By the place in the list; those of different places are told apart by their numbers."""
    return QColor(SUBJECT_COLOURS[position % len(SUBJECT_COLOURS)])


def subject_name(annotation: Annotation, position: int) -> str:
    """The name that somebody gave it, else its number in the list."""
    return annotation.track or str(position + 1)
