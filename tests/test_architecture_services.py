"""The shape of the services, held by tests: subjects without circles, SQL below them."""

from __future__ import annotations

import ast
import re

from tests.import_graph import PACKAGE, ROOT, Graph, cycles, python_files, python_graph, python_tree

# Modules and folders that put the subjects together: no subject may import them.
COMPOSERS = {"build", "foundations", "operations"}

SQL = re.compile(r"\s*(SELECT\s|INSERT\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s|CREATE\s+TABLE\s)")
JSON_OF_A_FILE = re.compile(r"\bjson\.loads?\(.*(read_bytes|read_text|open|file)\b")
SQL_HOMES = {"storage", "runtime"}  # the runtime calls eventlet's `execute`


def test_the_subjects_form_no_circle() -> None:
    assert cycles(subject_graph()) == []


def test_no_subject_imports_what_puts_them_together() -> None:
    upward = {
        subject: targets & COMPOSERS
        for subject, targets in subject_graph().items()
        if subject not in COMPOSERS and targets & COMPOSERS
    }

    assert upward == {}


def subject_graph() -> Graph:
    """Each folder of the services, or module beside them, to those it imports."""
    graph: Graph = {}
    for module, targets in python_graph().items():
        if subject := subject_of(module):
            found = {name for target in targets if (name := subject_of(target))}
            graph.setdefault(subject, set()).update(found - {subject})
    return graph


def subject_of(module: str) -> str | None:
    names = module.split(".")
    return names[2] if names[:2] == [PACKAGE, "services"] and len(names) > 2 else None


def test_sql_stays_in_the_storage() -> None:
    abroad = {
        str(python_files()[module].relative_to(ROOT / PACKAGE))
        for module in python_files()
        if not any(module.startswith(f"{PACKAGE}.{home}") for home in SQL_HOMES)
        for node in ast.walk(python_tree(module))
        if is_sql(node)
    }

    assert abroad == set()


def is_sql(node: ast.AST) -> bool:
    """A call of `execute`, or a text that begins as a statement does."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and SQL.match(node.value) is not None
    return isinstance(node, ast.Attribute) and node.attr in ("execute", "executemany")


def test_own_json_files_are_read_within_bounds() -> None:
    """`json.loads` takes any depth and any number; `storage/documents.py` does not."""
    homes = ("client", "cli", "notebook", "models.files")
    abroad = [
        module
        for module in python_files()
        if not module.startswith(tuple(f"{PACKAGE}.{home}" for home in homes))
        and JSON_OF_A_FILE.search(python_files()[module].read_text(encoding="utf-8"))
    ]

    assert abroad == []
    assert JSON_OF_A_FILE.search("data = json.loads(path.read_bytes())")


def test_a_circle_of_subjects_would_be_seen() -> None:
    assert subject_of(f"{PACKAGE}.services.masks.frame_masks") == "masks"
    assert subject_of(f"{PACKAGE}.services.build") == "build"
    assert {"masks", "projects", "videos"} <= subject_graph()["exports"]


def test_sql_would_be_seen() -> None:
    source = ast.parse('tx.execute(f"SELECT {x} FROM a"); forget("DELETE FROM b")')

    assert sum(is_sql(node) for node in ast.walk(source)) == 3
    assert not is_sql(ast.Constant("Select a model, then update it."))
