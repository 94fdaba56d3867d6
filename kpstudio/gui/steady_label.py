"""A label whose text changes often, in a line of others that stay where they are."""

from PySide6.QtWidgets import QLabel


class SteadyLabel(QLabel):
    """As wide as its widest text so far: to fit each text would lay out and draw the whole line."""

    def show_text(self, text: str) -> None:
        if text == self.text():
            return
        needed = self.fontMetrics().horizontalAdvance(text)
        if needed > self.width() or self.minimumWidth() != self.maximumWidth():
            self.setText(text)
            self.setFixedSize(self.sizeHint())
        else:
            self.setText(text)
