"""In which language the window speaks."""

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from kpstudio.core.resources import resource_path

SYSTEM, ENGLISH = "system", "en"
# Each by its own name, so that who cannot read the others finds it.
LANGUAGES = {ENGLISH: "English", "zh_CN": "简体中文"}

_IN_FORCE = "language"


def chosen_language(choice: str) -> str:
    """The language of LANGUAGES that a preference means: the system's first that there is."""
    if choice in LANGUAGES:
        return choice
    for wanted in QLocale.system().uiLanguages():
        locale = QLocale(wanted)
        # Traditional Chinese is not written as the simplified is.
        if locale.language() == QLocale.Language.Chinese:
            if locale.script() == QLocale.Script.SimplifiedHanScript:
                return "zh_CN"
        elif locale.language() == QLocale.Language.English:
            return ENGLISH
    return ENGLISH


def language_in_force() -> str:
    """The name of the language that the window speaks."""
    application = QCoreApplication.instance()
    return str((application and application.property(_IN_FORCE)) or ENGLISH)


def install_language(application: QCoreApplication, choice: str) -> str:
    """Load the translations of the window and of Qt's own dialogs, and return the language.

    Args:
        application: That will speak it, before any window is made.
        choice: A name of LANGUAGES, or "system".
    """
    language = chosen_language(choice)
    application.setProperty(_IN_FORCE, language)
    for old in application.findChildren(QTranslator):
        application.removeTranslator(old)
        old.deleteLater()
    if language == ENGLISH:
        return language
    of_qt = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    for folder, name in (
        (of_qt, f"qtbase_{language}"),
        (str(resource_path("translations")), f"kpstudio_{language}"),
    ):
        translator = QTranslator(application)
        if translator.load(name, folder):
            application.installTranslator(translator)
    return language
