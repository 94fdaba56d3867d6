import pytest

from kpstudio.core.augmentation import PRESETS, Augmentation, AugmentationChoice
from kpstudio.core.errors import UserProblem
from kpstudio.core.parameters import make_with_parameters

AUTOMATIC = Augmentation(rotation=17.0)


def test_every_preset_is_within_its_own_ranges():
    for name, preset in PRESETS.items():
        chosen = AugmentationChoice(name).augmentation(if_automatic=AUTOMATIC)
        values = {field: getattr(chosen, field) for field in chosen.__dataclass_fields__}
        assert make_with_parameters(Augmentation, values) == chosen
        assert preset.help.endswith(".")


def test_automatic_is_what_the_labels_say_with_what_was_changed():
    choice = AugmentationChoice("automatic", {"blur": 0.5})
    assert choice.augmentation(if_automatic=AUTOMATIC) == Augmentation(rotation=17.0, blur=0.5)


@pytest.mark.parametrize(
    ("choice", "complaint"),
    [
        (AugmentationChoice("cat"), "no augmentation called “cat”"),
        (AugmentationChoice("face", {"hue": 1.0}), "hue"),
        (AugmentationChoice("face", {"flip": 1.5}), "out of range"),
        (AugmentationChoice("face", {"flip": float("nan")}), "out of range"),
    ],
)
def test_what_makes_no_sense_is_refused(choice, complaint):
    with pytest.raises(UserProblem, match=complaint):
        choice.augmentation(if_automatic=AUTOMATIC)
