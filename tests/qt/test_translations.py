"""Every text that a person reads can be translated, and is."""

import ast
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, QTranslator
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QMenuBar,
    QTabBar,
    QWidget,
)

import kpstudio
from kpstudio.core.resources import resource_path
from kpstudio.gui import languages
from kpstudio.gui.new_project_dialog import NewProjectDialog
from kpstudio.gui.settings_dialog import SettingsDialog
from kpstudio.workspace.preferences import Preferences, write_preferences

PACKAGE = Path(kpstudio.__file__).parent
CHINESE = [name for name in languages.LANGUAGES if name != languages.ENGLISH]
PLACEHOLDER = re.compile(r"\{\d[^}]*\}")
MNEMONIC = re.compile(r"&(\w)")


def texts_of_the_code():
    """(context, text) of every call of a translation function."""
    found = set()
    for path in (PACKAGE / "app.py", *PACKAGE.glob("gui/**/*.py"), *PACKAGE.glob("workspace/*.py")):
        _collect(ast.parse(path.read_text(encoding="utf-8")), "", found)
    return found


def _collect(node, context, found):
    for child in ast.iter_child_nodes(node):
        inner = child.name if isinstance(child, ast.ClassDef) else context
        if isinstance(child, ast.Call) and isinstance(child.func, ast.Attribute):
            texts = [each.value for each in child.args if isinstance(each, ast.Constant)]
            if child.func.attr == "tr":
                assert len(texts) == len(child.args) == 1, ast.unparse(child)
                assert ast.unparse(child.func.value) == "self", ast.unparse(child)
                found.add((context, texts[0]))
            elif ast.unparse(child.func) == "QCoreApplication.translate":
                assert len(texts) == len(child.args) == 2, ast.unparse(child)
                found.add((texts[0], texts[1]))
        _collect(child, inner, found)


def translations(language):
    """Translations by (context, text); None where there is none yet."""
    tree = ElementTree.parse(resource_path("translations", f"kpstudio_{language}.ts"))
    found = {}
    for context in tree.iter("context"):
        for message in context.iter("message"):
            done = message.find("translation")
            is_done = done.text and done.get("type") is None
            key = context.findtext("name"), message.findtext("source")
            found[key] = done.text if is_done else None
    return found


@pytest.mark.parametrize("language", CHINESE)
def test_every_text_has_a_translation(language):
    found = translations(language)
    update = "run .ci/translations, fill in what is empty, and run it again"
    assert sorted(texts_of_the_code() - set(found)) == [], update
    assert sorted(set(found) - texts_of_the_code()) == [], update
    assert sorted(key for key, text in found.items() if text is None) == [], update


@pytest.mark.parametrize("language", CHINESE)
def test_a_translation_keeps_places_letters_and_edges(language):
    for (_, text), translated in translations(language).items():
        assert sorted(PLACEHOLDER.findall(text)) == sorted(PLACEHOLDER.findall(translated)), text
        letters = MNEMONIC.findall(text), MNEMONIC.findall(translated)
        assert [each.upper() for each in letters[0]] == letters[1] or len(letters[1]) == 1, text
        assert len(letters[0]) == len(letters[1]), text
        assert "▸" in text or text.endswith("…") == translated.endswith("…"), text
        assert (text[0] == " ") == (translated[0] == " "), text


@pytest.mark.parametrize("language", CHINESE)
def test_what_is_loaded_is_what_was_translated(language):
    translator = QTranslator()
    assert translator.load(f"kpstudio_{language}", str(resource_path("translations")))
    old = [
        key for key, text in translations(language).items() if translator.translate(*key) != text
    ]
    assert old == [], "run .ci/translations"


@pytest.fixture
def in_chinese(own_settings):
    write_preferences(Preferences(language="zh_CN"))
    application = QApplication.instance() or QApplication([])
    assert languages.install_language(application, "zh_CN") == "zh_CN"
    yield
    languages.install_language(application, "en")


# Names, keys and signs that are the same in every language.
AS_IT_IS = re.compile(
    r"[^A-Za-z]*|.*\b(kpstudio|English|Ctrl|Shift|Alt|F\d+|px|nose|left_ear|right_ear|image\d\.png"
    r"|small|mouse4|Insert|Delete)\b.*|x, y|viridis|magma|inferno|turbo|cividis|plasma"
    r"|(\s*([A-Z]|Esc|PgUp|PgDown|Return|Enter|Ins|Del|Backspace))+"
)


def english_of(root):
    texts = set()
    for widget in (root, *root.findChildren(QWidget)):
        if isinstance(widget, QLabel | QAbstractButton):
            texts.add(widget.text())
        if isinstance(widget, QComboBox):
            texts.update(widget.itemText(row) for row in range(widget.count()))
        if isinstance(widget, QTabBar):
            texts.update(widget.tabText(row) for row in range(widget.count()))
        texts.update((widget.toolTip(), widget.accessibleName(), widget.windowTitle()))
    for menu in root.findChildren(QMenuBar):
        texts.update(action.text() for action in menu.findChildren(QAction))
    plain = {re.sub(r"<[^>]*>|\(&\w\)", "", text) for text in texts}
    return sorted(
        text
        for text in plain
        if not re.search(r"[\u4e00-\u9fff]", text) and not AS_IT_IS.fullmatch(text)
    )


def test_the_window_and_its_dialogs_speak_chinese_throughout(in_chinese, studio, project):
    studio.open(project)
    window = studio.window
    assert window.menuBar().actions()[0].text() == "文件(&F)"
    assert window.actions_by_name["fit"].toolTip() == "适应图像 (F)"
    window.edit_settings()
    settings = window.findChild(SettingsDialog)
    close = settings.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Close)
    assert "关闭" in close.text()
    new = NewProjectDialog(window.themes, window)
    for show in (window.show_palette, window.show_cheat_sheet, window.edit_shortcuts):
        show()
    dialogs = [each for each in window.findChildren(QDialog) if each.isVisible()]
    assert len(dialogs) == 4
    skeleton_names = {each.text() for each in new.findChildren(QLabel, "keypoint_names")}
    left = {type(each).__name__: english_of(each) for each in (window, new, *dialogs)}
    assert [text for texts in left.values() for text in texts if text not in skeleton_names] == []
    for dialog in dialogs:
        dialog.close()
    menus = window.menuBar().actions()
    for menu in menus:
        texts = [each.text() for each in menu.menu().actions()]
        letters = [each for text in texts for each in MNEMONIC.findall(text)]
        assert sorted(letters) == sorted(set(letters)), menu.text()


@pytest.mark.parametrize(
    ("of_the_system", "choice", "language"),
    [
        (["zh-Hans-CN", "zh-CN"], "system", "zh_CN"),
        (["zh-CN"], "system", "zh_CN"),
        (["zh-TW", "en-GB"], "system", "en"),
        (["de-DE", "zh-CN", "en"], "system", "zh_CN"),
        (["de-DE"], "system", "en"),
        (["de-DE"], "zh_CN", "zh_CN"),
        (["zh-CN"], "en", "en"),
        (["zh-CN"], "of another version", "zh_CN"),
    ],
)
def test_the_language_is_the_chosen_one_or_the_first_of_the_system(
    monkeypatch, of_the_system, choice, language
):
    class System:
        def uiLanguages(self):
            return of_the_system

    monkeypatch.setattr(languages.QLocale, "system", lambda: System())
    assert languages.chosen_language(choice) == language
    assert QLocale.Language.Chinese
