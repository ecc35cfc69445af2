from __future__ import annotations

from pathlib import Path

import pytest

from ecg_core.errors import CheckpointError
from ecg_core.onnx_seal import check_file, seal, seal_file


def test_a_single_bit_that_is_another_is_found(tmp_path: Path) -> None:
    file = tmp_path / "net.onnx"
    file.write_bytes(bytes(range(256)))
    seal_file(file)
    check_file(file)
    whole = file.read_bytes()
    assert whole.startswith(bytes(range(256)))
    for place in (0, 100, 255, len(whole) - 1):
        damaged = bytearray(whole)
        damaged[place] ^= 4
        file.write_bytes(damaged)
        with pytest.raises(CheckpointError, match="does not have the digest that it was written with"):
            check_file(file)


@pytest.mark.parametrize("content", [b"", b"short", bytes(1000)])
def test_files_without_a_digest_are_taken_as_they_are(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "net.onnx").write_bytes(content)
    check_file(tmp_path / "net.onnx")


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="No such file"):
        check_file(tmp_path / "net.onnx")


def test_the_digest_is_an_entry_of_the_models_metadata() -> None:
    onnx = pytest.importorskip("onnx")
    entry = onnx.ModelProto.FromString(seal(onnx.ModelProto(ir_version=8).SerializeToString())).metadata_props[0]
    assert (entry.key, len(entry.value)) == ("ecg-sha256", 64)


@pytest.mark.parametrize("package", ["ecg_digitize", "ecg_classify", "ecg_seg"])
def test_the_networks_that_are_shipped_have_one(package: str) -> None:
    files = [*(Path(pytest.importorskip(package).__file__).parent / "weights").iterdir()]
    networks, weights = ([file for file in files if file.suffix == end] for end in (".onnx", ".safetensors"))
    assert weights
    for file in networks:
        check_file(file)
        assert b"ecg-sha256" in file.read_bytes()[-90:]
    assert all(b'"ecg-sha256"' in file.read_bytes()[:10_000] for file in weights)
