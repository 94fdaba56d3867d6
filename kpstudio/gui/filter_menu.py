"""The menu that writes conditions of the search, and keeps searches by name."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, get_args

from PySide6.QtWidgets import QInputDialog, QMenu

from kpstudio.core.dataset import Split
from kpstudio.core.image_filter import UNREVIEWED, condition
from kpstudio.gui.problem_words import record_text, sentence_text
from kpstudio.workspace.workspace import Workspace

if TYPE_CHECKING:
    from kpstudio.gui.image_list_panel import ImageListPanel

Choice = tuple[str, str]
SCORES = 0.3, 0.5, 0.7, 0.9
SIZES = 20, 50, 100, 200, 400


class FilterMenu(QMenu):
    """Filled anew whenever it opens: with the tags, people and runs that there are."""

    def __init__(self, workspace: Workspace, panel: "ImageListPanel") -> None:
        super().__init__(panel)
        self._workspace = workspace
        self._panel = panel
        self.aboutToShow.connect(self.fill)

    def fill(self) -> None:
        self.clear()
        words = self._workspace.saved_filters.words()
        if words is None:
            self.addAction(self.tr("No project is open.")).setEnabled(False)
            return
        self._add_saved()
        self._add_plain()
        self._add_choices(
            self.tr("&Tag"),
            ((f"{tag}  ({count})", condition("tag", tag)) for tag, count in words.tags.items()),
        )
        self._add_choices(self.tr("Labelled b&y"), _named("author", words.authors))
        self._add_choices(
            self.tr("S&ource"),
            ((record_text(each), condition("source", each)) for each in words.sources),
        )
        self._add_choices(self.tr("&Individual"), _named("track", words.tracks))
        self._add_choices(
            self.tr("&Predicted by"),
            ((f"{number}: {sentence_text(name)}", f"run:{number}") for number, name in words.runs),
        )
        self._add_choices(self.tr("&Missing keypoint"), _named("missing", words.keypoints))
        below, above = self.tr("below {0}"), self.tr("above {0}")
        if words.runs:
            self._add_choices(
                self.tr("S&core"),
                [
                    *((below.format(each), f"score:<{each}") for each in SCORES),
                    *((above.format(each), f"score:>{each}") for each in SCORES),
                ],
            )
        self._add_choices(
            self.tr("Si&ze of a subject, px"),
            [
                *((below.format(each), f"size:<{each}") for each in SIZES),
                *((above.format(each), f"size:>{each}") for each in SIZES),
            ],
        )

    def ask_for_name(self) -> None:
        """Save the search that is in force."""
        panel = self._panel
        name, is_given = QInputDialog.getText(
            panel, self.tr("Save this search"), self.tr("Name of the search:"), text=panel.text
        )
        if is_given:
            order = panel.order.currentData()
            self._workspace.saved_filters.save(name, panel.text, order)

    def _add_saved(self) -> None:
        saved, panel = self._workspace.saved_filters.all(), self._panel
        for each in saved:
            action = self.addAction(each.name)
            action.setToolTip(each.text)
            action.triggered.connect(
                lambda _=False, each=each: panel.search_for(each.text, each.order)
            )
        save = self.addAction(self.tr("&Save this search…"))
        save.setEnabled(bool(panel.text.strip()) or panel.order.currentIndex() > 0)
        save.triggered.connect(self.ask_for_name)
        if saved:
            removing = self.addMenu(self.tr("&Remove a saved search"))
            for each in saved:
                action = removing.addAction(each.name)
                action.triggered.connect(
                    lambda _=False, each=each: self._workspace.saved_filters.remove(each.name)
                )
        everything = self.addAction(self.tr("Show &all images"))
        everything.triggered.connect(lambda: panel.search_for("", "added"))
        self.addSeparator()

    def _add_plain(self) -> None:
        self._add_choices(
            self.tr("&Labels"),
            [
                (self.tr("labelled"), "is:labelled"),
                (self.tr("not labelled"), "is:unlabelled"),
            ],
        )
        self._add_choices(
            self.tr("Re&view"),
            [
                (self.tr("ready for review"), "is:ready"),
                (self.tr("accepted"), "is:accepted"),
                (self.tr("rejected"), "is:rejected"),
                (self.tr("not reviewed"), f"is:{UNREVIEWED}"),
                (self.tr("with an open issue"), "has:issue"),
            ],
        )
        self._add_choices(
            self.tr("Part of the &data"), ((each, f"split:{each}") for each in get_args(Split))
        )

    def _add_choices(self, title: str, choices: Iterable[Choice]) -> None:
        """A menu of conditions; none where there is nothing to choose."""
        there = list(choices)
        if not there:
            return
        menu = self.addMenu(title)
        for text, added in there:
            action = menu.addAction(text.replace("&", "&&"))
            action.triggered.connect(lambda _=False, added=added: self._panel.add_condition(added))


def _named(kind: str, names: Iterable[str]) -> list[Choice]:
    return [(name, condition(kind, name)) for name in names]
