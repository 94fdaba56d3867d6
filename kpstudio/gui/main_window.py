"""The window: canvas in the middle, panels around it, notices above, the bottom line below."""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QAction, QCloseEvent
from PySide6.QtWidgets import (
    QApplication,
    QDockWidget,
    QMainWindow,
    QMenu,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from kpstudio.core.messages import AUTOMATIC
from kpstudio.gui.appearance_panel import AppearancePanel
from kpstudio.gui.canvas.canvas_view import CanvasView
from kpstudio.gui.canvas.previous_view import PreviousView
from kpstudio.gui.decoder_panel import DecoderPanel
from kpstudio.gui.dock_titles import DockTitles
from kpstudio.gui.drop_hint import DropHint
from kpstudio.gui.effort_panel import EffortPanel
from kpstudio.gui.file_questions import FileQuestions
from kpstudio.gui.first_hints import FirstHints
from kpstudio.gui.heatmap_panel import HeatmapPanel
from kpstudio.gui.history_panel import HistoryPanel
from kpstudio.gui.icons import application_icon
from kpstudio.gui.image_list_panel import ImageListPanel
from kpstudio.gui.issue_panel import IssuePanel
from kpstudio.gui.keypoint_panel import KeypointPanel
from kpstudio.gui.notice_bar import NoticeBar
from kpstudio.gui.panel_cycle import PanelCycle
from kpstudio.gui.problem_words import record_text
from kpstudio.gui.proxy_bar import ProxyBar
from kpstudio.gui.scrolled_panel import ScrolledPanel
from kpstudio.gui.shortcuts import Shortcuts
from kpstudio.gui.status_line import StatusLine
from kpstudio.gui.theme import ThemeSwitch
from kpstudio.gui.timeline_view import TimelineView
from kpstudio.gui.training_panel import TrainingPanel
from kpstudio.gui.verbs.action_entry import (
    ActionEntry,
    make_action,
    paint_action,
    set_keys,
    with_free_letter,
)
from kpstudio.gui.verbs.edit_verbs import EditVerbs
from kpstudio.gui.verbs.file_verbs import FileVerbs
from kpstudio.gui.verbs.go_verbs import GoVerbs
from kpstudio.gui.verbs.help_verbs import HelpVerbs
from kpstudio.gui.verbs.model_verbs import ModelVerbs
from kpstudio.gui.verbs.review_verbs import ReviewVerbs
from kpstudio.gui.verbs.subject_verbs import SubjectVerbs
from kpstudio.gui.verbs.tool_verbs import ToolVerbs
from kpstudio.gui.verbs.video_verbs import VideoVerbs
from kpstudio.gui.verbs.view_verbs import ViewVerbs
from kpstudio.gui.verbs.window_verbs import WindowVerbs
from kpstudio.gui.welcome_view import WelcomeView, recent_text
from kpstudio.gui.work_view import WorkView
from kpstudio.workspace.preferences import put_first
from kpstudio.workspace.workspace import Workspace

if TYPE_CHECKING:
    from kpstudio.gui.export_dialog import ExportDialog
    from kpstudio.gui.import_dialog import ImportDialog

LEFT, RIGHT = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea


class MainWindow(QMainWindow):
    """Composes the views; none of them knows another."""

    def __init__(self, workspace: Workspace, themes: ThemeSwitch) -> None:
        super().__init__()
        self.workspace = workspace
        self.themes = themes
        # Before any view is told: all of them draw in the colours that the settings give.
        self._theme_choice = workspace.preferences.theme
        workspace.settings.changed.connect(self._follow_settings)
        themes.choose_palette(workspace.preferences.keypoint_palette)
        self.setWindowIcon(application_icon())
        self.canvas = CanvasView(workspace, themes)
        # What is dropped there is dropped on the window.
        self.canvas.setAcceptDrops(False)
        self.welcome = WelcomeView(workspace)
        self.notice = NoticeBar(themes)
        self.proxy_bar = ProxyBar(workspace.proxies)
        self.status_line = StatusLine(workspace, themes)
        self.images = ImageListPanel(workspace, themes)
        self.keypoints = KeypointPanel(workspace)
        self.heatmaps = HeatmapPanel(workspace, themes)
        self.decoder = DecoderPanel(workspace)
        self.training = TrainingPanel(workspace, themes)
        self.history = HistoryPanel(workspace)
        self.issues = IssuePanel(workspace, themes)
        self.appearance = AppearancePanel(workspace.appearance)
        self.timeline = TimelineView(workspace, themes)
        self.previous = PreviousView(workspace, self.canvas, themes)
        self._work = WorkView(self.canvas, self.previous, self.timeline)
        self.effort = EffortPanel(workspace.effort)
        self._pages = QStackedWidget()
        self._set_up_centre()
        self._docks = self._set_up_docks()
        self.questions = FileQuestions(workspace, themes, self)
        self.drop_hint = DropHint(workspace, self.questions, self)
        self._panels = PanelCycle(self._pages.currentWidget, self._docks)
        self.entries = self._set_up_verbs()
        self.shortcuts = Shortcuts(self.entries, workspace.settings, self)
        self.actions_by_name: dict[str, QAction] = {}
        self.hints = FirstHints(workspace, themes, self.canvas)
        self._recent_menu = QMenu(self.tr("Open &recent"), self)
        self._execution_menu = QMenu(self.tr("Run the model &in"), self)
        self._execution_menu.setObjectName("execution")
        self._set_up_menus()
        self._connect()
        self._restore()

    # Composition

    @cached_property
    def export_dialog(self) -> "ExportDialog":
        """Made when it is first asked for."""
        from kpstudio.gui.export_dialog import ExportDialog

        return ExportDialog(self.workspace, self)

    @cached_property
    def import_dialog(self) -> "ImportDialog":
        """Made when the first import begins, which it follows from then on."""
        from kpstudio.gui.import_dialog import ImportDialog

        return ImportDialog(self.workspace, self)

    def _set_up_centre(self) -> None:
        self._pages.addWidget(self.welcome)
        self._pages.addWidget(self._work)
        centre = QWidget()
        layout = QVBoxLayout(centre)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.notice)
        layout.addWidget(self.proxy_bar)
        layout.addWidget(self._pages, 1)
        self.setCentralWidget(centre)
        self.setStatusBar(self.status_line)

    def _set_up_docks(self) -> list[QDockWidget]:
        self.setTabPosition(RIGHT, QTabWidget.TabPosition.North)
        images = self._dock("images", self.tr("Images"), self.images)
        keypoints = self._dock("keypoints", self.tr("Keypoints"), self.keypoints)
        heatmaps = self._dock("heatmaps", self.tr("Heatmaps"), self.heatmaps)
        decoder = self._dock("decoder", self.tr("Decoder"), self.decoder)
        training = self._dock("training", self.tr("Training"), self.training)
        history = self._dock("history", self.tr("History"), self.history)
        issues = self._dock("issues", self.tr("Issues"), self.issues)
        appearance = self._dock("appearance", self.tr("View"), self.appearance)
        effort = self._dock("effort", self.tr("Effort"), self.effort)
        self.addDockWidget(LEFT, images)
        # Split before the tabs are made: a tabbed dock would take the other into its tabs.
        self.addDockWidget(RIGHT, keypoints)
        self.splitDockWidget(keypoints, decoder, Qt.Orientation.Vertical)
        self.tabifyDockWidget(keypoints, heatmaps)
        self.tabifyDockWidget(heatmaps, appearance)
        self.tabifyDockWidget(appearance, issues)
        self.tabifyDockWidget(decoder, training)
        self.tabifyDockWidget(training, history)
        self.tabifyDockWidget(history, effort)
        effort.hide()
        keypoints.raise_()
        training.raise_()
        self.resizeDocks([images, keypoints], [250, 340], Qt.Orientation.Horizontal)
        self.resizeDocks([keypoints, training], [400, 460], Qt.Orientation.Vertical)
        docks = [
            images,
            keypoints,
            heatmaps,
            appearance,
            issues,
            decoder,
            training,
            history,
            effort,
        ]
        DockTitles(docks, self)
        return docks

    def _dock(self, name: str, title: str, panel: QWidget) -> QDockWidget:
        dock = QDockWidget(title, self)
        dock.setObjectName(name)
        if not panel.accessibleName():
            panel.setAccessibleName(title)
        tall = (DecoderPanel, TrainingPanel, EffortPanel)
        dock.setWidget(ScrolledPanel(panel, title) if isinstance(panel, tall) else panel)
        return dock

    def _set_up_verbs(self) -> list[ActionEntry]:
        workspace = self.workspace
        return [
            *FileVerbs(workspace, self.questions, self.show_export, self).entries(),
            *EditVerbs(workspace, self.themes, self.canvas, self.edit_settings, self).entries(),
            *SubjectVerbs(workspace, self).entries(),
            *ToolVerbs(workspace, self.canvas, self).entries(),
            *GoVerbs(workspace, self.images, self).entries(),
            *VideoVerbs(workspace, self).entries(),
            *ReviewVerbs(workspace, self.images, self).entries(),
            *ViewVerbs(workspace, self.canvas, self._panels, self).entries(),
            *WindowVerbs(self._docks, self._panels, self.choose_theme, self).entries(),
            *ModelVerbs(workspace, self.training, self).entries(),
            *HelpVerbs(
                self.show_palette, self.show_cheat_sheet, self.edit_shortcuts, self
            ).entries(),
        ]

    def _set_up_menus(self) -> None:
        menus: dict[str, QMenu] = {}
        of_verb: dict[str, QMenu] = {}
        letters: dict[str, set[str]] = {}
        for entry in self.entries:
            menu = menus.get(entry.menu)
            if menu is None:
                menu = menus[entry.menu] = self.menuBar().addMenu(entry.menu)
            within = entry.menu + entry.submenu
            if entry.submenu:
                if within not in menus:
                    taken = letters.setdefault(entry.menu, set())
                    title = with_free_letter(entry.submenu, taken)
                    menus[within] = menu.addMenu(title)
                menu = menus[within]
            if entry.starts_group:
                menu.addSeparator()
            action = make_action(entry, self)
            action.setText(with_free_letter(entry.text, letters.setdefault(within, set())))
            self.actions_by_name[entry.name] = action
            menu.addAction(action)
            of_verb[entry.name] = menu
            if entry.name == "open":
                taken = letters[entry.menu]
                self._recent_menu.setTitle(with_free_letter(self._recent_menu.title(), taken))
                menu.addMenu(self._recent_menu)
        view = of_verb["fit"]
        view.addSeparator()
        for dock in self._docks:
            view.addAction(dock.toggleViewAction())
        menu_of = {entry.name: entry.menu for entry in self.entries}
        title = with_free_letter(self._execution_menu.title(), letters[menu_of["train"]])
        self._execution_menu.setTitle(title)
        of_verb["train"].addMenu(self._execution_menu)

    def _connect(self) -> None:
        workspace = self.workspace
        workspace.project_changed.connect(self._show_project)
        workspace.project_changed.connect(self._watch_effort)
        workspace.importing.changed.connect(self._follow_import)
        workspace.problem_raised.connect(self.notice.show_problem)
        workspace.done.connect(self.notice.show_done)
        workspace.labels.history_changed.connect(self._show_history)
        workspace.inference.described.connect(self._show_project)
        workspace.issues.issue_chosen.connect(self._show_issue)
        workspace.issues.draft_changed.connect(self._show_draft)
        self.issues.left.connect(self.canvas.setFocus)
        self.images.entered.connect(self.canvas.setFocus)
        self.images.widened.connect(self._widen_images)
        self.canvas.cursor_moved.connect(self.status_line.show_cursor)
        self.canvas.tool_changed.connect(self.status_line.showMessage)
        self.canvas.escaped.connect(self.notice.hide)
        self.welcome.open_wanted.connect(self.questions.ask_open)
        self.welcome.new_wanted.connect(self.questions.ask_new)
        self.welcome.demo_wanted.connect(self.questions.ask_demo)
        self._recent_menu.aboutToShow.connect(self._show_recent)
        self._execution_menu.aboutToShow.connect(self._show_executions)
        self.themes.changed.connect(self._show_theme)
        self.shortcuts.changed.connect(self._show_shortcuts)
        self._show_shortcuts()
        self._show_theme()
        self._show_project()
        for problem in (workspace.preferences_problem, self.shortcuts.problem):
            if problem is not None:
                self.notice.show_problem(problem)

    def _follow_import(self) -> None:
        if self.workspace.importing.work.is_running:
            _ = self.import_dialog

    def _show_executions(self) -> None:
        """The ways to run the model that the engine has told, and which one is chosen."""
        inference = self.workspace.inference
        self._execution_menu.clear()
        words = {
            AUTOMATIC: self.tr("&Automatic: the fastest"),
            "float32": self.tr("&Single precision"),
            "bfloat16": self.tr("&Half precision (bfloat16)"),
            "float16": self.tr("Half precision (&float16)"),
            "compiled": self.tr("&Compiled: slow to start"),
        }
        for name in (AUTOMATIC, *inference.executions):
            action = self._execution_menu.addAction(words.get(name, name))
            action.setCheckable(True)
            action.setChecked(name == inference.wanted_execution)
            action.triggered.connect(lambda _=False, name=name: inference.choose_execution(name))
        if inference.execution:
            self._execution_menu.addSeparator()
            self._execution_menu.addAction(inference.execution).setEnabled(False)

    # Views of the workspace

    def _show_project(self) -> None:
        path = self.workspace.path
        page = self._work if path else self.welcome
        if self._pages.currentWidget() is not page:
            self._pages.setCurrentWidget(page)
            page.setFocus()
        self.setWindowTitle(f"{path.stem} – kpstudio" if path else "kpstudio")
        for entry in self.entries:
            self.actions_by_name[entry.name].setEnabled(path is not None or not entry.needs_project)
        self._show_history()

    def _watch_effort(self) -> None:
        """Have the events counted, those of drawing too, only while there is work to count."""
        application, effort = QApplication.instance(), self.workspace.effort
        if application is not None:
            application.removeEventFilter(effort)
            if self.workspace.path is not None:
                application.installEventFilter(effort)

    def _show_history(self) -> None:
        labels = self.workspace.labels
        for name, text, label in (
            ("undo", self.tr("&Undo"), labels.undo_label),
            ("redo", self.tr("&Redo"), labels.redo_label),
        ):
            action = self.actions_by_name[name]
            action.setEnabled(label is not None)
            action.setText(f"{text} {record_text(label)}" if label else text)

    def _show_issue(self) -> None:
        if self.workspace.issues.chosen_id is not None:
            self._raise_issues()

    def _show_draft(self) -> None:
        issues = self.workspace.issues
        if issues.draft is not None:
            self._raise_issues()
            self.issues.write()
        elif issues.is_pinning:
            self.canvas.setFocus()

    def _raise_issues(self) -> None:
        (dock,) = (each for each in self._docks if each.widget() is self.issues)
        dock.show()
        dock.raise_()

    def _widen_images(self, width: int) -> None:
        (dock,) = (each for each in self._docks if each.widget() is self.images)
        self.resizeDocks([dock], [width], Qt.Orientation.Horizontal)

    def _show_recent(self) -> None:
        self._recent_menu.clear()
        for name in self.workspace.preferences.recent:
            path = Path(name)
            action = self._recent_menu.addAction(recent_text(path).replace("&", "&&"))
            action.triggered.connect(lambda _=False, path=path: self.workspace.open_recent(path))
        if self._recent_menu.isEmpty():
            self._recent_menu.addAction(self.tr("None yet")).setEnabled(False)

    def _show_theme(self) -> None:
        for entry in self.entries:
            paint_action(self.actions_by_name[entry.name], entry, self.themes.theme.text)

    def _follow_settings(self) -> None:
        preferences = self.workspace.preferences
        if preferences.theme != self._theme_choice:
            self._theme_choice = preferences.theme
            self.themes.choose(preferences.theme)
        self.themes.choose_palette(preferences.keypoint_palette)

    def _show_shortcuts(self) -> None:
        for entry in self.entries:
            set_keys(self.actions_by_name[entry.name], entry, self.shortcuts.keys(entry.name))
        names = {entry.name: self.shortcuts.called(entry.name) for entry in self.entries}
        self.workspace.key_names.tell(names)

    # Verbs

    def why_greyed(self, entry: ActionEntry) -> str:
        """Why a verb cannot be run now, in a few words; empty if it can."""
        if self.actions_by_name[entry.name].isEnabled():
            return ""
        if entry.needs_project and self.workspace.path is None:
            return self.tr("open a project first")
        return entry.greyed_because or self.tr("not possible now")

    def show_palette(self) -> None:
        recent = self.workspace.preferences.recent_verbs
        from kpstudio.gui.command_palette import CommandPalette

        palette = CommandPalette(self.shortcuts, self.why_greyed, recent, self.themes, self)
        palette.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        palette.chosen.connect(self._run_chosen)
        palette.open()

    def _run_chosen(self, name: str) -> None:
        settings = self.workspace.settings
        settings.change(recent_verbs=put_first(settings.preferences.recent_verbs, name))
        # The keyboard goes back to what the verb is about, and not into a field.
        self.activateWindow()
        (self.canvas if self.workspace.path else self.welcome).setFocus()
        self.actions_by_name[name].trigger()

    def show_export(self) -> None:
        self.export_dialog.open()

    def edit_shortcuts(self) -> None:
        from kpstudio.gui.shortcuts_dialog import ShortcutsDialog

        dialog = ShortcutsDialog(self.shortcuts, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def choose_theme(self, choice: str) -> None:
        self.workspace.settings.change(theme=choice)
        if self.themes.choice != choice:
            self.themes.choose(choice)

    def edit_settings(self) -> None:
        from kpstudio.gui.settings_dialog import SettingsDialog

        dialog = SettingsDialog(self.workspace.settings, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def show_cheat_sheet(self) -> None:
        mouse = (
            (self.tr("Wheel"), self.tr("zoom at the cursor")),
            (self.tr("Middle button, Space + drag"), self.tr("pan")),
            (self.tr("Drag a keypoint"), self.tr("move it; stored on release")),
            (self.tr("Drag a ghost"), self.tr("accept the prediction and move it")),
            (self.tr("Right click on a keypoint"), self.tr("visible, occluded, not labelled")),
            (self.tr("Click while placing"), self.tr("place the next keypoint")),
            (self.tr("Right click while placing"), self.tr("place it as occluded")),
            (self.tr("Click on a pin"), self.tr("read its issue")),
            (
                self.tr("Escape"),
                self.tr("drop what is held or suggested; finish placing; close the notice"),
            ),
            (self.tr("Ctrl + drag"), self.tr("move the whole annotation")),
            (self.tr("Shift + click, Shift + drag"), self.tr("choose several keypoints")),
            (self.tr("Hold S"), self.tr("snap to the peaks of the heatmap")),
            (self.tr("Hold W"), self.tr("hide everything but the image")),
            (self.tr("Wheel while dragging"), self.tr("zoom of the loupe")),
            (self.tr("Arrows"), self.tr("move the keypoint by 1 px; Ctrl 0.25, Shift 10")),
            (self.tr("Left, Right"), self.tr("without one: previous, next image")),
            (self.tr("Tab, Shift + Tab"), self.tr("next, previous subject; F6 leaves the canvas")),
        )
        from kpstudio.gui.cheat_sheet_dialog import CheatSheetDialog

        dialog = CheatSheetDialog(self.shortcuts, mouse, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    # The window itself

    def focusNextPrevChild(self, is_next: bool) -> bool:
        """Tab leaves out what lies behind the tab of another panel."""
        first = QApplication.focusWidget()
        while super().focusNextPrevChild(is_next):
            focused = QApplication.focusWidget()
            if focused is None or focused is first or self._is_seen(focused):
                return True
        return False

    def _is_seen(self, widget: QWidget) -> bool:
        """Whether no other panel, and no page of this one, lies over it."""
        above = self.childAt(widget.mapTo(self, widget.rect().center()))
        return above is not None and (above is widget or widget.isAncestorOf(above))

    def _restore(self) -> None:
        preferences = self.workspace.preferences
        self.resize(1440, 900)
        if preferences.geometry:
            self.restoreGeometry(QByteArray.fromBase64(preferences.geometry.encode()))
        if preferences.docks:
            self.restoreState(QByteArray.fromBase64(preferences.docks.encode()))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep the layout; end the engine and a training, whose best is saved."""
        preferences = self.workspace.preferences
        preferences.geometry = bytes(self.saveGeometry().toBase64().data()).decode()
        preferences.docks = bytes(self.saveState().toBase64().data()).decode()
        self.workspace.close()
        event.accept()
