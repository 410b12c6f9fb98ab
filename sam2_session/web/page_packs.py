"""Joins a script or a style sheet of the page with all it imports into one file.

Far away each request costs a round trip, and a browser makes six at a time: 270 modules one by one
take seconds. No bundler that comes as a Python package is kept up, and nothing that needs Node is
needed to serve the page. So modules are joined as they are, line for line, with a source map: the
browser's tools and error messages show the modules themselves. Modules may use these forms alone,
each on a line of its own:

    import { a, b as c } from "./x.js";      import * as x from "./x.js";
    export const|function|async function|class name …      export { a, b };
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

VENDORED = "vendor/"  # libraries stay files of their own, and are imported as such
_IMPORT = re.compile(r'import (?P<names>\{[^}]*\}|\* as \w+) from "(?P<path>\.[^"]+)";')
_EXPORT = re.compile(r"export (?P<code>(?:const|(?:async )?function|class) (?P<name>[\w$]+)\b.*)")
_EXPORTED = re.compile(r"export \{ ?(?P<names>(?:[\w$]+(?:, [\w$]+)*)?) ?\};")
_SHEET = re.compile(r'@import "(?P<path>[^"]+)";')
_MAPPED_FIRST, _MAPPED_NEXT = "AAAA", "AACA"  # VLQ: line 0 of source 0, then a line further each


class UnknownForm(ValueError):
    """A module imports or exports in a form that `pack_script` does not know."""


@dataclass(frozen=True, slots=True)
class Pack:
    """A script joined from modules, its source map, and the vendored files it needs beside it."""

    content: str
    source_map: str
    vendored: tuple[str, ...]


@dataclass(slots=True)
class _Script:
    """A pack in the making: its lines, and the modules in it in the order they run."""

    files: Mapping[str, str]
    names: dict[str, str] = field(default_factory=dict)  # of a module: the constant that holds it
    vendored: dict[str, str] = field(default_factory=dict)
    starts: list[tuple[int, str]] = field(default_factory=list)  # line of the pack, module
    lines: list[str] = field(default_factory=list)


def pack_script(files: Mapping[str, str], entry: str, url_of: Callable[[str], str]) -> Pack:
    """Join `entry` and all it imports; `files` holds texts by path, `url_of` an address for a path.

    Raises UnknownForm, KeyError for a file that is imported but not there.
    """
    script = _Script(files)
    _add_module(script, entry)
    imports = [
        f'import * as {name} from "{url_of(path)}";' for path, name in script.vendored.items()
    ]
    sections = [
        {
            "offset": {"line": len(imports) + line, "column": 0},
            "map": _line_map(url_of(module), files[module].count("\n") + 1),
        }
        for line, module in script.starts
    ]
    return Pack(
        "\n".join([*imports, *script.lines, ""]),
        json.dumps({"version": 3, "sections": sections}),
        tuple(script.vendored),
    )


def pack_sheet(files: Mapping[str, str], entry: str) -> str:
    """Put the style sheets that `entry` imports in place of its imports. Raises KeyError."""
    return _SHEET.sub(lambda found: files[_beside(entry, found["path"])], files[entry])


def _line_map(source: str, lines: int) -> dict[str, object]:
    mapped = ";".join([_MAPPED_FIRST] + [_MAPPED_NEXT] * (lines - 1))
    return {"version": 3, "sources": [source], "names": [], "mappings": mapped}


def _add_module(script: _Script, module: str) -> str:
    """Add a module after those it imports; return the name of the constant that holds it."""
    if module in script.names:
        return script.names[module]
    if module.startswith(VENDORED):
        return script.vendored.setdefault(module, f"$vendored{len(script.vendored)}")
    exported: list[str] = []
    body = [
        _joined_line(script, module, line, exported) for line in script.files[module].split("\n")
    ]
    name = script.names[module] = f"$module{len(script.names)}"
    script.lines.append(f"const {name} = (() => {{")
    script.starts.append((len(script.lines), module))
    script.lines += [*body, f"return {{ {', '.join(exported)} }}; }})();"]
    return name


def _joined_line(script: _Script, module: str, line: str, exported: list[str]) -> str:
    if found := _IMPORT.fullmatch(line):
        name = _add_module(script, _beside(module, found["path"]))
        names = found["names"]
        bound = names[5:] if names.startswith("*") else re.sub(r" as ", ": ", names)
        return f"const {bound} = {name};"
    if found := _EXPORT.fullmatch(line):
        exported.append(found["name"])
        return found["code"]
    if found := _EXPORTED.fullmatch(line):
        exported += filter(None, found["names"].split(", "))
        return ""
    if line.startswith(("import ", "import{", "export ", "export{")):
        raise UnknownForm(f"{module}: {line}")
    return line


def _beside(module: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(module), path))
