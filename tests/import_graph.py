"""Imports between modules: read from the sources, lazy and type-only ones included."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "sam2_session"
JS_ROOT = ROOT / "static" / "js"

Graph = dict[str, set[str]]


@dataclass(frozen=True)
class Import:
    """One import of one module: `name` is what is imported, whole."""

    module: str
    name: str
    line: int
    relative: bool = False
    type_only: bool = False  # below `if TYPE_CHECKING`: never run

    @property
    def top(self) -> str:
        """The first part of the name: the library."""
        return self.name.partition(".")[0]


@cache
def python_files() -> dict[str, Path]:
    """Every module of the program by its dotted name, `server` included."""
    paths = [*(ROOT / PACKAGE).rglob("*.py"), *ROOT.glob("server.py")]
    return {_dotted(path): path for path in sorted(paths)}


@cache
def python_tree(module: str) -> ast.Module:
    """The syntax tree of a module."""
    return ast.parse(python_files()[module].read_text(encoding="utf-8"))


@cache
def python_imports() -> tuple[Import, ...]:
    """Every import statement of the program, one entry per imported thing."""
    return tuple(
        replace(found, type_only=id(node) in _type_only_nodes(module))
        for module in python_files()
        for node in ast.walk(python_tree(module))
        for found in _imports_of(module, node)
    )


@cache
def _type_only_nodes(module: str) -> frozenset[int]:
    """The statements of a module below ``if TYPE_CHECKING``, by identity."""
    blocks = [
        node
        for node in ast.walk(python_tree(module))
        if isinstance(node, ast.If)
        and isinstance(node.test, ast.Name)
        and node.test.id == "TYPE_CHECKING"
    ]
    return frozenset(id(inner) for block in blocks for inner in ast.walk(block))


@cache
def python_graph() -> Graph:
    """Module to the modules of the program it imports, type-only imports included."""
    return _graph(python_imports())


@cache
def python_graph_at_run_time() -> Graph:
    """The same without type-only imports."""
    return _graph(found for found in python_imports() if not found.type_only)


def _graph(imports: Iterable[Import]) -> Graph:
    graph: Graph = {module: set() for module in python_files()}
    for found in imports:
        target = _module_of(found.name)
        if target is not None and target != found.module:
            graph[found.module].add(target)
    return graph


@cache
def js_files() -> dict[str, Path]:
    """Every module of the page by its path below static/js."""
    return {str(path.relative_to(JS_ROOT)): path for path in sorted(JS_ROOT.rglob("*.js"))}


def js_source(name: str) -> str:
    """A module of the page without its comments."""
    text = js_files()[name].read_text(encoding="utf-8")
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return re.sub(r"(^|\s)//[^\n]*", r"\1", text)


@cache
def js_graph() -> Graph:
    """Module of the page to the modules it imports, vendored ones left out."""
    graph: Graph = {}
    for name, path in js_files().items():
        wanted = re.findall(r"""(?:\bfrom|\bimport)\s*\(?\s*["'](\.[^"']+)["']""", js_source(name))
        targets = [(path.parent / specifier).resolve() for specifier in wanted]
        graph[name] = {
            str(target.relative_to(JS_ROOT)) for target in targets if target.is_relative_to(JS_ROOT)
        }
    return graph


def reachable(graph: Graph, start: set[str]) -> set[str]:
    """Everything a set of modules imports, directly or not."""
    seen: set[str] = set()
    waiting = list(start)
    while waiting:
        module = waiting.pop()
        if module not in seen:
            seen.add(module)
            waiting.extend(graph.get(module, ()))
    return seen


def points_down(unit: str, target: str, heights: dict[str, int]) -> bool:
    """Tell if an import goes down, or stays within its own part."""
    return unit == target or heights[target] < heights[unit]


def cycles(graph: Graph) -> list[str]:
    """The modules that import themselves in the end."""
    return sorted(module for module in graph if module in reachable(graph, graph[module]))


def _dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imports_of(module: str, node: ast.AST) -> list[Import]:
    if isinstance(node, ast.Import):
        return [Import(module, alias.name, node.lineno) for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        names = [f"{node.module or ''}.{alias.name}" for alias in node.names]
        return [Import(module, name, node.lineno, node.level > 0) for name in names]
    return []


def _module_of(name: str) -> str | None:
    """The module of the program behind an imported name: itself, or where the thing is defined."""
    for candidate in (name, name.rpartition(".")[0]):
        if candidate in python_files():
            return candidate
    return None
