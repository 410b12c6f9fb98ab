"""Change one token of the program at a time and see whether the tests notice.

``make mutants`` (SAMPLE=40 SEED=1 AREAS="core formats"). Cosmic Ray knows the changes; here a few
places are drawn, each is changed in one way, in a copy of the sources, and the tests of that part
run, then those of the parts that use it most. A change that no test notices is shown: either it
changes nothing anybody can see, or a test is missing. Of the others at least 85 of 100 are to be
noticed.

Left out is what no test should pin down: annotations, decorators, values of limits, `is` for `==`.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from threading import Lock

from cosmic_ray.ast import ast_nodes, get_ast_from_path
from cosmic_ray.mutating import mutate_and_test
from cosmic_ray.plugins import get_operator, operator_names
from cosmic_ray.work_item import MutationSpec, TestOutcome, WorkResult

from tests.import_graph import python_files, python_graph

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = Path("sam2_session")
AREAS = ("core", "formats", "storage", "services")
MORE_SUITES = {
    "core": ["tests/test_docs.py"],
    "formats": ["tests/formats/test_round_trips.py", "tests/formats/test_every_format.py"],
}
COMPOSERS = ("tests", "tests/services", "tests/cluster")  # they take many minutes
IMPORTING = 3  # folders of tests beyond its own that a change must pass to survive
SAME = {("Eq", "Is"), ("NotEq", "IsNot"), ("Is", "Eq"), ("IsNot", "NotEq")}
PATIENCE_S = 60.0  # and five times as long as the unchanged program takes
BAR = 0.85

Span = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: its file, under the root, and the operator that makes it."""

    path: Path
    operator: str
    occurrence: int
    span: Span

    def spec(self, root: Path) -> MutationSpec:
        """The same in a copy of the sources."""
        start, end = self.span
        return MutationSpec(
            module_path=root / self.path,
            operator_name=self.operator,
            occurrence=self.occurrence,
            start_pos=start,
            end_pos=end,
        )


def main(argv: Sequence[str]) -> int:
    """Draw, try, and tell."""
    args = _arguments(argv)
    rng = random.Random(args.seed)
    each = -(-args.sample // len(args.areas))
    drawn = [mutant for area in args.areas for mutant in _draw(area, each, rng)]
    with _copies(args.workers) as copies, ThreadPoolExecutor(args.workers) as pool:
        limits = _Limits()

        def tried(mutant: Mutant) -> WorkResult:
            copy = copies.get()
            try:
                return _try(mutant, copy, limits)
            finally:
                copies.put(copy)

        noticed = sum(map(_tell, drawn, pool.map(tried, drawn)))
    share = noticed / max(len(drawn), 1)
    _say(f"\n{noticed} of {len(drawn)} mutants were noticed ({share:.0%}), seed {args.seed}")
    return 0 if share >= BAR else 1


def _try(mutant: Mutant, copy: Path, limits: _Limits) -> WorkResult:
    """Run suite after suite until one notices the change."""
    for suite in _suites(mutant):
        limit_s = limits.of(copy, suite)
        result = mutate_and_test([mutant.spec(copy)], _command(copy, suite), limit_s)
        if result.test_outcome not in (TestOutcome.SURVIVED, TestOutcome.KILLED):
            raise RuntimeError(f"{mutant} cannot be tried: {result.output}")
        if result.test_outcome is TestOutcome.KILLED:
            break
    return result


def _tell(mutant: Mutant, result: WorkResult) -> bool:
    """Show a mutant that no test noticed, as soon as it is known; whether one did."""
    if result.test_outcome is TestOutcome.KILLED:
        return True
    lines = (result.diff or "").splitlines()
    changed = [line for line in lines if line[:1] in "+-" and line[:3] not in ("---", "+++")]
    _say(f"\n{mutant.path}:{mutant.span[0][0]} {mutant.operator}", *changed)
    return False


def _draw(area: str, count: int, rng: random.Random) -> list[Mutant]:
    """Draw places of an area, each with one of the changes that can be made there."""
    places: dict[tuple[Path, Span], list[Mutant]] = {}
    for path in sorted((ROOT / PACKAGE / area).rglob("*.py")):
        if _folder_of(path.relative_to(ROOT)) in COMPOSERS:
            continue
        for mutant in _mutants(path):
            places.setdefault((mutant.path, mutant.span), []).append(mutant)
    drawn = rng.sample(sorted(places), min(count, len(places)))
    return [rng.choice(places[place]) for place in drawn]


def _mutants(path: Path) -> Iterator[Mutant]:
    passed_over = _passed_over(ast.parse(path.read_text(encoding="utf-8")))
    nodes = list(ast_nodes(get_ast_from_path(path)))
    for name in operator_names():
        operator = get_operator(name)
        if operator.arguments() or tuple(name.split("_")[-2:]) in SAME:
            continue
        spans = (span for node in nodes for span in operator().mutation_positions(node))
        for occurrence, span in enumerate(spans):
            if not any(start <= span[0] <= end for start, end in passed_over):
                yield Mutant(path.relative_to(ROOT), name, occurrence, span)


def _passed_over(tree: ast.Module) -> list[Span]:
    """Places of annotations, decorators and the values of constants."""
    found: list[ast.expr | None] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.arg | ast.AnnAssign):
            found.append(node.annotation)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found += [node.returns, *node.decorator_list]
        elif isinstance(node, ast.ClassDef):
            found += node.decorator_list
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            found.append(node.value)
    return [
        ((node.lineno, node.col_offset), (node.end_lineno or 0, node.end_col_offset or 0))
        for node in found
        if node is not None
    ]


def _suites(mutant: Mutant) -> list[str]:
    """The tests of the file, those of its folder, then those of the folders that import it most."""
    folder = _folder_of(mutant.path)
    module = ".".join(mutant.path.with_suffix("").parts)
    importing = Counter(
        _folder_of(python_files()[other].relative_to(ROOT))
        for other, targets in python_graph().items()
        if module in targets and other.startswith(f"{PACKAGE}.")
    )
    for name in (folder, *COMPOSERS):
        del importing[name]
    beside = f"{folder}/test_{mutant.path.name}"
    nearest = [beside] if (ROOT / beside).is_file() else []
    more = MORE_SUITES.get(mutant.path.relative_to(PACKAGE).parts[0], [])
    return [*nearest, folder, *more, *(name for name, _ in importing.most_common(IMPORTING))]


def _folder_of(path: Path) -> str:
    """The folder of tests that mirrors the file's, or the next one above."""
    parts = path.relative_to(PACKAGE).parts[:-1]
    while not (ROOT / "tests").joinpath(*parts).is_dir():
        parts = parts[:-1]
    return "/".join(("tests", *parts))


def _command(copy: Path, suite: str) -> str:
    return f"env -C {copy} {sys.executable} -m pytest -x -q -p no:cacheprovider {suite}"


class _Limits:
    """Time limits for the tests of a changed program; the unchanged one must pass them."""

    def __init__(self) -> None:
        self._limits_s: dict[str, float] = {}
        self._lock = Lock()

    def of(self, copy: Path, suite: str) -> float:
        """Give the limit of a suite in seconds; its first call runs it in an unchanged copy."""
        with self._lock:
            if suite not in self._limits_s:
                began_s = time.monotonic()
                command = _command(copy, suite).split()
                subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
                self._limits_s[suite] = 5 * (time.monotonic() - began_s) + PATIENCE_S
            return self._limits_s[suite]


@contextmanager
def _copies(count: int) -> Iterator[SimpleQueue[Path]]:
    """Copies of what git tracks, so that nobody's sources are ever changed."""
    listed = [
        "git",
        "-C",
        str(ROOT),
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]
    names = subprocess.run(listed, capture_output=True, text=True, check=True).stdout.split("\0")
    with tempfile.TemporaryDirectory() as folder:
        copies: SimpleQueue[Path] = SimpleQueue()
        for number in range(count):
            copy = Path(folder) / str(number)
            for name in filter(lambda name: (ROOT / name).is_file(), names):
                (copy / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, copy / name)
            copies.put(copy)
        yield copies


def _say(*lines: str) -> None:
    sys.stdout.write("\n".join((*lines, "")))
    sys.stdout.flush()


def _arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("areas", nargs="*", help=f"of {', '.join(AREAS)}; all of them by default")
    parser.add_argument("--sample", type=int, default=40, help="changes in all areas together")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    args = parser.parse_args(argv)
    args.areas = args.areas or AREAS
    return args


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
