"""How far a training sample may differ from what was labelled: parameters, and presets of them."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from kpstudio.core.errors import UserProblem
from kpstudio.core.parameters import make_with_parameters, parameter


@dataclass(frozen=True)
class Augmentation:
    """What changes at random from one view of a sample to the next. A chance is 0 to 1."""

    rotation: float = parameter(
        180.0, minimum=0.0, maximum=180.0, help="Largest turn in degrees, in both directions."
    )
    smallest_scale: float = parameter(
        0.75, minimum=0.5, maximum=1.0, help="Smallest factor on the size of the subject."
    )
    largest_scale: float = parameter(
        1.35, minimum=1.0, maximum=3.0, help="Largest factor on the size of the subject."
    )
    shift: float = parameter(
        0.08, minimum=0.0, maximum=0.5, help="Largest shift, as a part of the input's side."
    )
    flip: float = parameter(
        0.5,
        minimum=0.0,
        maximum=1.0,
        help="Chance to mirror, where the skeleton says what is left and right.",
    )
    half_body: float = parameter(
        0.0, minimum=0.0, maximum=1.0, help="Chance to look at one half of the subject only."
    )
    contrast: float = parameter(
        0.3, minimum=0.0, maximum=0.9, help="Largest change of contrast, as a part."
    )
    brightness: float = parameter(
        0.25, minimum=0.0, maximum=1.0, help="Largest change of brightness; 2 is black to white."
    )
    tint: float = parameter(
        0.06, minimum=0.0, maximum=0.5, help="The same for each colour by itself."
    )
    noise: float = parameter(
        0.06, minimum=0.0, maximum=0.5, help="Largest deviation of noise; 2 is black to white."
    )
    blur: float = parameter(
        0.0, minimum=0.0, maximum=1.0, help="Chance of a blur, as of a lens out of focus."
    )
    motion_blur: float = parameter(
        0.0, minimum=0.0, maximum=1.0, help="Chance of a blur along a line, as of a moving subject."
    )
    jpeg: float = parameter(
        0.0, minimum=0.0, maximum=1.0, help="Chance of the blocks of a strong JPEG compression."
    )
    cutout: float = parameter(
        0.0, minimum=0.0, maximum=1.0, help="Chance that something grey hides a part."
    )


class Preset(NamedTuple):
    """An augmentation for one kind of images.

    Args:
        title: As a list shows it.
        help: For which images, in one line.
        augmentation: None where the labels decide.
    """

    title: str
    help: str
    augmentation: Augmentation | None


_PHOTOGRAPHS = Augmentation(
    contrast=0.35, tint=0.1, blur=0.1, motion_blur=0.1, jpeg=0.1, cutout=0.15
)

PRESETS: Mapping[str, Preset] = {
    "automatic": Preset(
        "Automatic",
        "Turned all the way round, unless the labels show that subjects never are.",
        None,
    ),
    "animal_from_above": Preset(
        "Animal from above", "It may face any direction.", Augmentation(cutout=0.05)
    ),
    "person": Preset(
        "Person",
        "Photographs of people, more or less upright, often partly hidden.",
        dataclasses.replace(
            _PHOTOGRAPHS, rotation=45.0, smallest_scale=0.65, half_body=0.3, cutout=0.2
        ),
    ),
    "face": Preset(
        "Face",
        "Photographs of faces, more or less upright.",
        dataclasses.replace(
            _PHOTOGRAPHS, rotation=30.0, smallest_scale=0.8, largest_scale=1.25, shift=0.06
        ),
    ),
    "hand": Preset(
        "Hand", "Photographs of hands in any direction.", dataclasses.replace(_PHOTOGRAPHS)
    ),
    "fixed_camera": Preset(
        "Fixed camera",
        "Neither the camera nor where and how large the subject is ever changes much.",
        Augmentation(
            rotation=8.0,
            smallest_scale=0.9,
            largest_scale=1.1,
            shift=0.04,
            flip=0.0,
            contrast=0.2,
            tint=0.03,
        ),
    ),
}


class AugmentationChoice(msgspec.Struct, frozen=True):
    """A preset, and what of it is changed.

    Args:
        preset: One of `PRESETS`.
        changes: Values by the name of the parameter.
    """

    preset: str = "automatic"
    changes: dict[str, float] = {}

    def augmentation(self, *, if_automatic: Augmentation) -> Augmentation:
        """What was chosen.

        Args:
            if_automatic: What the labels say.

        Raises:
            UserProblem: There is no such preset or parameter, or a value is out of its range.
        """
        if self.preset not in PRESETS:
            raise UserProblem(
                f"There is no augmentation called “{self.preset}”.", f"Known: {', '.join(PRESETS)}."
            )
        # The values of the user are checked before they are mixed with others.
        make_with_parameters(Augmentation, self.changes)
        chosen = PRESETS[self.preset].augmentation or if_automatic
        return dataclasses.replace(chosen, **self.changes)
