"""Crops of words and their truth: what stands at the anchor is what is to be read."""

from __future__ import annotations

from pathlib import Path

import attrs
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from ecg_core import synthesize_record  # noqa: E402
from ecg_core.paper import PaperSpec  # noqa: E402
from ecg_digitize.digitizers.neural.words.alphabet import LONGEST, TOKENS, tokens_of_text  # noqa: E402
from ecg_digitize.digitizers.neural.words.crops import ANCHOR_PX, SIZE_PX  # noqa: E402
from ecg_digitize.learning.drawn_traces import with_trace  # noqa: E402
from ecg_digitize.learning.drawn_words import SHARES, draw_word, random_word  # noqa: E402
from ecg_digitize.learning.markers import jittered_mesh  # noqa: E402
from ecg_digitize.learning.options import StageDataRequest, WordsConfig  # noqa: E402
from ecg_digitize.learning.word_patches import (  # noqa: E402
    PATCH_ANCHOR_PX,
    PATCH_LETTER_PX,
    PATCH_SIZE_PX,
    WordPatch,
    patches_of,
)
from ecg_digitize.learning.words import endless_words, jittered, read_patches, write_patches  # noqa: E402
from ecg_render import Page, render_page  # noqa: E402
from ecg_render.style import Note, PageStyle  # noqa: E402

REQUEST = StageDataRequest(stage="reader", batch_size=8, workers=0, seed=0)


def spelled(tokens: tuple[int, ...]) -> str:
    return " ".join(TOKENS[token] for token in tokens)


@pytest.fixture(scope="module")
def page() -> Page:
    """A page of 12.5 mm/s and 20 mm/mV with a filter and an age in words, and no heart beats."""
    notes = (Note(text="40 years  F 50 Hz", left_mm=20.0, foot_mm=8.0, size_mm=3.0),)
    style = PageStyle(notes=notes, footer="{speed} mm/s  {gain:.1f} mm/mV")
    paper = PaperSpec(speed_mm_per_s=12.5, gain_mm_per_mv=20.0)
    record = synthesize_record(seed=1)
    flat = attrs.evolve(record, signal_mv=0 * record.signal_mv)  # no wave runs through a name
    return render_page(flat, paper=paper, style=style, dots_per_inch=150)


@pytest.fixture(scope="module")
def patches(page: Page) -> list[WordPatch]:
    rng = np.random.default_rng(0)
    return patches_of(page, jittered_mesh(page, 0.0, rng), rng)


def of_kind(patches: list[WordPatch], kind: str) -> list[str]:
    return sorted(spelled(patch.tokens) for patch in patches if patch.kind == kind)


def test_every_name_scale_and_stray_of_a_page_is_spelled(page: Page, patches: list[WordPatch]) -> None:
    assert of_kind(patches, "scale") == ["1 2 . 5 mm/s", "2 0 . 0 mm/mV"]
    assert {"I", "II", "III", "a V R", "V 6"} <= set(of_kind(patches, "name"))
    assert len(of_kind(patches, "name")) == len(page.lead_names)
    assert {"4 0 ?", "5 0 ?", "?"} <= set(of_kind(patches, "stray"))
    assert set(of_kind(patches, "bare")) == {""}


def test_a_name_stands_at_the_anchor_at_its_size(page: Page, patches: list[WordPatch]) -> None:
    ink = next(patch for patch in patches if spelled(patch.tokens) == "a V R").image.mean(axis=2) < 90
    width, height = PATCH_SIZE_PX
    assert ink.shape == (height, width)
    x, y = (int(each) for each in PATCH_ANCHOR_PX)
    about = ink[y - 14 : y + 14, x - 36 : x + 36]
    rows, columns = np.nonzero(about)
    assert rows.mean() == pytest.approx(14, abs=3)
    assert columns.mean() == pytest.approx(36, abs=4)


def test_a_place_beyond_the_picture_is_left_out(page: Page) -> None:
    cut = attrs.evolve(page, image=page.image[:, :300])
    rng = np.random.default_rng(0)
    kept = patches_of(cut, jittered_mesh(page, 0.0, rng), rng)
    assert 0 < len(of_kind(kept, "name")) < len(page.lead_names)


def test_words_are_kept_in_a_file_as_they_are(patches: list[WordPatch], tmp_path: Path) -> None:
    write_patches(tmp_path / "words.npz", patches)
    kept = read_patches(tmp_path / "words.npz")
    assert [(each.kind, each.tokens, each.jpeg) for each in kept] == [
        (each.kind, each.tokens, each.jpeg) for each in patches
    ]


def test_pages_that_were_kept_give_the_same_crops(records: Path, tmp_path: Path) -> None:
    config = WordsConfig(records=(str(records),), crops_per_page=4, num_pages=2, kept_in=str(tmp_path / "kept"))
    first, second = (next(iter(endless_words(config, REQUEST).batches("train", epoch=0))) for _ in range(2))
    assert len(list((tmp_path / "kept").iterdir())) == 2
    nowhere = next(iter(endless_words(attrs.evolve(config, kept_in=""), REQUEST).batches("train", epoch=0)))
    for name in first:
        assert torch.equal(first[name], second[name])
        assert torch.equal(first[name], nowhere[name])


def test_pages_come_again_with_other_crops(records: Path) -> None:
    config = WordsConfig(records=(str(records),), crops_per_page=8, num_pages=1)
    batches = endless_words(config, REQUEST).batches("train", epoch=0)
    one, other = next(batches), next(batches)
    assert not torch.equal(one["image"], other["image"])


@pytest.mark.parametrize("level", [240, 30])
def test_a_trace_runs_through_the_word_from_edge_to_edge(level: int) -> None:
    paper = np.full((*PATCH_SIZE_PX[::-1], 3), level, np.uint8)
    rng = np.random.default_rng(0)
    for _ in range(20):
        drawn = with_trace(paper, rng).astype(int)
        inked = np.abs(drawn - level).max(axis=2) > 20
        assert inked.any(axis=0).mean() > 0.8, "it is one line; tops of complexes lie beyond the patch"
        assert inked.mean() < 0.2
        assert np.sign(drawn.mean() - level) == (-1 if level > 115 else 1), "dark on light paper, light on dark"


def test_all_names_speeds_and_gains_are_drawn_alike_often() -> None:
    rng = np.random.default_rng(0)
    words = [random_word(rng) for _ in range(4000)]
    assert all(len(word.tokens) <= LONGEST for word in words)
    count = dict.fromkeys(("V 9", "V 3 R", "III", "1 2 . 5 mm/s", "2 0 mm/mV", "5 mm/mV"), 0)
    for word in words:
        if spelled(word.tokens) in count:
            count[spelled(word.tokens)] += 1
    each_name = 4000 * SHARES["name"] / 17
    assert count["V 9"] == pytest.approx(each_name, rel=0.4)
    assert count["V 3 R"] == pytest.approx(each_name, rel=0.4)
    assert count["III"] == pytest.approx(each_name, rel=0.4)
    assert count["2 0 mm/mV"] == pytest.approx(count["5 mm/mV"], rel=0.4)
    assert count["1 2 . 5 mm/s"] > 50
    strays = [word for word in words if word.behind.strip().startswith("Hz")]
    assert strays
    assert all("mm/s" not in spelled(word.tokens) for word in strays)


def test_a_word_that_is_drawn_stands_at_the_anchor() -> None:
    rng = np.random.default_rng(3)
    paper = np.full((PATCH_SIZE_PX[1], PATCH_SIZE_PX[0], 3), 255, np.uint8)
    for _ in range(40):
        word = attrs.evolve(random_word(rng), before="", behind="")
        rows, columns = np.nonzero(draw_word(paper, word, rng).mean(axis=2) < 250)
        assert (columns.min() + columns.max()) / 2 == pytest.approx(PATCH_ANCHOR_PX[0], abs=4)
        assert (rows.min() + rows.max()) / 2 == pytest.approx(PATCH_ANCHOR_PX[1], abs=4)
        assert rows.max() - rows.min() < 2 * PATCH_LETTER_PX


def test_a_crop_is_moved_and_scaled_within_bounds_and_shows_its_word() -> None:
    rng = np.random.default_rng(0)
    patch = np.full((PATCH_SIZE_PX[1], PATCH_SIZE_PX[0], 3), 255, np.uint8)
    x, y = (int(each) for each in PATCH_ANCHOR_PX)
    patch[y - 4 : y + 5, x - 4 : x + 5] = 0
    for _ in range(60):
        crop = jittered(patch, rng)
        assert crop.shape == (SIZE_PX[1], SIZE_PX[0], 3)
        levels = crop.mean(axis=2)
        rows, columns = np.nonzero(levels < (levels.min() + np.median(levels)) / 2)
        assert np.median(columns) == pytest.approx(ANCHOR_PX[0], abs=9)
        assert np.median(rows) == pytest.approx(ANCHOR_PX[1], abs=6)


def test_what_is_read_of_a_text_is_told_in_few_tokens() -> None:
    assert len(tokens_of_text("19.07.2015 15:20:24")) == 1
