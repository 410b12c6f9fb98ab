"""Memory is measured as the kernel counts it, in a container within its limit."""

from __future__ import annotations

from pathlib import Path

from sam2_session.services.handover.load import machine_memory, memory_share

KIB = 1024


def test_the_limit_of_a_container_counts(tmp_path: Path) -> None:
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal: 1000 kB\nMemFree: 1 kB\nMemAvailable: 400 kB\n")

    assert machine_memory(meminfo, tmp_path) == (600 * KIB, 1000 * KIB)

    (tmp_path / "memory.max").write_text("max\n")
    assert machine_memory(meminfo, tmp_path) == (600 * KIB, 1000 * KIB)

    (tmp_path / "memory.max").write_text("512000\n")
    (tmp_path / "memory.current").write_text("300000\n")
    (tmp_path / "memory.stat").write_text("anon 1\ninactive_file 100000\nactive_file 2\n")
    assert machine_memory(meminfo, tmp_path) == (200_000, 512_000)


def test_the_share_of_this_machine_is_one() -> None:
    assert 0 < memory_share(None) < 1
