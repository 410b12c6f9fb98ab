"""Finds the keys that browser tests press, in their source; named as the page names them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

PRESSES = frozenset({"press", "down"})  # of Playwright's keyboard, and of AnnotatorPage
SPOKEN = re.compile(r"((?:(?:ControlOrMeta|Control|Meta|Alt|Shift)\+)*)(.+)", re.DOTALL)
LETTER = re.compile(r"[a-z]", re.IGNORECASE)

Function = ast.FunctionDef | ast.AsyncFunctionDef


def keys_pressed_in(files: Iterable[Path]) -> set[str]:
    """Name every key that the sources press: as `keyName` of static/js/core/keys.js spells it."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in files]
    functions = [node for tree in trees for node in ast.walk(tree) if isinstance(node, Function)]
    pressing, known = set(PRESSES), 0
    while len(pressing) > known:  # functions that hand their own parameters on to such a call
        known = len(pressing)
        pressing |= {
            function.name
            for function in functions
            for name in _pressed_names(function, pressing)
            if name in _parameters(function)
        }
    found = [text for tree in trees for text in _texts_pressed(tree, pressing)]
    found += [text for function in functions for text in _texts_in_turn(function, pressing)]
    return {_named(text) for text in found if text}


def _calls(tree: ast.AST, pressing: set[str]) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name_of(node.func) in pressing:
            yield node


def _name_of(called: ast.expr) -> str:
    """Name what is called; a locator's own `press` sends keys to one control, not to the page."""
    if isinstance(called, ast.Attribute):
        on_control = called.attr in PRESSES and isinstance(called.value, ast.Call)
        return "" if on_control else called.attr
    return called.id if isinstance(called, ast.Name) else ""


def _texts_pressed(tree: ast.AST, pressing: set[str]) -> Iterator[str]:
    for call in _calls(tree, pressing):
        for argument in [*call.args, *(keyword.value for keyword in call.keywords)]:
            yield from _texts(argument)


def _texts_in_turn(function: Function, pressing: set[str]) -> Iterator[str]:
    """List the texts of a loop, a default or a parameter list whose variable is pressed."""
    names = _pressed_names(function, pressing)
    for node in ast.walk(function):
        if isinstance(node, ast.For) and names & _variables(node.target):
            yield from _texts(node.iter)
    if names & _parameters(function):
        yield from (text for node in function.decorator_list for text in _texts(node))
        yield from (text for node in function.args.defaults for text in _texts(node))


def _pressed_names(function: Function, pressing: set[str]) -> set[str]:
    """List the variables that are pressed, also those that a loop takes them from."""
    calls = _calls(function, pressing)
    names = {name for call in calls for value in call.args for name in _variables(value)}
    for node in ast.walk(function):
        if isinstance(node, ast.For) and names & _variables(node.target):
            names |= _variables(node.iter)
    return names


def _parameters(function: Function) -> set[str]:
    arguments = function.args
    named = {argument.arg for argument in (*arguments.args, *arguments.kwonlyargs)}
    return named | ({arguments.vararg.arg} if arguments.vararg else set())


def _variables(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _texts(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _named(text: str) -> str:
    """Spell Playwright's ``Control+Shift+z`` as the page does: ``Ctrl+Shift+z``."""
    found = SPOKEN.fullmatch(text)
    assert found is not None
    held, key = set(found[1].split("+")), " " if found[2] == "Space" else found[2]
    is_letter = LETTER.fullmatch(key) is not None
    ctrl = held & {"Control", "Meta", "ControlOrMeta"}
    shift = "Shift" in held and (is_letter or len(key) > 1)
    marks = ("Ctrl+" if ctrl else "", "Alt+" if "Alt" in held else "", "Shift+" if shift else "")
    return "".join(marks) + (key.lower() if is_letter else key)
