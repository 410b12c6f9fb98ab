"""Reads options from `sam2-session.toml` and `.env` in the current folder.

Imported before eventlet patches the standard library, so nothing here may bring threads or sockets.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from sam2_session.options import (
    BY_NAME,
    COMMAND_OPTIONS,
    ENV_PREFIX,
    InvalidSettings,
    Option,
    parse_flag,
)

TOML, DOTENV = "sam2-session.toml", ".env"
MAX_BYTES = 1024 * 1024  # of a file with options
KNOWN = {**BY_NAME, **{option.name: option for option in COMMAND_OPTIONS}}
LINE = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)")


def with_option_files(environ: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Add the options of a folder's files to an environment, which wins over both files.

    `.env` wins over `sam2-session.toml`. Raises InvalidSettings, naming file and key.
    """
    return {
        **_read(folder / TOML, _options_of_toml),
        **_read(folder / DOTENV, _options_of_dotenv),
        **environ,
    }


def _read(path: Path, parse: Callable[[str], Iterator[tuple[str, str]]]) -> dict[str, str]:
    try:
        if not path.is_file():
            return {}
        if path.stat().st_size > MAX_BYTES:
            raise InvalidSettings(f"{path.name} is too large for a file of options.")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidSettings(f"{path.name} cannot be read: {error}.") from error
    try:
        return dict(parse(text))
    except InvalidSettings as error:
        raise InvalidSettings(f"{path.name}: {error.message}") from error


def _options_of_toml(text: str) -> Iterator[tuple[str, str]]:
    """Yield variables; keys are names of options, with `_` or `-`."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidSettings(f"{error}.") from error
    for key, value in table.items():
        option = KNOWN.get(key.replace("-", "_"))
        if option is None:
            raise InvalidSettings(f"there is no option {key!r}; --help lists them.")
        yield option.variable, _checked(option, key, _text_of(key, value))


def _options_of_dotenv(text: str) -> Iterator[tuple[str, str]]:
    """Yield our variables; those of other programs are left alone."""
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = LINE.fullmatch(line.strip())
        if found is None:
            raise InvalidSettings(f"line {number} is no NAME=value.")
        variable, value = found[1], _unquoted(found[2], number)
        if not variable.startswith(ENV_PREFIX):
            continue
        option = KNOWN.get(variable.removeprefix(ENV_PREFIX).lower())
        if option is None:
            raise InvalidSettings(f"there is no option {variable}; --help lists them.")
        yield variable, _checked(option, variable, value)


def _text_of(key: str, value: Any) -> str:
    """Write a TOML value as an environment variable would hold it."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int | str):
        return str(value)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ",".join(value)
    raise InvalidSettings(f"{key} is a text, a whole number, true or false, or a list of texts.")


def _unquoted(text: str, number: int) -> str:
    """Take quotes off, and a comment behind a value without them."""
    quote = text[:1]
    if quote not in ("'", '"') or not quote:
        return re.split(r"\s+#", text, maxsplit=1)[0].rstrip()
    end = text.find(quote, 1)
    rest = text[end + 1 :].strip()
    if end < 0 or (rest and not rest.startswith("#")):
        raise InvalidSettings(f"line {number} has a quote without its end.")
    return text[1:end]


def _checked(option: Option, key: str, text: str) -> str:
    """Give the text back if the option takes it; an error names the key as it is written."""
    try:
        value = option.read_variable(text)
    except InvalidSettings as error:
        raise InvalidSettings(f"{key}: {error.message}") from error
    return ("1" if value else "") if option.parse is parse_flag else text
