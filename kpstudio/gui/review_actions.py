"""The verbs of a review: what they are called, and on which keys."""

from PySide6.QtCore import QCoreApplication

from kpstudio.gui.actions import ActionEntry
from kpstudio.gui.image_list_panel import ImageListPanel
from kpstudio.workspace.workspace import Workspace


def review_entries(workspace: Workspace, images: ImageListPanel) -> list[ActionEntry]:
    """Rows of the table of actions.

    Args:
        workspace: Whose images are reviewed.
        images: In which they are looked for.
    """
    tr, issues = QCoreApplication.translate, workspace.issues
    menu = tr("MainWindow", "&Review")
    return [
        ActionEntry(
            "accept_labels",
            menu,
            tr("MainWindow", "&Accept labels, next image"),
            lambda: workspace.review_image("accepted", goes_on=True),
            ("Ctrl+Return", "Ctrl+Enter"),
        ),
        ActionEntry(
            "reject_labels",
            menu,
            tr("MainWindow", "&Reject labels"),
            lambda: workspace.review_image("rejected"),
            ("Ctrl+Backspace",),
        ),
        ActionEntry(
            "ready_for_review",
            menu,
            tr("MainWindow", "Ready for re&view, next image"),
            lambda: workspace.review_image("ready", goes_on=True),
            ("Ctrl+Shift+Return", "Ctrl+Shift+Enter"),
        ),
        ActionEntry(
            "not_reviewed",
            menu,
            tr("MainWindow", "&Not reviewed"),
            lambda: workspace.review_image(""),
            ("Ctrl+Shift+Backspace",),
        ),
        ActionEntry(
            "pin_issue",
            menu,
            tr("MainWindow", "&Pin a question"),
            issues.begin_pin,
            ("I",),
            starts_group=True,
        ),
        ActionEntry(
            "ask",
            menu,
            tr("MainWindow", "A&sk about keypoint or image"),
            workspace.ask_about_selection,
            ("Shift+I",),
        ),
        ActionEntry(
            "next_issue", menu, tr("MainWindow", "Next open &issue"), issues.choose_next, ("J",)
        ),
        ActionEntry(
            "find_ready",
            menu,
            tr("MainWindow", "&List what is ready for review"),
            lambda: images.search_for("is:ready"),
            starts_group=True,
        ),
        ActionEntry(
            "find_issues",
            menu,
            tr("MainWindow", "List images with &open issues"),
            lambda: images.search_for("has:issue"),
        ),
    ]
