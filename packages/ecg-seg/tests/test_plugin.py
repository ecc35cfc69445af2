from __future__ import annotations

from ecg_core.plugins.registry import registry


def test_the_area_is_registered_and_nothing_is_left_to_plan():
    assert registry().load_spec("areas", "ecg-seg:seg").planned == ()


def test_every_task_of_the_area_is_there():
    names = {entry.name for entry in registry().entries("tasks") if entry.distribution == "ecg-seg"}
    assert names == {"seg.train", "seg.evaluate", "seg.predict", "seg.export"}
