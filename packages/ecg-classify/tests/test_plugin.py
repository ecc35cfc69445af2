from __future__ import annotations

from ecg_core.plugins.registry import registry


def test_the_area_and_its_plugins_are_registered() -> None:
    assert registry().load_spec("areas", "ecg-classify:classify").summary
    names = {entry.name for kind in ("tasks", "models", "datasets") for entry in registry().entries(kind)}
    assert names >= {"classify.prepare", "classify.train", "classify.resnet1d", "classify.prepared"}
