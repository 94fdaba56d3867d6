"""What the code says to people: the sentences of its problems and findings, with places."""

import ast
import re
from functools import cached_property
from itertools import product

PLACE = "\0"
"""Stands in a text where a value is put in."""
_MOST = 24


class Module:
    """A file of the code, and what its names stand for.

    Args:
        path: Of the file.
    """

    def __init__(self, path):
        self.path = path
        self._text = path.read_text(encoding="utf-8")
        self.tree = ast.parse(self._text)
        self.constants = {
            node.targets[0].id: node.value
            for node in self.tree.body
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        }

    @cached_property
    def functions(self):
        """Functions with the calls that they make themselves; the file itself comes last."""
        found, taken = [], set()
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
        every = [node for node in ast.walk(self.tree) if isinstance(node, kinds)]
        # Inner functions come after outer ones, and keep their calls for themselves.
        for function in (*reversed(every), self.tree):
            calls = [
                node
                for node in ast.walk(function)
                if isinstance(node, ast.Call) and id(node) not in taken
            ]
            taken.update(map(id, calls))
            found.append((function, calls))
        return found

    def literals(self):
        """All texts in the file, for sentences that are put together elsewhere."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.JoinedStr):
                yield numbered(
                    "".join(
                        getattr(part, "value", "") if isinstance(part, ast.Constant) else PLACE
                        for part in node.values
                    )
                )
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value

    def said(self, speakers):
        """Sentences of calls, and calls with a sentence that cannot be read here.

        Args:
            speakers: By name of what is called: places or names of arguments that are sentences.
        """
        sentences, unread = set(), []
        if not any(f"{name}(" in self._text for name in speakers):
            return sentences, unread
        for function, calls in self.functions:
            reader = _Reader(self, function)
            for call in calls:
                for node in _arguments(call, speakers.get(_name_of(call), ())):
                    texts = reader.texts(node)
                    if texts is None or texts == [PLACE]:
                        unread.append(f"{self.path.name}: {ast.unparse(node)}")
                    else:
                        sentences.update(
                            numbered(text) for text in texts if text not in ("", PLACE)
                        )
        return sentences, unread

    def noted(self):
        """Sentences that become notes of a receipt or of a plan."""
        sentences = set()
        if "note" not in self._text:
            return sentences
        for function, _ in self.functions:
            is_about_notes = "notes" in getattr(function, "name", "")
            reader = _Reader(self, function)
            for node in ast.walk(function):
                if isinstance(node, ast.Return | ast.Yield) and not is_about_notes:
                    continue
                for text in (text for each in _noted(node) for text in _texts_in(each)):
                    sentences.update(map(numbered, reader.texts(text)))
        return {each for each in sentences if re.search("[a-z]{2} ", each)}


class _Reader:
    """What an expression of a function may be as a text."""

    def __init__(self, module, function):
        self._module, self._function = module, function

    def texts(self, node, depth=0):
        """All texts that a node may be; None where that cannot be told."""
        if depth > 6:
            return None
        match node:
            case ast.Constant(value=str(text)):
                return [text]
            case ast.JoinedStr(values=parts):
                return self._joined([self._part(part, depth) for part in parts])
            case ast.BinOp(op=ast.Add(), left=left, right=right):
                both = [self.texts(side, depth + 1) for side in (left, right)]
                return None if both == [None, None] else self._joined(both)
            case ast.IfExp(body=one, orelse=other):
                return self._either([one, other], depth)
            case ast.BoolOp(op=ast.Or(), values=values):
                return self._either(values, depth)
            case ast.Call(func=ast.Name(id="counted"), args=[_, one, *many]):
                singular = self.texts(one, depth + 1)
                plural = (
                    self.texts(many[0], depth + 1) if many else [f"{each}s" for each in singular]
                )
                return [f"{PLACE} {each}" for each in (*singular, *plural)]
            case ast.Call(func=ast.Name(id=name)) if name.startswith("_"):
                return self._either(self._returned(name), depth)
            case ast.Name(id=name):
                return self._named(name, depth)
        return None

    def _part(self, part, depth):
        if isinstance(part, ast.Constant):
            return [part.value]
        if part.format_spec is not None or part.conversion != -1:
            return None
        texts = self.texts(part.value, depth + 1)
        # A word alone is a name, which is the same in every language.
        a_saying = (
            r"[a-z]{2}"
            if isinstance(part.value, ast.IfExp | ast.BoolOp)
            else r"[a-z] |\0 ?[a-z]|, [a-z]"
        )
        is_said = texts and any(re.search(a_saying, text) for text in texts)
        return texts if is_said and len(texts) <= _MOST else None

    @staticmethod
    def _joined(parts):
        return ["".join(each) for each in product(*(part or [PLACE] for part in parts))]

    def _either(self, nodes, depth):
        found = [self.texts(node, depth + 1) for node in nodes]
        if not any(found):
            return None
        return [text for texts in found for text in (texts or [PLACE])]

    def _named(self, name, depth):
        values = [*self._assigned(name), *self._of_loops(name)]
        if not values and name in self._module.constants:
            values = [self._module.constants[name]]
        return self._either(values, depth) if values else self._passed(name, depth)

    def _returned(self, name):
        return [
            node.value
            for function, _ in self._module.functions
            if getattr(function, "name", "") == name
            for node in ast.walk(function)
            if isinstance(node, ast.Return)
        ]

    def _assigned(self, name):
        return [
            node.value
            for node in ast.walk(self._function)
            if isinstance(node, ast.Assign)
            and any(isinstance(each, ast.Name) and each.id == name for each in node.targets)
        ]

    def _of_loops(self, name):
        """Values of a name that runs over rows that are written down."""
        found = []
        for node in ast.walk(self._function):
            if not (isinstance(node, ast.For | ast.comprehension) and _is_row(node.target)):
                continue
            names = [getattr(each, "id", "") for each in node.target.elts]
            if name in names:
                rows = [row for rows in self._written(node.iter) for row in rows.elts]
                rows = [row for each in rows for row in self._written(each)]
                found += [row.elts[names.index(name)] for row in rows]
        return found

    def _written(self, node):
        values = self._assigned(node.id) if isinstance(node, ast.Name) else [node]
        return [each for each in values if _is_row(each)]

    def _passed(self, name, depth):
        """What callers in the file pass to one of its own functions."""
        if not isinstance(self._function, ast.FunctionDef) or self._function.name[0] != "_":
            return None
        plain = [each.arg for each in self._function.args.args if each.arg not in ("self", "cls")]
        only = [each.arg for each in self._function.args.kwonlyargs]
        if name not in (*plain, *only):
            return None
        place = plain.index(name) if name in plain else -1
        found = []
        for caller, calls in self._module.functions:
            reader = _Reader(self._module, caller)
            for call in calls:
                if _name_of(call) == self._function.name:
                    passed = next(iter(_arguments(call, (place, name))), None)
                    found.append(passed and reader.texts(passed, depth + 1))
        return [text for texts in found for text in texts] if found and all(found) else None


def _is_row(node):
    return isinstance(node, ast.Tuple | ast.List)


def _noted(node):
    """Expressions that become notes: elements, what is appended, passed on, given back."""
    match node:
        case ast.keyword(arg="notes", value=value):
            return [value]
        case ast.Call(func=ast.Attribute(attr="append", value=value), args=args):
            return args if _is_notes(value) else []
        case ast.Assign(targets=[target], value=value) | ast.AugAssign(target=target, value=value):
            return [value] if _is_notes(target) else []
        case ast.Return(value=value) | ast.Yield(value=value):
            return [value]
    return []


def _is_notes(node):
    return getattr(node, "id", getattr(node, "attr", "")).strip("_") in ("note", "notes")


def _texts_in(node):
    """The texts of a list that may be one of several, or of others."""
    match node:
        case ast.Constant(value=str()) | ast.JoinedStr() | ast.Call(func=ast.Name(id="counted")):
            yield node
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            for part in parts:
                yield from _texts_in(part)
        case ast.Starred(value=part) | ast.GeneratorExp(elt=part):
            yield from _texts_in(part)
        case ast.IfExp(body=one, orelse=other):
            yield from (*_texts_in(one), *_texts_in(other))


def numbered(text):
    """Places with their numbers: "{0}, line {1}"."""
    numbers = iter(range(100))
    return re.sub(PLACE, lambda _: f"{{{next(numbers)}}}", text)


def _name_of(call):
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


def _arguments(call, wanted):
    for each in wanted:
        if isinstance(each, int):
            yield from call.args[each : each + 1] if each >= 0 else ()
        else:
            yield from (word.value for word in call.keywords if word.arg == each)
