"""The files that containers are made and started with; no engine is needed for what is checked."""

from __future__ import annotations

import re
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

import pytest
import yaml

from sam2_session.options import OPTIONS
from sam2_session.settings import parse_settings
from tests.import_graph import ROOT

DOCKERFILES = ("Dockerfile", "Dockerfile.cuda")
VARIABLES = {option.variable for option in OPTIONS}


def instructions(name: str) -> list[tuple[str, str]]:
    """The instructions of a Dockerfile: name, and the rest on one line."""
    text = re.sub(r"\\\n\s*", " ", (ROOT / name).read_text(encoding="utf-8"))
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.partition(" ")[0], line.partition(" ")[2]) for line in lines]


@pytest.fixture(scope="module")
def compose() -> Any:
    return yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))


def test_hadolint_finds_nothing() -> None:
    hadolint = Path(sysconfig.get_path("scripts")) / "hadolint"
    ran = subprocess.run(
        [hadolint, "--failure-threshold", "info", *DOCKERFILES],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (0, "")


@pytest.mark.parametrize("name", DOCKERFILES)
def test_what_an_image_copies_is_there(name: str) -> None:
    for _, copied in (found for found in instructions(name) if found[0] == "COPY"):
        *sources, _ = copied.split()
        assert all((ROOT / source).exists() for source in sources), copied


@pytest.mark.parametrize("name", DOCKERFILES)
def test_an_image_runs_without_root_and_its_options_are_ours(name: str) -> None:
    found = dict(instructions(name))
    assert found["USER"].isdigit()
    assert found["USER"] != "0"
    *_, script, _, _ = command = yaml.safe_load(found["ENTRYPOINT"])
    assert (ROOT / script).is_file()
    assert parse_settings(command[2:], {}).host == "0.0.0.0"  # noqa: S104


def test_only_the_image_for_a_gpu_takes_the_standard_torch() -> None:
    runs = {name: str(instructions(name)) for name in DOCKERFILES}
    assert "TORCH_BUILD=standard scripts/setup.sh" in runs["Dockerfile.cuda"]
    assert "TORCH_BUILD" not in runs["Dockerfile"]
    setup = (ROOT / "scripts" / "setup.sh").read_text(encoding="utf-8")
    decides = re.search(r"^has_nvidia.*\n^nvidia_answers.*$", setup, re.MULTILINE)
    assert decides
    for build, expected in (("standard", 0), ("", 1)):
        script = f"PATH=; {decides[0]}\nhas_nvidia"
        ran = subprocess.run(["/bin/bash", "-c", script], env={"TORCH_BUILD": build}, check=False)
        assert ran.returncode == expected


def test_compose_starts_either_image_with_the_same_server(compose: Any) -> None:
    services = compose["services"]
    assert [service["profiles"] for service in services.values()] == [["cpu"], ["gpu"]]
    assert services["cpu"]["build"] == "."
    assert services["gpu"]["build"]["dockerfile"] == "Dockerfile.cuda"
    (device,) = services["gpu"]["deploy"]["resources"]["reservations"]["devices"]
    assert device["capabilities"] == ["gpu"]
    for service in services.values():
        assert set(service["environment"]) <= VARIABLES
        assert service["environment"]["SAM2_SESSION_TOKEN_FILE"] == "/run/secrets/token"
        assert {volume.split(":")[1] for volume in service["volumes"]} == {
            "/app/videos",
            "/app/outputs",
            "/app/checkpoints",
        }


def test_no_secret_and_no_data_get_into_an_image(compose: Any) -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert compose["secrets"]["token"]["file"].removeprefix("./") in ignored
    assert {".git", ".env", "outputs/*", "videos/*", "checkpoints/*"} <= set(ignored)
