from __future__ import annotations

import numpy as np
import pytest
from pycocotools import mask as oracle

from sam2_session.formats.coco.run_lengths import decode_rle, encode_rle, pack_counts, unpack_counts

RNG = np.random.default_rng(5)
MASKS = {
    "empty": np.zeros((7, 5), np.bool_),
    "full": np.ones((5, 7), np.bool_),
    "first pixel": np.eye(1, 6, dtype=np.bool_),
    "noise": RNG.random((40, 33)) < 0.5,
    "rare": RNG.random((300, 500)) < 0.001,
    "4k": np.tri(2160, 3840, 900, dtype=np.bool_),
}


@pytest.mark.parametrize("name", MASKS)
def test_a_mask_is_encoded_as_pycocotools_does(name: str) -> None:
    mask = MASKS[name]
    expected = oracle.encode(np.asfortranarray(mask.astype(np.uint8)))

    assert encode_rle(mask) == {"size": list(mask.shape), "counts": expected["counts"].decode()}


@pytest.mark.parametrize("name", MASKS)
def test_what_is_encoded_is_decoded(name: str) -> None:
    mask = MASKS[name]

    assert np.array_equal(decode_rle(encode_rle(mask)["counts"].encode(), mask.shape), mask)


def test_counts_that_grow_and_shrink_come_back() -> None:
    counts = np.asarray([0, 1, 2**30, 3, 1, 40_000, 31, 32, 16, 15, 0, 7], np.int64)

    assert unpack_counts(pack_counts(counts)).tolist() == counts.tolist()


@pytest.mark.parametrize("counts", [b"", b"\x01", b"P" * 9, b"5", "ü1".encode(), b"0P"])
def test_what_is_no_code_is_refused(counts: bytes) -> None:
    with pytest.raises(ValueError, match="run"):
        decode_rle(counts, (3, 4))
