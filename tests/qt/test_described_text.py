"""What the engine says of itself is read in the language of the window, too."""

import re

import pytest
from PySide6.QtWidgets import QApplication

from kpstudio.core.augmentation import PRESETS, Augmentation
from kpstudio.core.parameters import describe_parameters
from kpstudio.decoders.catalogue import DECODERS, describe_decoders
from kpstudio.decoders.decoder import HeadTraining
from kpstudio.gui import languages
from kpstudio.gui.described_text import described_text
from kpstudio.models.heads import describe_heads
from kpstudio.models.networks import describe_networks

ENGLISH_WORD = re.compile(r"\b(the|a|of|and|with|is|that|for|in)\b")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def chinese():
    application = QApplication.instance() or QApplication([])
    languages.install_language(application, "zh_CN")
    yield
    languages.install_language(application, languages.ENGLISH)


def helps():
    for each in (*describe_decoders(), *describe_heads(), *describe_networks()):
        yield each.help
    for each in describe_decoders():
        yield from (parameter.help for parameter in each.parameters)
    for preset in PRESETS.values():
        yield from (preset.title, preset.help)
    for parameter in describe_parameters(Augmentation):
        yield from (parameter.name.replace("_", " "), parameter.help)


def reasons():
    for loss in ("mse", "dsnt", "awr", "regression"):
        for sigma in (0.5, 1.5):
            training = HeadTraining(loss=loss, sigma=sigma, temperature=7.0, kernel=0.3)
            for name in DECODERS:
                yield DECODERS[name]().advice(training).reason


def test_all_help_and_advice_of_the_engine_is_chinese(chinese):
    english = [
        text
        for text in (*helps(), *reasons())
        if not CHINESE.search(described_text(text)) or ENGLISH_WORD.search(described_text(text))
    ]
    assert english == []
    assert described_text("DARK") == "DARK"


def test_what_is_not_known_stays_english_beside_what_is(chinese):
    assert described_text("Differentiable. Made by a plugin.") == "可微。Made by a plugin."


def test_english_is_as_the_engine_says_it():
    text = "Differentiable. Made by a plugin."
    assert described_text(text) == text
