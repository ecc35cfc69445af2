from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecg_core.synthetic import synthesize_record
from ecg_render import render_page
from ecg_render.cropping import CropRule, choose_corners
from ecg_render.endless import EndlessPages, PageRecipe
from ecg_render.endless_crops import CropRecipe, EndlessCrops
from ecg_render.labels import PageClass

CLASSES = render_page(synthesize_record(seed=1), dots_per_inch=100).class_mask
RULE = CropRule(width_px=160, height_px=128, wave_min_coverage=0.2, wave_coverage_kernel=15)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_every_crop_fulfils_the_rule(seed: int) -> None:
    rule = CropRule(
        width_px=160, height_px=128, wave_min_coverage=0.2, wave_coverage_kernel=15, min_horizontal_density=0.02
    )
    corners = choose_corners(CLASSES, rule, np.random.default_rng(seed), with_wave=4, without_wave=3)
    assert [each.has_wave for each in corners] == [True] * 4 + [False] * 3
    dilated = cv2.dilate((CLASSES == PageClass.WAVEFORM).astype(np.uint8), np.ones((15, 15), np.uint8))
    for each in corners:
        window = np.s_[each.top : each.top + 128, each.left : each.left + 160]
        assert CLASSES[window].shape == (128, 160)
        if each.has_wave:
            assert dilated[window].mean() >= 0.2
        else:
            assert not (CLASSES[window] == PageClass.WAVEFORM).any()
            assert np.isin(CLASSES[window], (1, 3)).mean() >= 0.02


def test_a_page_without_waveform_gives_negatives_only() -> None:
    empty = np.zeros((300, 300), np.uint8)
    corners = choose_corners(empty, RULE, np.random.default_rng(0), with_wave=3, without_wave=2)
    assert [each.has_wave for each in corners] == [False, False]


def test_waveform_counts_even_where_no_coverage_is_asked_for() -> None:
    rule = CropRule(width_px=160, height_px=128, wave_min_coverage=0.0, wave_coverage_kernel=1)
    assert (
        choose_corners(np.zeros((300, 300), np.uint8), rule, np.random.default_rng(0), with_wave=3, without_wave=0)
        == []
    )


def test_few_places_are_used_again() -> None:
    page = np.full((128, 168), PageClass.WAVEFORM, np.uint8)
    corners = choose_corners(page, RULE, np.random.default_rng(0), with_wave=5, without_wave=0)
    assert len(corners) == 5
    assert {(each.top, each.left) for each in corners} == {(0, 0), (0, 8)}


class TestEndlessCrops:
    pages = EndlessPages(
        [synthesize_record(seed=2)],
        PageRecipe(degradations=("none", "grid"), least_dots_per_inch=90, most_dots_per_inch=100),
        seed=3,
    )
    recipe = CropRecipe(width_px=128, height_px=96, samples_per_page=3, negatives_per_page=1)

    def test_crops_and_masks_have_the_size_and_fit_together(self) -> None:
        crops = EndlessCrops(self.pages, recipe=self.recipe).of_page(0)
        assert len(crops) == 4
        page = self.pages.sample(0).page
        for crop in crops:
            assert crop.image.shape == (96, 128, 3)
            assert crop.mask.shape == (96, 128)
            assert crop.mask.max() <= 4
        whole = cv2.matchTemplate(page.image, crops[0].image, cv2.TM_SQDIFF)
        _, _, (left, top), _ = cv2.minMaxLoc(whole)
        np.testing.assert_array_equal(page.class_mask[top : top + 96, left : left + 128], crops[0].mask)
        assert (crops[0].mask == PageClass.WAVEFORM).any()
        assert not (crops[-1].mask == PageClass.WAVEFORM).any()

    def test_the_same_page_gives_the_same_crops(self) -> None:
        first, again = (EndlessCrops(self.pages, recipe=self.recipe).of_page(1) for _ in range(2))
        assert all((one.image == other.image).all() for one, other in zip(first, again, strict=True))

    def test_a_page_smaller_than_a_crop_is_continued(self) -> None:
        recipe = CropRecipe(width_px=1400, height_px=1100, samples_per_page=1, negatives_per_page=0)
        (crop,) = EndlessCrops(self.pages, recipe=recipe).of_page(0)
        assert crop.image.shape == (1100, 1400, 3)
        assert not crop.mask[:, -100:].any()

    @pytest.mark.parametrize(("kind", "most"), [("grid", 1), ("wave", 1), ("grid-wave", 2)])
    def test_kinds(self, kind: str, most: int) -> None:
        assert EndlessCrops(self.pages, kind=kind, recipe=self.recipe).of_page(0)[0].mask.max() == most
