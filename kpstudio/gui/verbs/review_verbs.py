"""Reviewing labels, and asking about them."""

from PySide6.QtCore import QObject

from kpstudio.gui.image_list_panel import ImageListPanel
from kpstudio.gui.verbs.action_entry import ActionEntry
from kpstudio.workspace.workspace import Workspace


class ReviewVerbs(QObject):
    """The verbs of the review menu."""

    def __init__(self, workspace: Workspace, images: ImageListPanel, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._images = images

    def entries(self) -> list[ActionEntry]:
        menu, workspace, issues = self.tr("&Review"), self._workspace, self._workspace.issues
        return [
            ActionEntry(
                "accept_labels",
                menu,
                self.tr("&Accept labels, next image"),
                lambda: workspace.review_image("accepted", goes_on=True),
                keys=("Ctrl+Return", "Ctrl+Enter"),
            ),
            ActionEntry(
                "reject_labels",
                menu,
                self.tr("&Reject labels"),
                lambda: workspace.review_image("rejected"),
                keys=("Ctrl+Backspace",),
            ),
            ActionEntry(
                "ready_for_review",
                menu,
                self.tr("Ready for re&view, next image"),
                lambda: workspace.review_image("ready", goes_on=True),
                keys=("Ctrl+Shift+Return", "Ctrl+Shift+Enter"),
            ),
            ActionEntry(
                "not_reviewed",
                menu,
                self.tr("&Not reviewed"),
                lambda: workspace.review_image(""),
                keys=("Ctrl+Shift+Backspace",),
            ),
            ActionEntry(
                "pin_issue",
                menu,
                self.tr("&Pin a question"),
                issues.begin_pin,
                ("I",),
                starts_group=True,
            ),
            ActionEntry(
                "ask",
                menu,
                self.tr("A&sk about keypoint or image"),
                workspace.ask_about_selection,
                ("Shift+I",),
            ),
            ActionEntry(
                "next_issue", menu, self.tr("Next open &issue"), issues.choose_next, ("J",)
            ),
            ActionEntry(
                "find_ready",
                menu,
                self.tr("&List what is ready for review"),
                lambda: self._images.search_for("is:ready"),
                starts_group=True,
            ),
            ActionEntry(
                "find_issues",
                menu,
                self.tr("List images with &open issues"),
                lambda: self._images.search_for("has:issue"),
            ),
        ]
