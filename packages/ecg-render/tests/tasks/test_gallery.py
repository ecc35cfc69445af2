from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace

import attrs
import cv2
import numpy as np
import pytest

from ecg_core.context import RunContext, TaskResult
from ecg_core.errors import DataError
from ecg_core.formats import write_record
from ecg_core.plugins.registry import Registry, registry
from ecg_core.plugins.spec import DegradationSpec
from ecg_core.record import Record
from ecg_core.testing import TaskContract
from ecg_render.page import Page
from ecg_render.styles.makers import maker_names
from ecg_render.tasks import gallery
from ecg_render.tasks.gallery import GalleryConfig, draw_tiles, run

MakeRecord = Callable[..., Record]
SMALL: dict[str, object] = {"dots_per_inch": 50.0, "thumbnail_px": 80}
STRANGER = "third_party_plugin"


@attrs.frozen
class FakeEntryPoint:
    """An entry point of a distribution that is not installed."""

    name: str
    value: str
    group: str = "ecg.degradations"
    owner: str = "somebody"

    @property
    def dist(self) -> SimpleNamespace:
        return SimpleNamespace(name=self.owner, version="1.0")

    def load(self) -> object:
        return getattr(sys.modules[STRANGER], self.value.partition(":")[2])


def paint_red(page: Page, _seed: int) -> Page:
    return page.redrawn(np.full_like(page.image, (255, 0, 0)))


def fail(_page: Page, _seed: int) -> Page:
    raise RuntimeError("the lens is broken")


@pytest.fixture
def strangers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another distribution's degradations, one that works, one that fails, and one that cannot even be imported."""
    module = ModuleType(STRANGER)
    specs = {
        "red": DegradationSpec(implementation=f"{STRANGER}:paint_red", summary="red"),
        "broken": DegradationSpec(implementation=f"{STRANGER}:fail", summary="fails"),
        "absent": DegradationSpec(implementation=f"{STRANGER}:nothing", summary="absent"),
    }
    vars(module).update(specs, paint_red=paint_red, fail=fail)
    monkeypatch.setitem(sys.modules, STRANGER, module)
    points = [FakeEntryPoint(name, f"{STRANGER}:{name}") for name in specs]
    use_plugins(monkeypatch, points)


def use_plugins(monkeypatch: pytest.MonkeyPatch, points: list[FakeEntryPoint]) -> None:
    installed = Registry(lambda group: [point for point in points if point.group == group])  # type: ignore[misc, arg-type]
    monkeypatch.setattr(gallery, "registry", lambda: installed)


def make(out_dir: Path, **options: object) -> TaskResult:
    return run(GalleryConfig(**(SMALL | options)), RunContext(task="render.gallery", out_dir=out_dir))


class TestGallery(TaskContract):
    name = "render.gallery"

    def overrides(self, folder: Path) -> list[str]:
        return ["show=[layouts]", "dots_per_inch=50", "thumbnail_px=80"]


def test_every_installed_layout_has_a_tile_under_its_name() -> None:
    printed = []

    def draw(name: str) -> Page:
        printed.append(name)
        return gallery.Printer(record=gallery.synthesize_record(), dots_per_inch=50, seed=0).in_layout(name)

    tiles, failures = draw_tiles("layouts", draw, GalleryConfig(**SMALL))
    names = [entry.name for entry in registry().entries("layouts")]
    assert [tile.label for tile in tiles] == printed == names
    assert not failures
    assert {tile.image.shape for tile in tiles} == {(62, 80, 3)}


@pytest.mark.usefixtures("strangers")
def test_a_broken_plugin_is_named_in_its_tile_and_in_the_failures_and_the_others_are_drawn(tmp_path: Path) -> None:
    result = make(tmp_path, show=("degradations",), details=False, columns=3, image_format="png")
    assert {failure.item for failure in result.failures} == {"degradations absent", "degradations broken"}
    assert any("the lens is broken" in failure.reason for failure in result.failures)
    sheet = cv2.imread(str(tmp_path / "gallery-degradations.png"))
    assert sheet is not None
    tile_of_red = sheet[10:72, 190:270]  # the third of three tiles of 80 pixels, 10 between them
    assert (tile_of_red == (0, 0, 255)).all()
    assert not (sheet[10:72, 10:180] == (0, 0, 255)).all(axis=-1).any()


@pytest.mark.usefixtures("strangers")
def test_a_degraded_page_has_a_detail_beside_it() -> None:
    printer = gallery.Printer(record=gallery.synthesize_record(), dots_per_inch=50, seed=0)
    tiles, _failures = draw_tiles("degradations", printer.degraded, GalleryConfig(**SMALL))
    assert {tile.image.shape for tile in tiles} == {(62, 80 + 10 + 62, 3)}
    red = next(tile for tile in tiles if tile.label == "red")
    assert (red.image[:, 90:] == (255, 0, 0)).all()


def test_plugins_of_one_name_are_both_shown_under_their_distributions(monkeypatch: pytest.MonkeyPatch) -> None:
    points = [FakeEntryPoint("red", f"{STRANGER}:red", owner=owner) for owner in ("one", "two")]
    use_plugins(monkeypatch, points)
    asked: list[str] = []

    def draw(name: str) -> Page:
        asked.append(name)
        raise RuntimeError("not drawn here")

    draw_tiles("degradations", draw, GalleryConfig(**SMALL))
    assert asked == ["one:red", "two:red"]


def test_pages_of_the_grammar_and_of_every_maker_are_shown_with_what_was_drawn() -> None:
    printer = gallery.Printer(record=gallery.synthesize_record(), dots_per_inch=50, seed=0)
    config = GalleryConfig(**SMALL, num_random=6, pages_a_maker=1)
    tiles, failures = draw_tiles("grammar", printer.in_random_layout, config)
    assert not failures
    assert len(tiles) == 6
    assert len({tile.label for tile in tiles}) > 3
    tiles, failures = draw_tiles("makers", printer.of_maker, config)
    assert not failures
    assert [tile.label.split()[0] for tile in tiles] == list(maker_names())
    assert {tile.image.shape for tile in tiles} == {(62, 80, 3)}


def test_sheets_stay_below_the_size_asked_for(tmp_path: Path) -> None:
    make(tmp_path, show=("layouts",), max_kilobytes=60.0)
    assert (tmp_path / "gallery-layouts.jpg").stat().st_size <= 60_000


def test_a_given_record_is_printed(tmp_path: Path, flat_record: MakeRecord) -> None:
    write_record(flat_record(0.3), tmp_path / "flat.npz")
    sheets = {}
    for name, record in (("given", str(tmp_path / "flat.npz")), ("made-up", None)):
        make(tmp_path / name, show=("layouts",), record=record)
        sheets[name] = (tmp_path / name / "gallery-layouts.jpg").read_bytes()
    assert sheets["given"] != sheets["made-up"]


def test_an_absent_record_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"gone\.hea"):
        make(tmp_path, record="gone.hea")


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="show"):
        GalleryConfig(show=("fonts",))
