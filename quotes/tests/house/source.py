"""Rules for Python, read off the syntax tree. Each takes (path, text) and yields (line, message)."""

import ast
import re
from collections.abc import Iterator

from .findings import REASON, Rule

LONGEST = 400  # lines; HOUSE.md, rule 10
WORDS_IN_A_SENTENCE = 4
SKIPPING = {"skip", "skipif", "xfail", "skipUnless", "skipIf", "skipTest", "importorskip"}

Found = Iterator[tuple[int, str]]


def is_test(path: str) -> bool:
    """Whether the file belongs to the tests."""
    return path.startswith("quotes/tests/")


def in_room(path: str, *rooms: str) -> bool:
    """Whether the file lies in one of these rooms of quotes, as a folder or as a single module."""
    return any(path.startswith(f"quotes/{room}/") or path == f"quotes/{room}.py" for room in rooms)


def called(node: ast.AST) -> str:
    """Give the last name of what a call calls: ``save`` for ``quote.save()``; empty when it has none."""
    if not isinstance(node, ast.Call):
        return ""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield (line, dotted name) for everything imported, wherever the import stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                yield node.lineno, f"{node.module}.{alias.name}"


def a_module_has_at_most_400_lines(path: str, text: str) -> Found:
    """Long modules say why at their top; migrations are written by Django and never edited again."""
    if "/migrations/" in path:
        return
    lines = text.splitlines()
    if len(lines) > LONGEST and not any(REASON.search(line) for line in lines[:20]):
        yield LONGEST + 1, f"{len(lines)} lines: split it, or give the reason at its top (# house: …)"


def nothing_is_marked_safe(path: str, text: str) -> Found:
    """Markup comes from templates; text is escaped."""
    tree = ast.parse(text)
    callees = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and called(node) in {"mark_safe", "SafeString", "SafeText"}:
            yield node.lineno, f"{called(node)} switches escaping off: put the markup in a template"
        if isinstance(node, ast.Name) and node.id == "mark_safe" and id(node) not in callees:
            yield node.lineno, "mark_safe handed on switches escaping off out of sight"
        if isinstance(node, ast.Call) and called(node) == "format_html":
            pattern = node.args[0] if node.args else None
            if not isinstance(pattern, ast.Constant):
                yield node.lineno, "format_html with a built pattern escapes nothing: give it a constant"


def sql_is_never_built_from_text(path: str, text: str) -> Found:
    """Values travel as parameters, names as psycopg.sql.Identifier."""
    for node in ast.walk(ast.parse(text)):
        name = called(node)
        if not isinstance(node, ast.Call):
            continue
        if name in {"extra", "raw"} and isinstance(node.func, ast.Attribute):
            yield node.lineno, f".{name}() takes SQL as text: name the question on the QuerySet"
        elif name == "RawSQL":
            yield node.lineno, "RawSQL takes SQL as text: write an expression"
        elif name in {"execute", "executemany", "RunSQL"} and node.args and _built(node.args[0]):
            yield node.args[0].lineno, f"{name} with SQL built from text: pass parameters"


def _built(node: ast.expr) -> bool:
    if isinstance(node, ast.JoinedStr):
        return True
    if isinstance(node, ast.BinOp):
        return any(_stringy(side) for side in (node.left, node.right))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr == "format" and _stringy(node.func.value)
    return False


def _stringy(node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp):
        return _stringy(node.left) or _stringy(node.right)
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def writes_are_verbs_in_actions(path: str, text: str) -> Found:
    """No bare save() anywhere; no write of any kind in the rooms that only read or show."""
    if is_test(path) or "/migrations/" in path:
        return
    reading = in_room(path, "views", "search", "forms", "templatetags", "text", "importing")
    for node in ast.walk(ast.parse(text)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        name = node.func.attr
        if name == "save" and called(node.func.value) != "super" and not _only_asks(node):
            if not in_room(path, "actions"):
                yield node.lineno, "save() outside actions/: writes are verbs with by= and an audit event"
            elif not node.args and not node.keywords:
                yield (
                    node.lineno,
                    "a bare save() writes over what others did: filter(pk, version).update()",
                )
        elif reading and (
            name in {"bulk_create", "bulk_update", "get_or_create", "update_or_create"}
            or (name == "create" and _on_records(node.func.value))
            or (name == "delete" and not node.args)
            or (name == "update" and node.keywords and not node.args)
        ):
            yield node.lineno, f"{name}() in a room that does not write: make it a verb in actions/"


def _only_asks(node: ast.Call) -> bool:
    """Whether a form is only asked for its objects: ``save(commit=False)`` writes nothing."""
    return [ast.unparse(keyword) for keyword in node.keywords] == ["commit=False"]


def _on_records(node: ast.expr) -> bool:
    """Whether a chain of calls goes through a manager (``X.objects…``)."""
    while isinstance(node, ast.Call | ast.Attribute):
        if isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager"}:
            return True
        node = node.func if isinstance(node, ast.Call) else node.value
    return False


def lists_of_the_admin_are_not_forms(path: str, text: str) -> Found:
    """``list_editable`` writes whole pages of rows over each other (Django ticket 11313)."""
    for node in ast.walk(ast.parse(text)):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if isinstance(node, ast.Assign | ast.AnnAssign) and any(
            isinstance(target, ast.Name) and target.id == "list_editable" for target in targets
        ):
            yield node.lineno, "list_editable saves whole rows without asking what changed meanwhile"


def nothing_happens_by_signal(path: str, text: str) -> Found:
    """What follows from a write stands in the action, where a reader sees it."""
    if is_test(path):
        return
    for line, name in imports(ast.parse(text)):
        if name.startswith("django.dispatch") or ".signals" in name:
            yield line, f"{name}: say it in the action, or use on_commit"


def nothing_prints(path: str, text: str) -> Found:
    """Commands write to self.stdout, everything else to its log; a program's __main__ is its own output."""
    if path.endswith("/__main__.py"):
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            yield node.lineno, "print(): use the log, or self.stdout in a command"


def views_are_functions(path: str, text: str) -> Found:
    """Class-based views only in the admin."""
    if is_test(path) or in_room(path, "admin"):
        return
    tree = ast.parse(text)
    for line, name in imports(tree):
        if name.startswith("django.views.generic") or name == "django.views.View":
            yield line, f"{name}: a view is a short function"
    for node in ast.walk(tree):
        if called(node) == "as_view":
            yield node.lineno, "as_view(): a view is a short function"  # type: ignore[attr-defined]


def plain_rooms_know_no_django(path: str, text: str) -> Found:
    """text/ and importing/ are dataclasses in, dataclasses out."""
    if not in_room(path, "text", "importing"):
        return
    tree = ast.parse(text)
    for line, name in imports(tree):
        if name.split(".")[0] in {"django", "allauth", "django_htmx", "psycopg", "newsroom"}:
            yield line, f"{name} in a plain room"
        elif name.startswith("quotes.") and not name.startswith(("quotes.text", "quotes.importing")):
            yield line, f"{name}: a plain room imports no other room"


def every_action_says_by_whom(path: str, text: str) -> Found:
    """Public functions of actions/ take ``by=``, by keyword only.

    A module of steps within one verb of another module says so at its top: ``# house: steps of …, which says by whom``.
    """
    if not in_room(path, "actions") or path.endswith("__init__.py"):
        return
    if any(REASON.search(line) and "by whom" in line for line in text.splitlines()[:20]):
        return
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            keywords = {argument.arg for argument in node.args.kwonlyargs}
            if "by" not in keywords:
                yield node.lineno, f"{node.name}() does not take by= as a keyword"


def tests_are_sentences(path: str, text: str) -> Found:
    """``test_a_reporter_cannot_verify_her_own_quote``: at least four words after ``test``."""
    if not (is_test(path) and path.rsplit("/", 1)[-1].startswith("test_")):
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
            words = [word for word in re.split(r"_+", node.name)[1:] if word]
            if len(words) < WORDS_IN_A_SENTENCE:
                yield node.lineno, f"{node.name} is not a sentence: say what holds, in four words or more"


def tests_are_not_skipped(path: str, text: str) -> Found:
    """A test that does not run says nothing; one that cannot run here says why."""
    if not is_test(path):
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute) and node.attr in SKIPPING:
            yield node.lineno, f"{node.attr}: mend the test or give the reason (# house: …)"


RULES: list[Rule] = [
    a_module_has_at_most_400_lines,
    nothing_is_marked_safe,
    sql_is_never_built_from_text,
    writes_are_verbs_in_actions,
    lists_of_the_admin_are_not_forms,
    nothing_happens_by_signal,
    nothing_prints,
    views_are_functions,
    plain_rooms_know_no_django,
    every_action_says_by_whom,
    tests_are_sentences,
    tests_are_not_skipped,
]
