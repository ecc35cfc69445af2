from __future__ import annotations

from ecg_core.plugins.registry import registry


def test_the_area_is_registered_and_nothing_is_planned_that_is_there():
    planned = registry().load_spec("areas", "ecg-diffusion:diffusion").planned
    tasks = {entry.name for entry in registry().entries("tasks") if entry.distribution == "ecg-diffusion"}
    assert {"diffusion.make_gait", "diffusion.split", "diffusion.train", "diffusion.sample"} <= tasks
    assert not tasks & set(planned)
