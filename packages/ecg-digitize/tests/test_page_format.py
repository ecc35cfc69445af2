from __future__ import annotations

import logging
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ecg_core.errors import DataError
from ecg_core.formats import find_records, read_record, write_record
from ecg_core.metrics.snr import competition_snr, restrict_to_layout
from ecg_core.paper import LAYOUT_3X4_1R
from ecg_core.plugins.registry import registry
from ecg_core.synthetic import synthesize_record
from ecg_core.testing import FormatContract
from ecg_digitize.pages.files import PAGE_SUFFIXES
from ecg_render import render_page


class TestPage(FormatContract):
    name = "page"


@pytest.mark.skipif(find_spec("pillow_heif") is None, reason="needs pillow-heif")
class TestHeic(FormatContract):
    name = "heic"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "page.png"
    Image.fromarray(render_page(synthesize_record(seed=2)).image).save(path)
    return path


def test_a_page_is_read_as_a_record(page: Path) -> None:
    record = read_record(page)
    truth = restrict_to_layout(synthesize_record(seed=2), LAYOUT_3X4_1R)
    assert competition_snr(truth, record).db > 15
    assert record.name == "page"
    assert record.metadata["digitization"]["verdict"] in ("good", "doubtful")


def test_pictures_of_a_folder_are_not_taken_for_its_records(page: Path, tmp_path: Path) -> None:
    write_record(synthesize_record(seed=2), tmp_path / "a.npz")
    (tmp_path / "a_overlay.jpg").write_bytes(page.read_bytes())
    assert find_records(tmp_path) == [tmp_path / "a.npz"]
    assert find_records(page) == [page]


def test_every_kind_of_page_is_registered() -> None:
    suffixes = [suffix for name in ("page", "heic") for suffix in registry().load_spec("formats", name).suffixes]
    assert sorted(suffixes) == sorted(PAGE_SUFFIXES)


def test_a_picture_that_is_no_page_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "noise.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (400, 600, 3), np.uint8)).save(path)
    with pytest.raises(DataError, match=r"noise\.png"):
        read_record(path)


def test_a_file_of_several_pages_is_sent_to_ecg_digitize(page: Path, tmp_path: Path) -> None:
    path = tmp_path / "two.tif"
    picture = Image.open(page)
    picture.save(path, save_all=True, append_images=[picture])
    with pytest.raises(DataError, match="several pages; `ecg digitize"):
        read_record(path)


def test_a_doubtful_page_is_told(page: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    import attrs

    from ecg_digitize import page_format

    found = page_format.digitize(next(page_format.load_pages(page)))
    doubtful = attrs.evolve(
        found, quality=attrs.evolve(found.quality, verdict="doubtful", warnings=("low confidence in V1",))
    )
    monkeypatch.setattr(page_format, "digitize", lambda _: doubtful)
    with caplog.at_level(logging.WARNING):
        read_record(page)
    assert "read, but doubtful: low confidence in V1" in caplog.text
