"""The wheel: what it holds, and that it works in an empty folder, away from the repository."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import sysconfig
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sam2_session import __version__
from tests.sockets import SimpleClient
from tests.web.live import PATIENCE_S, ROOT, LiveServer

READY_S = 600.0  # imports and the model, on two busy cores
KEY = {"video_id": "demo", "instance_id": 1, "region": "overall"}
RESOURCES = "sam2_session/resources/"
PAGE_FOLDERS = ("static", "templates", "configs")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, built with the backend that is installed here."""
    folder = tmp_path_factory.mktemp("wheel")
    _pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT))
    [path] = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def scripts(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of a new environment with the wheel; torch and the rest are lent."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    lent = folder / "lib" / version / "site-packages" / "lent.pth"
    lent.write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    _pip("--python", str(folder / "bin" / "python"), "install", "--no-deps", str(wheel))
    return folder / "bin"


def test_the_wheel_holds_the_page_the_configurations_and_the_demo(wheel: Path) -> None:
    names = names_in(wheel)
    wanted = {
        RESOURCES + path.relative_to(ROOT).as_posix()
        for folder in PAGE_FOLDERS
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
    }

    assert wanted <= names
    assert f"{RESOURCES}checkpoints/sam2.1_hiera_demo.pt" in names
    assert f"{RESOURCES}videos/demo.mp4" in names


def test_the_wheel_holds_types_and_licence(wheel: Path) -> None:
    names = names_in(wheel)

    assert "sam2_session/py.typed" in names
    assert f"sam2_session-{__version__}.dist-info/licenses/LICENSE" in names


def test_the_wheel_holds_no_tests_and_nothing_of_a_user(wheel: Path) -> None:
    ours = {"sam2_session", f"sam2_session-{__version__}.dist-info"}
    data = {name for name in names_in(wheel) if name.startswith(RESOURCES)}

    assert {name.split("/")[0] for name in names_in(wheel)} == ours
    assert {name.split("/")[2] for name in data} == {*PAGE_FOLDERS, "checkpoints", "videos"}
    assert [name for name in data if name.startswith(f"{RESOURCES}videos/")] == [
        f"{RESOURCES}videos/demo.mp4"
    ]


def pins_of(requirements: str) -> set[str]:
    lines = (ROOT / requirements).read_text(encoding="utf-8").splitlines()
    return {line.split("#")[0].strip() for line in lines} - {""}


def test_the_wheel_needs_what_the_requirements_pin(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        metadata = archive.read(f"sam2_session-{__version__}.dist-info/METADATA").decode()
    extra = {
        f"{pin}; extra == '{name}'"
        for name in ("mcp", "ray")
        for pin in pins_of(f"requirements-{name}.txt")
    }

    needs = "Requires-Dist: "
    needed = [line for line in metadata.splitlines() if line.startswith(needs)]
    pins = pins_of("requirements.txt") | extra
    assert {line.removeprefix(needs) for line in needed} == pins


@pytest.mark.parametrize("command", [["sam2-session"], ["python", "-m", "sam2_session"]])
def test_the_program_says_its_version(scripts: Path, tmp_path: Path, command: list[str]) -> None:
    words = [str(scripts / command[0]), *command[1:], "--version"]
    said = subprocess.run(
        words, cwd=tmp_path, env=_environment(), capture_output=True, text=True, check=True
    )

    assert said.stdout == f"sam2-session {__version__}\n"


def test_an_installed_server_answers_a_click_in_an_empty_folder(
    scripts: Path, tmp_path: Path
) -> None:
    with installed_server(scripts, tmp_path) as live:
        page = live.request("GET", "/")
        script = live.request("GET", "/static/js/main.js")
        wait_for_demo(live)
        mask = click(live)

    assert (page.status, script.status) == (200, 200)
    assert (mask["state"], mask["area"] > 0) == ("drawn", True)
    assert (tmp_path / "outputs/demo/instance1/masks_overall/00001.png").is_file()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log", "outputs", "videos"]


def names_in(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@contextmanager
def installed_server(scripts: Path, folder: Path) -> Iterator[LiveServer]:
    """``sam2-session`` on a free port, started in this folder; it is ready, and stopped after."""
    log = folder / "log"
    words = [str(scripts / "sam2-session"), "--port", "0", "--precision", "fp32"]
    with log.open("w") as stderr:
        process = subprocess.Popen(
            words, cwd=folder, env=_environment(), stdout=subprocess.PIPE, stderr=stderr, text=True
        )
    assert process.stdout is not None
    try:
        lines = iter(process.stdout.readline, "")
        ready = next((line for line in lines if line.startswith("Ready to open: ")), None)
        assert ready, log.read_text()
        live = LiveServer(process, ready.split()[-1], log)
        wait_until(lambda: live.request("GET", "/readyz").status == 200, log)
        yield live
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_S)
        process.stdout.close()


def wait_for_demo(live: LiveServer) -> None:
    """Wait until the demo clip is extracted and the model is loaded."""
    live.request("GET", "/api/videos/demo")
    with live.socket() as page:
        page.call("open_video", {"client_id": "opener", "seq": 1, "video_id": "demo"})
        wait_until(
            lambda: live.request("GET", "/api/videos/demo").json["state"] == "ready", live.log
        )


def click(live: LiveServer) -> dict[str, Any]:
    """Add one point on the first frame; the mask that follows it."""
    with live.socket() as page:
        page.call("open_video", {"client_id": "clicker", "seq": 1, "video_id": "demo"})
        point = {"frame_idx": 0, "x": 320.0, "y": 180.0, "label": 1}
        ack = page.call("add_point", {"client_id": "clicker", "seq": 2, "key": KEY, **point})
        assert "error" not in ack, ack
        return next_event(page, "mask")


def next_event(page: SimpleClient, name: str) -> dict[str, Any]:
    while (event := page.receive(timeout=READY_S))[0] != name:
        pass
    found: dict[str, Any] = event[1]
    return found


def wait_until(holds: Any, log: Path) -> None:
    until_s = time.monotonic() + READY_S
    while not holds():
        assert time.monotonic() < until_s, log.read_text()
        time.sleep(0.1)


def _pip(*words: str) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _environment() -> dict[str, str]:
    """Copy the environment without the paths to this checkout."""
    left_out = {"PYTHONPATH", "VIRTUAL_ENV"}
    return {name: value for name, value in os.environ.items() if name not in left_out}
