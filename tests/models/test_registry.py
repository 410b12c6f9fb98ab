from __future__ import annotations

import hashlib
import shutil
from importlib.resources import files
from pathlib import Path

import pytest

from sam2_session.core.errors import InvalidConfig, ModelNotFound
from sam2_session.models.registry import Registry
from tests.models.conftest import model_spec

ROOT = Path(__file__).parents[2]


@pytest.fixture
def registry() -> Registry:
    return Registry.load(ROOT / "configs")


def test_the_first_row_is_the_default_and_needs_no_download(registry: Registry) -> None:
    assert registry.default.name == "sam2.1_hiera_demo"
    assert registry.default.demo
    assert registry.default.url is None


def test_the_tracked_checkpoint_is_the_one_of_its_row(registry: Registry) -> None:
    data = (ROOT / "checkpoints" / registry.default.checkpoint).read_bytes()

    assert len(data) == registry.default.bytes
    assert hashlib.sha256(data).hexdigest() == registry.default.sha256


def test_a_configuration_is_ours_or_the_packages(registry: Registry) -> None:
    assert registry.default.own_config == ROOT / registry.default.config

    others = [spec for spec in registry.specs if not spec.demo]

    assert [spec.own_config for spec in others] == [None] * 4
    assert all((files("sam2") / spec.config).is_file() for spec in others)


def test_official_files_come_from_one_place_under_their_own_name(registry: Registry) -> None:
    for spec in registry.specs[1:]:
        assert spec.url == (
            f"https://dl.fbaipublicfiles.com/segment_anything_2/092824/{spec.checkpoint}"
        )
        assert spec.checkpoint == f"{spec.name}.pt"


def test_an_unknown_model_lists_the_names(registry: Registry) -> None:
    with pytest.raises(ModelNotFound) as raised:
        registry.get("sam2.1_hiera_huge")

    assert raised.value.message == "No model 'sam2.1_hiera_huge'."
    assert raised.value.hint.endswith("sam2.1_hiera_base_plus, sam2.1_hiera_large.")
    assert raised.value.status == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "../up"),
        ("checkpoint", "../up.pt"),
        ("checkpoint", "/etc/passwd"),
        ("url", "file:///etc/passwd"),
        ("bytes", 0),
        ("sha256", "123"),
        ("image_size", 0),
        ("image_size", 500),
    ],
)
def test_a_row_refuses_a_bad_value_at_birth(field: str, value: object) -> None:
    with pytest.raises(InvalidConfig, match=f"bad {field}"):
        model_spec(**{field: value})


@pytest.mark.parametrize(
    "text",
    [
        "models: []",
        "models:\n- {name: a}",
        "models:\n- {name: a, config: b, checkpoint: c, weights: d}",
        "models: [",
        "[]",
        "models:\n- {name: a, config: b, checkpoint: c}\n- {name: a, config: b, checkpoint: c}",
    ],
)
def test_a_bad_file_is_a_named_error_with_a_hint(text: str, tmp_path: Path) -> None:
    (tmp_path / "models.yaml").write_text(text)

    with pytest.raises(InvalidConfig) as raised:
        Registry.load(tmp_path)

    assert raised.value.hint


def test_a_missing_file_is_a_named_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfig, match=r"models\.yaml cannot be read"):
        Registry.load(tmp_path)


def test_rows_in_a_folder_of_ones_own_find_our_configurations(tmp_path: Path) -> None:
    shutil.copy(ROOT / "configs/models.yaml", tmp_path)

    spec = Registry.load(tmp_path).get("sam2.1_hiera_demo")

    assert spec.own_config == ROOT / "configs/sam2.1/sam2.1_hiera_demo.yaml"
