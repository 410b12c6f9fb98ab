"""The shape of the page, held by tests: imports point down, no cycles, no text put in as markup."""

from __future__ import annotations

import re

from tests.import_graph import JS_ROOT, cycles, js_files, js_graph, js_source, points_down

JS_HEIGHTS = {
    "core": 0,
    "net": 1,
    "commands": 2,
    "views": 3,
    "input": 3,
    "main.js": 4,
    "review.js": 4,
    "theme_boot.js": 4,  # runs alone, before the first paint
}
UNSAFE_JS = re.compile(
    r"\binnerHTML\b|\bouterHTML\b|\binsertAdjacentHTML\b|\bdocument\.write\b"
    r"|\beval\(|\bnew Function\(|(?<![.\w])(?:alert|confirm|prompt)\("
)

READBACK_JS = re.compile(
    r"\b(?:getImageData|toDataURL|toBlob|convertToBlob|readPixels|captureStream)\b"
)


def js_unit_of(name: str) -> str:
    return name.split("/")[0]


def test_every_part_of_the_page_has_a_height() -> None:
    assert {js_unit_of(name) for name in js_files()} <= set(JS_HEIGHTS)


def test_no_module_of_the_page_imports_itself_in_the_end() -> None:
    assert cycles(js_graph()) == []


def test_imports_of_the_page_point_down() -> None:
    upward = [
        f"{name} -> {target}"
        for name, targets in js_graph().items()
        for target in targets
        if not points_down(js_unit_of(name), js_unit_of(target), JS_HEIGHTS)
    ]

    assert upward == []


def test_imported_modules_of_the_page_exist() -> None:
    missing = [
        f"{name} -> {target}"
        for name, targets in js_graph().items()
        for target in targets
        if not (JS_ROOT / target).is_file()
    ]

    assert missing == []


def test_the_page_reads_nothing_back_from_a_canvas() -> None:
    """Browsers that resist fingerprinting answer such a question with noise."""
    reading = {name: READBACK_JS.findall(js_source(name)) for name in js_files()}

    assert {name: found for name, found in reading.items() if found} == {}


def test_the_page_puts_no_text_in_as_markup() -> None:
    unsafe = {name: UNSAFE_JS.findall(js_source(name)) for name in js_files()}

    assert {name: found for name, found in unsafe.items() if found} == {}


def test_the_page_exports_by_name() -> None:
    default = [name for name in js_files() if re.search(r"\bexport\s+default\b", js_source(name))]

    assert default == []
