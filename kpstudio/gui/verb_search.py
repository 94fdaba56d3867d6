"""Finds verbs by words in any order, by parts of words and by their letters."""

from collections.abc import Sequence

from kpstudio.gui.verbs.action_entry import ActionEntry

WORD, START, PART, LETTERS = 8, 6, 3, 1


def find_verbs(
    query: str, entries: Sequence[ActionEntry], *, recent: Sequence[str] = ()
) -> list[ActionEntry]:
    """The verbs that every word of a query fits, the best first.

    Args:
        query: Words in any order; each is a word of the verb's menu, title or name, the beginning
            or a part of one, or some of its letters in their order. Empty for all verbs.
        entries: Where to look, in the order that they have where nothing else decides.
        recent: Names of those that were run last, the newest first.
    """
    words = query.casefold().split()
    order = {name: position for position, name in enumerate(recent)}
    found = []
    for position, entry in enumerate(entries):
        scores = [_score(word, entry) for word in words]
        if all(scores):
            # Of two that fit alike the one says less besides.
            rest = len(entry.title) if words else 0
            is_other = entry.title.casefold().split() != words
            rank = is_other, -sum(scores), order.get(entry.name, len(order)), rest, position
            found.append((rank, entry))
    return [entry for _, entry in sorted(found, key=lambda each: each[0])]


def _score(word: str, entry: ActionEntry) -> int:
    title, menu, name = entry.title.casefold(), entry.menu_title.casefold(), entry.name.casefold()
    # The name is English in every language of the window.
    words = [*title.split(), *name.split("_")]
    if word in words:
        return WORD
    if any(each.startswith(word) for each in words):
        return START
    if word in title or word in name or menu.startswith(word):
        return PART
    return LETTERS if _has_letters(word, f"{title} {menu}") else 0


def _has_letters(word: str, text: str) -> bool:
    """Whether the letters stand in this order, the first of them at the start of a word."""
    starts = [i for i, letter in enumerate(text) if not i or text[i - 1] == " "]
    for start in starts:
        if text[start] != word[0]:
            continue
        letters = iter(text[start:])
        if all(letter in letters for letter in word):
            return True
    return False
