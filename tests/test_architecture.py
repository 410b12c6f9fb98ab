"""The shape of the program, held by tests: imports point down, heavy libraries have one home."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.import_graph import (
    PACKAGE,
    ROOT,
    Graph,
    Import,
    cycles,
    points_down,
    python_files,
    python_graph,
    python_graph_at_run_time,
    python_imports,
    python_tree,
    reachable,
)

# An import goes to a smaller number, or stays within its own package.
HEIGHTS = {
    "core": 0,
    "folders": 0,
    "lock_order": 0,
    "errors": 1,
    "runtime": 1,
    "options": 1,
    "option_files": 2,
    "settings": 2,
    "loops": 2,
    "breaks": 2,
    "storage": 3,
    "models": 3,
    "formats": 3,
    "inference": 4,
    "services": 5,
    "hosts": 6,
    "cluster": 7,
    "web": 7,
    "bootstrap": 8,
    "client": 8,
    "notebook": 9,
    "agents": 9,
    "cli": 10,
    "startup": 10,
    "__main__": 11,
    "server": 11,
}

# The only places that may import a library.
HOMES = {
    "torch": {"inference"},
    "torchvision": set(),
    "sam2": {"inference"},
    "hydra": {"inference"},
    "omegaconf": {"inference"},
    "av": {"storage", "formats"},
    "sqlite3": {"storage"},
    "cv2": {"storage", "formats", "inference"},
    "PIL": {"storage", "formats", "inference"},
    "msgspec": {"services", "web"},
    "jinja2": {"services"},
    "flask": {"web"},
    "werkzeug": {"web"},
    "flask_socketio": {"web"},
    "socketio": {"web", "agents"},
    "engineio": {"web", "agents"},
    "mcp": {"agents"},
    "IPython": {"notebook"},
    "jupyter_core": {"notebook"},
    "ray": {"cluster"},
    "uvicorn": {"agents"},
    "simple_websocket": set(),
    "wsproto": {"web"},
    "ssl": {"web"},
    "httpx": {"client"},
    "tqdm": {"cli"},
    "shtab": {"cli"},
    "eventlet": {"runtime", "startup"},
    "threading": {"runtime", "lock_order"},
    "queue": {"runtime"},
    "socket": {"runtime"},
    "selectors": {"runtime"},
    "subprocess": {"runtime"},
    "multiprocessing": {"runtime"},
    "concurrent": {"runtime"},
    "asyncio": set(),
    "pickle": set(),
}
WEB_PROCESS = {
    "server", "startup", "bootstrap", "web", "hosts",
    "settings", "options", "option_files", "folders", "core", "runtime", "loops", "lock_order",
    "breaks",
}  # fmt: skip
SESSION_PROCESS = {"services", "inference", "storage", "models", "formats"}
SESSION_DOORS = {f"{PACKAGE}.hosts.worker"}  # runs over there
# The names of models are checked at start; operations and their fields are declared for both sides.
ON_BOTH_SIDES = {f"{PACKAGE}.models", f"{PACKAGE}.models.registry", f"{PACKAGE}.services"}
DECLARATIONS = (f"{PACKAGE}.services.operations", f"{PACKAGE}.services.fields")
DISPATCH = f"{PACKAGE}.services.operations.dispatch"  # runs them, over there

# Folders of `formats/` that a format's own folder may use; it uses no other format's.
SHARED_BY_FORMATS = {"exporting", "importing", "images", "shapes"}

VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "tools", "shared"}
BOUNDARIES = {
    "loops.py",  # a loop logs the error, counts it and goes on
    "core/events.py",  # one listener must not stop the others
    "services/batches/processing.py",  # the error becomes the item's
    "services/decoding/decoder_process.py",  # the error becomes the video's
    "services/videos/preparation.py",  # the error becomes the state of one video
    "services/jobs/job_queue.py",  # the error becomes the job's state
    "hosts/worker.py",  # the error travels to the caller
    "web/errors.py",  # the error becomes an answer with a line in the log
    "services/recovery/recovery.py",  # the error becomes the state of one video
    "inference/loading.py",  # the error becomes a refusal of the file by name
    "inference/scheduler.py",  # the error travels to whoever waits for the device
    "storage/database.py",  # the error travels to whoever waits for the commit
    "services/prediction/mask_delivery.py",  # the error travels to whoever waits for the mask
    "services/prediction/mask_saver.py",  # the same for all masks of a batch
    "services/projects/late_writer.py",  # the error is one video's, and other videos are written
    "services/propagation/mask_writer.py",  # the error travels to whoever hands in the next mask
}
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60


def unit_of(module: str) -> str:
    """The part of the program a module belongs to: its package, or itself."""
    parts = module.split(".")
    return parts[1] if parts[0] == PACKAGE and len(parts) > 1 else parts[0]


def sources() -> list[Path]:
    """Every file we wrote, tests included."""
    python = [
        path
        for top in (PACKAGE, "tests", "training", "scripts")
        for path in (ROOT / top).rglob("*.py")
    ]
    javascript = [path for top in ("static/js", "tests/js") for path in (ROOT / top).rglob("*.*js")]
    return [*python, *javascript, *ROOT.glob("server.py")]


def test_every_part_of_the_program_has_a_height() -> None:
    units = {unit_of(module) for module in python_files()} - {PACKAGE}

    assert units <= set(HEIGHTS)


def test_imports_point_down() -> None:
    upward = [
        f"{module} -> {target}"
        for module, targets in python_graph().items()
        for target in targets
        if target != PACKAGE and not points_down(unit_of(module), unit_of(target), HEIGHTS)
    ]

    assert upward == []


def test_nothing_imports_itself_in_the_end() -> None:
    assert cycles(python_graph()) == []


def test_folders_of_formats_import_each_other_in_one_direction() -> None:
    graph = format_folders()

    assert cycles(graph) == []


def test_a_family_of_formats_imports_no_other_family() -> None:
    crossings = {
        f"{folder} -> {target}"
        for folder, targets in format_folders().items()
        for target in targets
        if folder != target and target not in SHARED_BY_FORMATS
    }

    assert crossings == set()


def format_folders() -> Graph:
    """Imports between the folders of `formats/`; modules beside the folders stand above them."""
    prefix = f"{PACKAGE}.formats."
    graph: Graph = {}
    for module, targets in python_graph().items():
        if module.startswith(prefix) and module.count(".") == 3:
            folder = module.split(".")[2]
            reached = {target.split(".")[2] for target in targets if target.startswith(prefix)}
            graph.setdefault(folder, set()).update(reached - {folder})
    return graph


@pytest.mark.parametrize("library", sorted(HOMES))
def test_a_library_stays_at_home(library: str) -> None:
    abroad = [
        f"{found.module}:{found.line}"
        for found in python_imports()
        if found.top == library and unit_of(found.module) not in HOMES[library]
    ]

    assert abroad == []


def test_only_the_runtime_sleeps() -> None:
    sleepers = [found.module for found in python_imports() if found.name == "time.sleep"]
    for module in python_files():
        sleepers += [module for node in ast.walk(python_tree(module)) if is_sleep(node)]

    assert {unit_of(module) for module in sleepers} <= {"runtime"}


def is_sleep(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and node.attr == "sleep"
        and isinstance(node.value, ast.Name)
        and node.value.id == "time"
    )


def test_the_web_process_never_reaches_the_session_process() -> None:
    start = {module for module in python_files() if unit_of(module) in WEB_PROCESS} - SESSION_DOORS

    met = reachable(python_graph_at_run_time(), start) - ON_BOTH_SIDES
    reached = {
        unit_of(module)
        for module in met
        if not module.startswith(DECLARATIONS) or module == DISPATCH
    }

    assert reached & SESSION_PROCESS == set()


def test_the_core_needs_numpy_and_the_standard_library() -> None:
    foreign = {
        found.top
        for found in python_imports()
        if unit_of(found.module) == "core" and found.top not in sys.stdlib_module_names
    }

    assert foreign <= {"numpy", PACKAGE}


@pytest.mark.parametrize("call", ["open", "print"])
def test_the_core_does_no_io(call: str) -> None:
    callers = [
        module
        for module in python_files()
        if unit_of(module) == "core"
        for node in ast.walk(python_tree(module))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == call
    ]

    assert callers == []


def test_the_names_of_frame_files_are_made_in_one_place() -> None:
    makers = [
        module
        for module, path in python_files().items()
        if re.search(r":05d\b", path.read_text(encoding="utf-8"))
    ]

    assert makers == [f"{PACKAGE}.core.frame_files"]


def test_no_import_is_relative() -> None:
    relative = [found for found in python_imports() if found.relative]

    assert relative == []


def test_no_module_has_a_vague_name() -> None:
    vague = [str(path) for path in sources() if path.stem in VAGUE_NAMES]

    assert vague == []


def test_a_loop_names_the_thing_it_goes_over() -> None:
    vague = [
        f"{module}:{node.target.lineno}"
        for module in python_files()
        for node in ast.walk(python_tree(module))
        if isinstance(node, ast.For | ast.comprehension) and is_called_one(node.target)
    ]

    assert vague == []


def is_called_one(target: ast.AST) -> bool:
    return isinstance(target, ast.Name) and target.id in ("one", "ones")


def test_only_the_boundaries_catch_everything() -> None:
    catchers = {
        str(python_files()[module].relative_to(ROOT / PACKAGE))
        for module in python_files()
        for node in ast.walk(python_tree(module))
        if isinstance(node, ast.ExceptHandler) and catches_everything(node)
    }

    assert catchers <= BOUNDARIES


def catches_everything(node: ast.ExceptHandler) -> bool:
    if isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None:
        return False  # it only tidies up
    names = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
    return any(
        name is None or (isinstance(name, ast.Name) and name.id in ("Exception", "BaseException"))
        for name in names
    )


def test_nothing_is_global() -> None:
    rebound = [
        module
        for module in python_files()
        for node in ast.walk(python_tree(module))
        if isinstance(node, ast.Global)
    ]

    assert rebound == []


def test_files_stay_short() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in sources()
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > MAX_FILE_LINES
    }

    assert long == {}


def test_functions_stay_short() -> None:
    long = [
        f"{module}:{node.name}"
        for module in python_files()
        for node in functions_of(module)
        if (node.end_lineno or 0) - node.lineno >= MAX_FUNCTION_LINES
    ]

    assert long == []


def test_functions_are_typed_whole() -> None:
    untyped = [
        f"{module}:{node.name}"
        for module in python_files()
        for node in functions_of(module)
        if node.returns is None and node.name != "__init__"
    ]

    assert untyped == []


def functions_of(module: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(python_tree(module)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_an_upward_import_would_be_seen() -> None:
    assert not points_down("storage", "services", HEIGHTS)
    assert not points_down("storage", "models", HEIGHTS)
    assert points_down("web", "hosts", HEIGHTS)


def test_a_cycle_would_be_seen() -> None:
    assert cycles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == ["a", "b", "c"]


def test_lazy_imports_are_seen() -> None:
    lazy = Import(f"{PACKAGE}.runtime", "eventlet.tpool", 0)

    assert any((found.module, found.name) == (lazy.module, lazy.name) for found in python_imports())


def test_addresses_are_made_by_the_web_from_the_table_of_operations() -> None:
    named = {
        module
        for module in python_files()
        for node in ast.walk(python_tree(module))
        if isinstance(node, ast.Constant) and str(node.value).startswith("/api/")
    }

    declared = {module for module in named if module.startswith(DECLARATIONS)}
    assert {unit_of(module) for module in named - declared} <= {"web"}
