"""NumPy arrays: masks land on their frame and object, broken files are skipped."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sam2_session.core.errors import InvalidPrompt, TooLarge
from sam2_session.formats.format_detection import read_import
from sam2_session.formats.importing.file_tree import open_zip
from sam2_session.formats.importing.plan import ImportPlan
from tests.formats.archives import make_zip, square
from tests.formats.label_studio.documents import CHOICES, facts, found, remarks

SIZE_HW = (90, 160)


def npy(values: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, values)
    return file.getvalue()


def npz(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def plan_of(folder: Path, files: dict[str, bytes]) -> ImportPlan:
    with read_import(make_zip(folder / "a.zip", files), facts(), CHOICES) as plan:
        return plan


def masks_in(folder: Path, files: dict[str, bytes]) -> list[Any]:
    with read_import(make_zip(folder / "a.zip", files), facts(), CHOICES) as plan:
        return [item.content.read() for item in plan.items]  # type: ignore[union-attr]


@pytest.mark.parametrize("dtype", ["u1", "?", ">i4", "<f8", "f4"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_numbers_of_every_kind_are_masks_where_they_are_above_0(
    tmp_path: Path, dtype: str, order: Any
) -> None:
    (mask,) = masks_in(tmp_path, {"3_0.npy": npy(square(4).astype(dtype, order=order))})

    assert np.array_equal(mask, square(4))


def test_nan_is_no_mask(tmp_path: Path) -> None:
    values = np.full(SIZE_HW, np.nan)
    values[2, 3] = np.inf

    (mask,) = masks_in(tmp_path, {"3_0.npy": npy(values)})
    assert np.argwhere(mask).tolist() == [[2, 3]]


def test_the_manifest_says_whose_a_file_is(tmp_path: Path) -> None:
    rows = [{"mask_id": 0, "instance_id": 4, "region": "wrist"}, {"mask_id": "x"}, None]
    files = {"manifest.json": json.dumps({"mask_ids": rows}).encode()}
    files |= {"0_0.npy": npy(square(1)), "2_1.npy": npy(square(1)), "9_1.npy": npy(square(1))}
    plan = plan_of(tmp_path, files)

    assert found(plan) == [("instance4/wrist", 0, "mask"), ("mask 1", 2, "mask"),
                           ("mask 1", 9, "mask")]  # fmt: skip
    assert (plan.subjects[0].instance_id, plan.subjects[0].region) == (4, "wrist")


def test_files_of_others_belong_to_their_folder(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, {"tool1_shaft/mask00007.npy": npy(square(1))})

    (subject,) = plan.subjects
    assert (subject.group, subject.region, plan.items[0].frame_idx) == ("tool1", "shaft", 7)


def test_a_stack_is_read_in_any_order(tmp_path: Path) -> None:
    stack = np.stack([square(at) for at in range(5)]).astype(np.uint8)
    path = make_zip(
        tmp_path / "a.zip", {"2_shaft.npz": npz(masks=stack, frame_idx=[9, 8, 0, 1, 4])}
    )
    with read_import(path, facts(), CHOICES) as plan:
        read = {item.frame_idx: item.content.read() for item in plan.items}  # type: ignore[union-attr]

    assert [np.array_equal(read[frame_idx], square(at))
            for at, frame_idx in enumerate([9, 8, 0, 1, 4])] == [True] * 5  # fmt: skip
    assert (plan.subjects[0].instance_id, plan.subjects[0].region) == (2, "shaft")


def test_a_stack_without_frames_counts_from_0(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, {"hand.npz": npz(masks=np.ones((2, *SIZE_HW), np.uint8))})

    assert found(plan) == [("hand", 0, "mask"), ("hand", 1, "mask")]


def huge_head() -> bytes:
    """Write a header that claims a terabyte, without any data."""
    file = io.BytesIO()
    layout = {"descr": "|u1", "fortran_order": False, "shape": (10**6, 10**6)}
    np.lib.format.write_array_header_1_0(file, layout)
    return file.getvalue()


def nested_head() -> bytes:
    text = b"{'descr': " + b"(" * 9000 + b"}\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no NumPy array"),
        (b"hello", "no NumPy array"),
        (nested_head(), "no NumPy array"),
        (huge_head(), "1000000x1000000"),
        (npy(np.zeros((160, 90))), "The mask is 90x160, the video 160x90."),
        (npy(np.zeros((1, *SIZE_HW))), "160x90x1"),
        (npy(np.zeros(SIZE_HW, np.complex64)), "no numbers"),
        (npy(np.zeros(SIZE_HW, "U1")), "no numbers"),
        (npy(np.full(SIZE_HW, None)), "no numbers"),
    ],
)
def test_arrays_that_are_no_masks_are_reported(tmp_path: Path, data: bytes, why: str) -> None:
    plan = plan_of(tmp_path, {"3_0.npy": data})

    assert plan.items == ()
    assert why in remarks(plan, "skipped")[0]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"hello", "is broken"),
        (npz(masks=np.zeros((2, *SIZE_HW)))[:-30], "is broken"),
        (npz(frames=np.zeros(3)), "no array `masks`"),
        (npz(masks=np.zeros(SIZE_HW)), "no array of frames"),
        (npz(masks=np.zeros((2, 9, 9))), "The mask is 9x9"),
        (npz(masks=np.zeros((2, *SIZE_HW)), frame_idx=[1]), "2 masks for 1 frames"),
        (npz(masks=np.zeros((1, *SIZE_HW)), frame_idx=[0.5]), "no list of whole numbers"),
    ],
)
def test_stacks_that_are_none_are_reported(tmp_path: Path, data: bytes, why: str) -> None:
    plan = plan_of(tmp_path, {"1_overall.npz": data})

    assert plan.items == ()
    assert why in remarks(plan, "skipped")[0]


def test_an_array_that_ends_early_is_refused_when_it_is_read(tmp_path: Path) -> None:
    with pytest.raises(InvalidPrompt, match="ends early"):
        masks_in(tmp_path, {"3_0.npy": npy(square(1))[:-1]})


def test_frames_beyond_the_end_are_reported_and_left_out(tmp_path: Path) -> None:
    stack = npz(masks=np.ones((2, *SIZE_HW), np.uint8), frame_idx=[-1, 2**40])
    plan = plan_of(tmp_path, {"50_0.npy": npy(square(1)), "1_overall.npz": stack})

    assert plan.items == ()
    assert len(plan.notes) == 1
    assert plan.notes[0].count == 3


def test_plain_masks_may_shrink_a_thousandfold_but_nothing_else_may(tmp_path: Path) -> None:
    zeros = b"\0" * 30_000_000
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for at in range(4):
            archive.writestr(f"{at}_0.npy", zeros)
    with open_zip(tmp_path / "a.zip") as tree:
        assert len(tree.paths) == 4
    make_zip(tmp_path / "b.zip", {f"{at}.json": zeros for at in range(4)}, packed=True)

    with pytest.raises(TooLarge, match="would unpack"), open_zip(tmp_path / "b.zip"):
        pass
