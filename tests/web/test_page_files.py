"""The page's files: packed, compressed, kept for ever under their version, read anew if edited."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from flask import Flask, Response, request

from sam2_session.core.errors import NotFound
from sam2_session.folders import RESOURCES
from sam2_session.web.page_files import SCRIPTS, SHEETS, PageFiles
from sam2_session.web.page_packs import UnknownForm, pack_script, pack_sheet
from tests.import_graph import js_graph, reachable

MODULES = {
    "js/main.js": """/** Starts. */
import { io } from "../vendor/io.js";
import { double as twice, COUNT } from "./core/sums.js";
import * as names from "./core/names.js";

console.log(JSON.stringify([io(), twice(COUNT), names.first(), new names.Name("x").text]));
""",
    "js/core/sums.js": """import { first } from "./names.js";
const hidden = first().length;
export const COUNT = 20 + hidden;
export function double(value) {
  return value * 2;
}
""",
    "js/core/names.js": """const hidden = "Ada";
export async function later() {}
export class Name {
  constructor(text) { this.text = text; }
}
const first = () => hidden;
export { first, hidden };
export {};
""",
    "vendor/io.js": "export const io = () => 'io';\n",
}


def ask(files: PageFiles, address: str, **headers: str) -> Response:
    with Flask("page").test_request_context(headers=headers):
        return files.send(request, address)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shutil.copytree(RESOURCES / "static", tmp_path / "static")


@pytest.fixture(scope="module")
def files() -> PageFiles:
    return PageFiles(RESOURCES / "static")


def test_a_pack_does_what_its_modules_do(tmp_path: Path) -> None:
    pack = pack_script(MODULES, "js/main.js", lambda path: f"./{path}")
    assert pack.vendored == ("vendor/io.js",)
    if not (node := shutil.which("node")):
        pytest.skip("no node here to run it")
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor/io.js").write_text(MODULES["vendor/io.js"])
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "pack.js").write_text(pack.content)
    ran = subprocess.run([node, tmp_path / "pack.js"], capture_output=True, text=True, check=True)
    assert json.loads(ran.stdout) == ["io", 46, "Ada", "x"]


def test_the_source_map_names_module_and_line_of_each_line() -> None:
    pack = pack_script(MODULES, "js/main.js", lambda path: path)
    lines = pack.content.split("\n")
    sections = json.loads(pack.source_map)["sections"]
    assert [section["map"]["sources"] for section in sections] == [
        ["js/core/names.js"],
        ["js/core/sums.js"],
        ["js/main.js"],
    ]
    for section in sections:
        start, (module,) = section["offset"]["line"], section["map"]["sources"]
        source = MODULES[module].split("\n")
        assert section["map"]["mappings"] == ";".join(["AAAA", *["AACA"] * (len(source) - 1)])
        for index, line in enumerate(source):
            assert lines[start + index].endswith(re.sub(r"^(import|export) .*", "", line))


@pytest.mark.parametrize(
    "line",
    [
        "import first from './names.js';",
        'import "./names.js";',
        "export default 3;",
        "export let count = 0;",
        'export * from "./names.js";',
        "export { first as last };",
    ],
)
def test_a_form_that_a_pack_cannot_hold_is_named(line: str) -> None:
    with pytest.raises(UnknownForm, match=re.escape(f"js/main.js: {line}")):
        pack_script({"js/main.js": f"\n{line}\n"}, "js/main.js", str)


def test_the_packs_hold_every_module_and_sheet_of_the_page(files: PageFiles) -> None:
    held = files.newest().files
    for entry in SCRIPTS:
        sections = json.loads(held[f"packed/{entry}.map"].content)["sections"]
        sources = [section["map"]["sources"][0] for section in sections]
        modules = reachable(js_graph(), {entry.removeprefix("js/")})
        assert sorted(sources) == sorted(f"../../js/{module}" for module in modules)
    sheets = {path for path in held if path.startswith("css/")}
    named = {
        f"css/{sheet}"
        for entry in SHEETS
        for sheet in re.findall(r'@import "([^"]+)"', held[entry].content.decode())
    }
    assert sheets == named | set(SHEETS)
    for entry in SHEETS:
        assert b"@import" not in held[f"packed/{entry}"].content


def test_a_sheet_keeps_the_order_of_its_imports() -> None:
    texts = {
        "css/a.css": "a {}",
        "css/b.css": "b {}",
        "css/all.css": '@import "b.css";@import "a.css";',
    }
    assert pack_sheet(texts, "css/all.css") == "b {}a {}"


def test_a_file_under_its_version_is_kept_for_ever(files: PageFiles) -> None:
    address = files.newest().address("js/main.js")
    assert address == f"{files.newest().name}/packed/js/main.js"
    answer = ask(files, address)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.mimetype == "text/javascript"
    assert answer.get_data() == files.newest().files["packed/js/main.js"].content


def test_a_file_without_a_version_is_asked_about_every_time(files: PageFiles) -> None:
    answer = ask(files, "js/theme_boot.js")
    assert answer.headers["Cache-Control"] == "no-cache"
    again = ask(files, "js/theme_boot.js", **{"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_texts_are_compressed_for_those_who_can_read_it(files: PageFiles) -> None:
    address = files.newest().address("js/main.js")
    packed = ask(files, address, **{"Accept-Encoding": "gzip, br"})
    assert (packed.headers["Content-Encoding"], packed.headers["Vary"]) == (
        "gzip",
        "Accept-Encoding",
    )
    plain = ask(files, address, **{"Accept-Encoding": "br;q=1, gzip;q=0"})
    assert "Content-Encoding" not in plain.headers
    assert gzip.decompress(packed.get_data()) == plain.get_data()


def test_an_edited_file_makes_a_new_version_at_the_next_page(folder: Path) -> None:
    files = PageFiles(folder)
    before = files.newest()
    module = folder / "js/core/colour.js"
    module.write_text(f"{module.read_text()}\nconst edited = 1;\n")
    after = files.newest()
    assert after.name != before.name
    assert b"const edited = 1;" in after.files["packed/js/main.js"].content
    half_loaded = ask(files, before.address("js/main.js"))
    assert half_loaded.headers["Cache-Control"] == "no-store"
    assert half_loaded.get_data() == after.files["packed/js/main.js"].content


@pytest.mark.parametrize(
    "address", ["js/nothing.js", "../server.py", "0123456789ab/../server.py", "js", ""]
)
def test_nothing_but_the_pages_files_is_served(files: PageFiles, address: str) -> None:
    with pytest.raises(NotFound, match="The page has no file"):
        ask(files, address)
