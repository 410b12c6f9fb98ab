"""Archives are checked completely before anything in them is read."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from sam2_session.core.errors import TooLarge, UnsupportedImport
from sam2_session.formats.importing.file_tree import FolderTree, natural_order, open_zip
from tests.formats.archives import make_link, make_zip


def test_numbers_in_names_count_by_their_value() -> None:
    names = ["f10.png", "f9.png", "F1.png", "a/2", "a/10", "f01.png"]

    assert natural_order(names) == ["a/2", "a/10", "F1.png", "f01.png", "f9.png", "f10.png"]


def test_a_zip_is_read_without_what_file_managers_leave_in_it(tmp_path: Path) -> None:
    noise = {"__MACOSX/a/._1.png": b"x", "a/.DS_Store": b"x", "a/": b""}
    path = make_zip(tmp_path / "a.zip", {**noise, "a\\1.png": b"one", "./b.json": b"two"})

    with open_zip(path) as tree:
        assert [(name, tree.read(name)) for name in tree.paths] == [
            ("a/1.png", b"one"),
            ("b.json", b"two"),
        ]
        assert tree.read("a/1.png", 2) == b"on"


@pytest.mark.parametrize(
    "name", ["../a.png", "a/../../b.png", "/etc/passwd", "C:/a.png", "..", "a\\..\\..\\b", "a\nb"]
)
def test_names_that_lead_out_are_refused_with_all_the_rest(tmp_path: Path, name: str) -> None:
    path = make_zip(tmp_path / "a.zip", {"good.png": b"x", name: b"x"})

    with pytest.raises(UnsupportedImport, match="nothing of it was read"), open_zip(path):
        pass


def test_a_link_is_refused(tmp_path: Path) -> None:
    path = make_link(tmp_path / "a.zip", "00001.png", "/etc/passwd")

    with pytest.raises(UnsupportedImport, match="is a link"), open_zip(path):
        pass


def test_one_name_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/1.png", b"x")
        archive.writestr("a//1.png", b"y")

    with pytest.raises(UnsupportedImport, match="twice"), open_zip(path):
        pass


def test_a_bomb_is_refused_by_what_it_says_of_itself(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"a.png": bytes(150 * 1024 * 1024)}, packed=True)

    with pytest.raises(TooLarge, match="would unpack to 157286400"), open_zip(path):
        pass


def test_entries_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"a.png": b"x" * 50_000})
    with zipfile.ZipFile(path, "a") as archive:  # the directory names the same bytes many times
        (first,) = archive.infolist()
        for at in range(20):
            twin = zipfile.ZipInfo(f"{at}.png")
            twin.file_size, twin.compress_size = first.file_size, first.compress_size
            twin.CRC, twin.header_offset = first.CRC, first.header_offset
            archive.filelist.append(twin)
        archive._didModify = True  # type: ignore[attr-defined]

    with pytest.raises(TooLarge, match="overlap"), open_zip(path):
        pass


@pytest.mark.parametrize("keep", [0, 4, 60, -30])
def test_a_zip_cut_short_is_refused(tmp_path: Path, keep: int) -> None:
    path = make_zip(tmp_path / "a.zip", {"a.png": b"x" * 100})
    path.write_bytes(path.read_bytes()[:keep])

    with pytest.raises(UnsupportedImport, match="cut short"), open_zip(path):
        pass


def test_an_entry_that_is_not_what_its_checksum_says_is_broken(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"a.png": b"x" * 100})
    path.write_bytes(path.read_bytes().replace(b"xxxx", b"xyxx", 1))

    with open_zip(path) as tree, pytest.raises(UnsupportedImport, match=r"a\.png in the ZIP"):
        tree.read("a.png")


def test_links_in_a_folder_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/1.png").write_bytes(b"x")
    (tmp_path / "a/2.png").symlink_to("/etc/passwd")
    (tmp_path / "b").symlink_to("/etc")

    assert FolderTree(tmp_path).paths == ["a/1.png"]
