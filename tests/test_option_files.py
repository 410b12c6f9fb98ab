"""Options from `.env` and `sam2-session.toml` in the current folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from sam2_session.cli.__main__ import main as command_line
from sam2_session.option_files import KNOWN, with_option_files
from sam2_session.options import OPTIONS, InvalidSettings
from sam2_session.settings import Settings, parse_settings
from sam2_session.startup import serve


def settings_in(folder: Path, argv: tuple[str, ...] = (), **environ: str) -> Settings:
    return parse_settings(argv, with_option_files(environ, folder))


def test_the_first_place_that_names_an_option_wins(tmp_path: Path) -> None:
    (tmp_path / "sam2-session.toml").write_text(
        'port = 1\nmodel = "toml"\ndevice = "cpu"\nlog_level = "debug"\n'
    )
    (tmp_path / ".env").write_text(
        "SAM2_SESSION_PORT=2\nSAM2_SESSION_MODEL=dotenv\nSAM2_SESSION_DEVICE=cuda\n"
    )

    settings = settings_in(
        tmp_path, ("--port", "4"), SAM2_SESSION_PORT="3", SAM2_SESSION_MODEL="variable"
    )

    assert (settings.port, settings.model) == (4, "variable")
    assert (settings.device, settings.log_level) == ("cuda", "debug")
    assert settings.host == Settings().host


def test_every_option_may_stand_in_both_files(tmp_path: Path) -> None:
    values = {option.name: text_for(option) for option in OPTIONS}
    (tmp_path / "secret").write_text("s3cret")
    values |= {"port": "9123", "host": "127.0.0.2", "token_file": str(tmp_path / "secret")}
    del values["token"], values["view_token"]  # either, not both; not with no_auth
    toml, dotenv = tmp_path / "toml", tmp_path / "dotenv"
    toml.mkdir()
    dotenv.mkdir()
    lines = (f"{name} = {value!r}" for name, value in values.items())
    (toml / "sam2-session.toml").write_text("\n".join(lines))
    lines = (f"SAM2_SESSION_{name.upper()}={value}" for name, value in values.items())
    (dotenv / ".env").write_text("\n".join(lines))

    expected = parse_settings((), {KNOWN[name].variable: text for name, text in values.items()})
    assert settings_in(toml) == settings_in(dotenv) == expected
    assert (expected.port, expected.token) == (9123, "s3cret")


def text_for(option: Any) -> str:
    """A value that the option takes, other than its default where there is a choice."""
    if option.choices:
        return str(option.choices[-1])
    if option.name in ("allowed_origin", "embed_origin", "public_url"):
        return "http://lab.example:9000"
    if isinstance(option.default, bool):
        return "1"
    return str(option.default + 2) if isinstance(option.default, int) else "words"


def test_values_of_toml_are_those_of_their_types(tmp_path: Path) -> None:
    (tmp_path / "sam2-session.toml").write_text(
        'allowed-host = ["a", "b"]\nno_auth = true\ntrash_days = 3\nmax_upload_bytes = "2GiB"\n'
    )

    settings = settings_in(tmp_path)

    assert settings.allowed_host == ("a", "b")
    assert (settings.no_auth, settings.trash_days) == (True, 3)
    assert settings.max_upload_bytes == 2 << 30


def test_lines_of_dotenv_are_read_as_others_read_them(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "# ours\n\nexport SAM2_SESSION_TOKEN='s3#cret' # quoted\n"
        'SAM2_SESSION_MODEL = "tiny"\nSAM2_SESSION_DEVICE=cpu # not cuda\nOTHERS_KEY=1=2\n'
    )

    assert with_option_files({}, tmp_path) == {
        "SAM2_SESSION_TOKEN": "s3#cret",
        "SAM2_SESSION_MODEL": "tiny",
        "SAM2_SESSION_DEVICE": "cpu",
    }


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"sam2-session.toml": "prot = 1"}, "sam2-session.toml: there is no option 'prot'"),
        ({"sam2-session.toml": "port = 'x'"}, "sam2-session.toml: port: 'x' is no whole number"),
        ({"sam2-session.toml": "port = 1.5"}, "sam2-session.toml: port is a text"),
        ({"sam2-session.toml": "[server]\nport = 1"}, "there is no option 'server'"),
        ({"sam2-session.toml": "port 1"}, "sam2-session.toml: Expected"),
        ({"sam2-session.toml": b"\xff"}, "sam2-session.toml cannot be read"),
        ({".env": "SAM2_SESSION_PROT=1"}, ".env: there is no option SAM2_SESSION_PROT"),
        ({".env": "SAM2_SESSION_DEVICE='cpu"}, ".env: line 1 has a quote without its end"),
        ({".env": "\nwords"}, ".env: line 2 is no NAME=value"),
        ({".env": "SAM2_SESSION_PRECISION=no"}, ".env: SAM2_SESSION_PRECISION: choose one of"),
    ],
)
def test_what_is_wrong_is_named(
    tmp_path: Path, files: Mapping[str, str | bytes], message: str
) -> None:
    for name, content in files.items():
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())

    with pytest.raises(InvalidSettings) as caught:
        with_option_files({}, tmp_path)

    assert message in caught.value.message


def test_server_and_commands_read_the_files_of_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(".env").write_text("SAM2_SESSION_URL=http://127.0.0.1:9\nSAM2_SESSION_JSON=1\n")

    assert command_line(("videos",), {}) == 1
    said = capsys.readouterr()
    assert '"code": "host_unavailable"' in said.out
    assert "http://127.0.0.1:9 cannot be reached" in said.err
    Path("sam2-session.toml").write_text("prot = 1")
    for start in (lambda: command_line(("videos",), {}), lambda: serve((), {})):
        assert start() == 2
        assert capsys.readouterr().err.startswith("sam2-session.toml: there is no option 'prot'")
