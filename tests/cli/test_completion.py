"""``completion``: scripts that real shells take and complete with."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from sam2_session.cli.__main__ import main

IN_BASH = """
source {script}
COMP_WORDS=({words}); COMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 ))
_shtab_sam2_session; echo "${{COMPREPLY[*]}}"
"""


@pytest.fixture
def script(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """Write the script of each shell to a file named like it."""
    for shell in ("bash", "zsh", "fish"):
        assert main(("completion", shell), {}) == 0
        (tmp_path / shell).write_text(capsys.readouterr().out)
    return tmp_path


def shell(*words: str) -> str:
    ended = subprocess.run(words, capture_output=True, text=True, check=True)
    return ended.stdout


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("sam2-session re", "rebuild report"),
        ("sam2-session rebuild --fr", "--frames"),
        ("sam2-session run --direction b", "backward both"),
        ("sam2-session serve --async-mode e", "eventlet"),
        ("sam2-session batch --outputs", "--outputs-dir"),
    ],
)
def test_bash_completes(script: Path, words: str, completed: str) -> None:
    source = IN_BASH.format(script=script / "bash", words=words)

    assert shell("bash", "-c", source).strip() == completed


def test_fish_completes(script: Path) -> None:
    if not shutil.which("fish"):
        pytest.skip("there is no fish here")
    source = f"source {script / 'fish'}; complete -C 'sam2-session rebuild --fr'"

    assert shell("fish", "--no-config", "-c", source).startswith("--frames\t")


def test_zsh_takes_the_script(script: Path) -> None:
    if not shutil.which("zsh"):
        pytest.skip("there is no zsh here")
    shell("zsh", "-f", "-n", str(script / "zsh"))

    assert (script / "zsh").read_text().startswith("#compdef sam2-session")


def test_other_shells_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(("completion", "cmd"), {})

    assert ended.value.code == 2
    assert "invalid choice: 'cmd'" in capsys.readouterr().err
