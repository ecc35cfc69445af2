"""Which files are opened for the networks of a page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ecg_digitize.digitizers.neural import networks
from ecg_digitize.digitizers.neural.networks import NETWORKS, READER, STAGE_NETWORKS, load_networks
from ecg_digitize.digitizers.neural.options import NeuralOptions

Opened = list[tuple[str, str, Path | None]]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Opened]:
    """What is opened, instead of opening it; shipped networks are files of the engine onnx in a folder."""
    found: Opened = []

    def open_network(name: str, engine: str = "onnx", folder: Path | None = None) -> str:
        found.append((name, engine, folder))
        return name

    shipped = tmp_path / "shipped"
    shipped.mkdir()
    for name in NETWORKS:
        (shipped / f"{name}.onnx").touch()
    monkeypatch.setattr(networks, "load_network", open_network)
    monkeypatch.setattr(networks, "shipped_folder", lambda: shipped)
    load_networks.cache_clear()
    yield found
    load_networks.cache_clear()


def folder_of(tmp_path: Path, *names: str) -> Path:
    own = tmp_path / "own"
    own.mkdir()
    for name in names:
        (own / f"{name}.onnx").touch()
    return own


def test_a_folder_with_a_reader_is_used_as_it_is(opened: Opened, tmp_path: Path) -> None:
    own = folder_of(tmp_path, *NETWORKS)
    assert set(load_networks(NeuralOptions(networks=own))) == set(NETWORKS)
    assert {folder for _, _, folder in opened} == {own}


def test_a_folder_of_an_earlier_version_goes_with_the_shipped_reader(opened: Opened, tmp_path: Path) -> None:
    own = folder_of(tmp_path, *STAGE_NETWORKS)
    assert set(load_networks(NeuralOptions(networks=own))) == set(NETWORKS)
    assert (READER, "onnx", tmp_path / "shipped") in opened
    assert {folder for name, _, folder in opened if name != READER} == {own}


def test_where_there_is_no_reader_at_all_the_markers_tell_names_and_scales(opened: Opened, tmp_path: Path) -> None:
    (tmp_path / "shipped" / f"{READER}.onnx").unlink()
    assert set(load_networks(NeuralOptions(networks=folder_of(tmp_path, *STAGE_NETWORKS)))) == set(STAGE_NETWORKS)
