"""The table of options is read from defaults, environment and command line."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from sam2_session.options import OPTIONS, InvalidSettings, parse_bytes
from sam2_session.settings import Settings, parse_settings


def test_the_table_and_the_settings_name_the_same() -> None:
    assert [option.name for option in OPTIONS] == [field.name for field in fields(Settings)]


def test_the_defaults_are_those_of_the_table() -> None:
    settings = parse_settings([], {})

    assert settings == Settings()
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)


def test_the_command_line_wins_over_the_environment() -> None:
    environ = {"SAM2_SESSION_PORT": "9000", "SAM2_SESSION_MODEL": "other", "HOME": "/"}

    settings = parse_settings(["--port", "9001"], environ)

    assert (settings.port, settings.model) == (9001, "other")


def test_a_repeatable_option_collects() -> None:
    given = parse_settings(["--allowed-host", "a", "--allowed-host", "b"], {})
    variable = parse_settings([], {"SAM2_SESSION_ALLOWED_HOST": "a, b"})

    assert given.allowed_host == variable.allowed_host == ("a", "b")


@pytest.mark.parametrize(
    ("text", "size"), [("12", 12), ("1KiB", 1024), ("3 mib", 3 << 20), ("8GiB", 8 << 30)]
)
def test_sizes_take_units(text: str, size: int) -> None:
    assert parse_bytes(text) == size


@pytest.mark.parametrize("text", ["", "-1", "1.5GiB", "1TB", "GiB"])
def test_a_size_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InvalidSettings):
        parse_bytes(text)


def test_a_misspelt_variable_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse_settings([], {"SAM2_SESSION_PROT": "1"})

    assert ended.value.code == 2
    assert "There is no option SAM2_SESSION_PROT" in capsys.readouterr().err


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_loopback_is_loopback_in_every_spelling(host: str) -> None:
    assert Settings(host=host, no_auth=True).is_loopback


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "lab.example", "localhost.evil"])
def test_what_others_can_reach_is_never_without_a_token(host: str) -> None:
    with pytest.raises(InvalidSettings, match="no-auth"):
        Settings(host=host, no_auth=True)


def test_settings_travel_as_json_without_the_secret(tmp_path: Path) -> None:
    settings = Settings(videos_dir=tmp_path, allowed_host=("a",), token="secret")  # noqa: S106

    assert Settings.from_wire(settings.to_wire()) == settings
    assert "secret" not in str(settings.for_worker())


def test_a_token_comes_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.write_text("from-a-file\n")

    assert parse_settings(["--token-file", str(secret)], {}).token == "from-a-file"  # noqa: S105
    variable = {"SAM2_SESSION_TOKEN_FILE": str(secret)}
    assert parse_settings([], variable).token == "from-a-file"  # noqa: S105


@pytest.mark.parametrize(
    ("content", "more", "why"),
    [
        (None, [], "is not readable"),
        (b"\xff", [], "is not readable"),
        (b" \n", [], "is empty"),
        (b"two words", [], "without spaces"),
        (b"one", ["--token", "two"], "not both"),
    ],
)
def test_a_token_file_that_gives_no_token_ends_the_start(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    content: bytes | None,
    more: list[str],
    why: str,
) -> None:
    secret = tmp_path / "token"
    if content is not None:
        secret.write_bytes(content)

    with pytest.raises(SystemExit):
        parse_settings(["--token-file", str(secret), *more], {})

    assert why in capsys.readouterr().err


def test_one_conditioning_frame_is_refused_and_none_means_all() -> None:
    with pytest.raises(InvalidSettings, match="at least 2"):
        Settings(max_conditioning_frames=1)

    assert Settings(max_conditioning_frames=0).max_conditioning_frames == 0


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("http://gpu:8000", "http://gpu:8000"),
        ("HTTPS://GPU.example:443/", "https://gpu.example"),
        ("http://[::1]:80", "http://[::1]"),
    ],
)
def test_an_origin_is_kept_as_browsers_write_it(text: str, origin: str) -> None:
    assert parse_settings(["--allowed-origin", text], {}).allowed_origin == (origin,)


@pytest.mark.parametrize(
    "text", ["*", "gpu:8000", "http://", "http://a/b", "http://a?b", "http://u@a", "http://a:b",
             "file:///a", "http://a b", "http://a;b", "null", ""],
)  # fmt: skip
def test_what_is_no_origin_is_refused(text: str) -> None:
    with pytest.raises(SystemExit):
        parse_settings(["--allowed-origin", text], {})
