from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from ecg_core.errors import PluginError
from ecg_core.layout_text import find_layout
from ecg_core.paper import PaperSpec
from ecg_render.grammar import RANDOM
from ecg_render.looks import MAKERS_OWN, Look, maker_of, random_look
from ecg_render.styles.makers import load_maker, maker_names
from ecg_render.styles.named import RED

STANDARD = PaperSpec()


def looks(style: str, layout: str, number: int = 40) -> list[Look]:
    return [random_look(style, layout, np.random.default_rng(seed), paper=STANDARD) for seed in range(number)]


@pytest.mark.parametrize("name", maker_names())
def test_a_makers_page_has_its_rows_speeds_and_gains(name: str) -> None:
    maker = load_maker(name)
    printed = {(layout.rows, layout.rhythm_leads) for layout in map(find_layout, maker.layouts)}
    for look in looks(name, MAKERS_OWN):
        assert (look.layout.rows, look.layout.rhythm_leads) in printed
        assert look.paper.speed_mm_per_s in maker.speeds_mm_per_s
        assert look.paper.gain_mm_per_mv in maker.gains_mm_per_mv
        assert look.paper.chest_gain_mm_per_mv in maker.chest_gains_mm_per_mv
        end_mm = look.layout.signal_start_mm + look.paper.width_mm(look.layout.duration_s)
        assert end_mm <= look.layout.page_width_mm + 1e-6


def test_a_makers_rows_stand_on_many_sheets() -> None:
    sheets = Counter((look.layout.page_width_mm, look.layout.page_height_mm) for look in looks("edan", MAKERS_OWN))
    assert len(sheets) > 4


def test_a_layout_that_is_named_is_kept_to_whatever_the_maker_prints() -> None:
    for look in looks("kardia", "3x4+1R", 5):
        assert look.layout.name == "3x4+1R"
        assert look.paper == STANDARD


def test_a_page_that_names_no_lead_shows_a_single_one() -> None:
    drawn = looks("apple-watch", RANDOM)
    assert {name for look in drawn for row in look.layout.rows for name in row} == {"I"}
    assert {look.paper for look in drawn} == {STANDARD}
    assert any(len(look.layout.lead_names) > 6 for look in looks("kardia", RANDOM))


def test_any_maker_stands_for_all_of_them() -> None:
    rng = np.random.default_rng(0)
    drawn = Counter(maker.summary for _ in range(300) if (maker := maker_of("maker", rng)))
    assert len(drawn) == len(maker_names())
    assert maker_of("red", rng) is None


def test_a_style_of_no_maker_takes_any_plausible_layout() -> None:
    drawn = looks("red", MAKERS_OWN)
    assert all(look.style == RED for look in drawn)
    assert len({look.layout.name for look in drawn}) > 10


def test_names_that_are_not_there_are_told() -> None:
    with pytest.raises(PluginError, match="nowhere"):
        random_look("nowhere", "3x4+1R", np.random.default_rng(0), paper=STANDARD)
    with pytest.raises(PluginError, match="nowhere"):
        random_look("red", "nowhere", np.random.default_rng(0), paper=STANDARD)
