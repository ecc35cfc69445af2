from __future__ import annotations

from itertools import islice

import attrs
import pytest

from ecg_core.plugins.registry import registry
from ecg_core.synthetic import synthesize_record
from ecg_render.degradations.chain import names_of
from ecg_render.endless import EndlessPages
from ecg_render.recipes import EVERY_MAKER


def test_every_degradation_of_the_recipe_is_there() -> None:
    installed = {entry.name for entry in registry().entries("degradations")}
    assert {name for names in EVERY_MAKER.degradations for name in names_of(names)} <= installed


@pytest.mark.slow
def test_pages_of_every_maker_are_drawn_whatever_the_record() -> None:
    records = [synthesize_record(seed=seed, duration_s=duration_s) for seed, duration_s in ((1, 5.0), (2, 10.0))]
    pages = EndlessPages(records, attrs.evolve(EVERY_MAKER, least_dots_per_inch=60, most_dots_per_inch=80), seed=5)
    samples = list(islice(pages.samples(), 40))
    assert pages.num_skipped == 0
    assert len({sample.layout.name for sample in samples}) > 12
    assert len({sample.degradation for sample in samples}) > 12
