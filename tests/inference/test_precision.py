"""The default precision costs no accuracy that one could see."""

from __future__ import annotations

from pathlib import Path

from benchmarks.precision import agreements, load, prepare, run


def test_bf16_masks_are_those_of_fp32_but_for_their_edges(tmp_path: Path) -> None:
    bench = prepare(tmp_path, num_frames=5)
    fp32, bf16 = (
        run(bench, load("sam2.1_hiera_demo", "cpu", precision)) for precision in ("fp32", "bf16")
    )

    for kind in ("clicks", "propagation"):
        figures = agreements(bench, fp32[kind], bf16[kind])["all"]

        assert figures["between"] > 0.98
        assert abs(figures["fp32"] - figures["bf16"]) < 0.01
