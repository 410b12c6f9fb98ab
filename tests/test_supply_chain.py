"""Checks licences of others' files, secrets, and known weaknesses."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
VENDOR = ROOT / "static" / "vendor"
NO_DATA = re.compile(r"(Connection|Resolution|Timeout|HTTP|SSL|Max retries|ServiceError)")
SECRETS = {
    "a private key": r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----",
    "a key of AWS": r"\bA(?:KIA|SIA)[0-9A-Z]{16}\b",
    "a token of GitHub": r"\b(?:gh[opsur]_[0-9A-Za-z]{36}|github_pat_[0-9A-Za-z_]{60,})\b",
    "a token of GitLab": r"\bglpat-[0-9A-Za-z_-]{20,}\b",
    "a token of Slack": r"\bxox[abprs]-[0-9A-Za-z-]{10,}\b",
    "a token of PyPI": r"\bpypi-[0-9A-Za-z_-]{50,}\b",
    "a token of Hugging Face": r"\bhf_[0-9A-Za-z]{30,}\b",
    "a key of OpenAI or Anthropic": r"\bsk-(?:ant-|proj-)?[0-9A-Za-z_-]{32,}\b",
    "a key of Google": r"\bAIza[0-9A-Za-z_-]{35}\b",
    "a web token": r"\beyJ[0-9A-Za-z_-]{20,}\.eyJ[0-9A-Za-z_-]{20,}\.[0-9A-Za-z_-]{20,}\b",
    "a password in a URL": r"\b[a-z]+://[^/\s:@{}<>'\"$]{2,}:[^/\s:@{}<>'\"$]{6,}@[\w.-]+\.\w",
}


def tracked() -> list[Path]:
    """Every file of the repository; without git, as in a source archive, there is none to check."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def secrets_in(text: str) -> list[str]:
    return [name for name, pattern in SECRETS.items() if re.search(pattern, text)]


def test_the_repository_holds_no_secret() -> None:
    texts = {path: path.read_bytes().decode(errors="replace") for path in tracked()}
    found = {str(path): secrets_in(text) for path, text in texts.items()}

    assert {path: names for path, names in found.items() if names} == {}


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN " + "RSA PRIVATE KEY-----",
        "key = AKIA" + "ABCDEFGHIJKLMNOP",
        "ghp_" + "a1" * 18,
        "https://someone:" + "s3cretword@host.example/x",
        "eyJ" + "a" * 25 + ".eyJ" + "b" * 25 + "." + "c" * 25,
    ],
)
def test_the_scan_sees_a_secret(text: str) -> None:
    assert len(secrets_in(text)) == 1


def test_every_file_of_others_has_its_licence_beside_it() -> None:
    libraries = {path.name.split("-")[0] for path in VENDOR.iterdir()}
    licences = [VENDOR / f"{name}-LICENSE.txt" for name in libraries]

    for licence in [*licences, ROOT / "static" / "icons" / "lucide-LICENSE.txt"]:
        text = licence.read_text()
        assert re.search(r"MIT|Apache|BSD|ISC", text)
        assert "Copyright" in text


@pytest.mark.slow  # asks PyPI about every package
def test_no_pinned_package_has_a_known_weakness(tmp_path: Path) -> None:
    pinned = tmp_path / "pinned.txt"
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    pinned.write_text("\n".join(line.partition("#")[0] for line in lines))
    command = [sys.executable, "-m", "pip_audit", "--no-deps", "--disable-pip", "-r", str(pinned)]

    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)

    if done.returncode and "vulnerabilit" not in done.stdout and NO_DATA.search(done.stderr):
        pytest.skip(f"no data about weaknesses here: {done.stderr.strip().splitlines()[-1][:200]}")
    assert done.returncode == 0, done.stdout + done.stderr
