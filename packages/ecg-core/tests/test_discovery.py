"""A distribution whose list of entry points is damaged is named, and the others are as they would be without it."""

from __future__ import annotations

from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest

from ecg_core.plugins import discovery
from ecg_core.plugins.discovery import installed_entry_points
from ecg_core.plugins.entry import PluginEntry
from ecg_core.plugins.registry import registry


@pytest.fixture
def damaged(distribution: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], Path]:
    """Installs ``acme-worn`` with this list beside the good ``acme-kit``."""

    monkeypatch.setattr(discovery, "_strict", [])
    monkeypatch.setattr(
        metadata.Distribution, "entry_points", metadata.Distribution.entry_points
    )  # put back afterwards
    monkeypatch.setenv(discovery.TORCH_READS_THEM, "0")

    def make(content: bytes) -> Path:
        distribution("acme-kit", entry_points={"ecg.tasks": {"acme.good": "acme_kit:task"}})
        site = distribution("acme-worn", version="0.7", entry_points={})
        (site / "acme_worn-0.7.dist-info" / "entry_points.txt").write_bytes(content)
        registry.cache_clear()
        return site

    return make


LISTS = {
    "no value": (b"[ecg.tasks]\nacme.lost\n", "line 2 of entry_points.txt is no `name = value`: 'acme.lost'"),
    "of nobody's kind": (b"# tools\n[console_scripts]\n\nacme\n", "line 4 of entry_points.txt is no"),
    "an open section": (b"[console_scripts]\n[ecg.tasks\nacme.lost = a:b\n", "line 2 of entry_points.txt is no"),
    "no text": (b"[ecg.tasks]\n\xff\xfe = a:b\n", "entry_points.txt is no text in UTF-8"),
}


@pytest.mark.parametrize(("content", "cause"), LISTS.values(), ids=LISTS)
def test_it_is_named_and_the_others_are_found(damaged: Callable[[bytes], Path], content: bytes, cause: str):
    site = damaged(content)
    [fault] = installed_entry_points().faults
    assert fault.startswith(
        f"The entry points of acme-worn 0.7 (in {site}) cannot be read, and whatever it registers is left out: {cause}"
    )
    found = {entry.name for entry in registry().all_entries()}
    assert {"acme.good", "demo.fit"} <= found
    assert "acme.lost" not in found


def test_other_libraries_pass_it_over_and_we_still_name_it(damaged: Callable[[bytes], Path]):
    damaged(b"[console_scripts]\nacme\n")
    with pytest.raises(TypeError):
        metadata.entry_points()
    registry()
    assert metadata.entry_points().select(group="ecg.tasks", name="acme.good")
    registry.cache_clear()
    assert len(registry().faults) == 1


def test_of_several_of_one_name_the_first_on_the_path_counts(damaged: Callable[[bytes], Path]):
    site = damaged(b"[ecg.tasks]\nacme.lost\n")
    later = site / "acme_kit-0.1.dist-info"
    later.mkdir()
    (later / "METADATA").write_text("Metadata-Version: 2.1\nName: Acme.Kit\nVersion: 0.1\n")
    (later / "entry_points.txt").write_text("[ecg.tasks]\nacme.good = elsewhere:task\n")
    registry.cache_clear()
    assert len([entry for entry in registry().entries("tasks") if entry.name == "acme.good"]) == 1


@pytest.mark.parametrize("value", ["", "no module at all", "a:b:c", "acme_worn:task extra"])
def test_a_value_that_names_nothing_breaks_its_own_plugin_alone(damaged: Callable[[bytes], Path], value: str):
    damaged(f"[ecg.tasks]\nacme.odd = {value}\n".encode())
    assert installed_entry_points().faults == ()
    [odd] = [entry for entry in registry().entries("tasks") if entry.name == "acme.odd"]
    assert "acme-worn 0.7" in str(registry().status(odd).error)


def test_a_distribution_without_metadata_is_unknown(distribution: Callable[..., Path]):
    site = distribution("acme-kit", entry_points={"ecg.tasks": {"acme.odd": "a:b"}})
    (site / "acme_kit-1.0.dist-info" / "METADATA").unlink()
    registry.cache_clear()
    [odd] = [entry for entry in registry().entries("tasks") if entry.name == "acme.odd"]
    assert isinstance(odd, PluginEntry)
    assert (odd.distribution, odd.version) == ("unknown", "unknown")


@pytest.mark.parametrize(
    ("words", "code"), [(("list",), 0), (("doctor",), 0), (("run", "demo.fit", "--help"), 0), (("plugins", "check"), 3)]
)
def test_commands_tell_it_once_and_go_on(
    damaged: Callable[[bytes], Path], ecg: Callable[..., object], words: tuple[str, ...], code: int
):
    pytest.importorskip("torch") if "demo.fit" in words else None
    damaged(b"[ecg.tasks]\nacme.lost\n")
    ran = ecg(*words)
    assert ran.err.count("warning: The entry points of acme-worn 0.7") == 1
    assert ran.code == code
    told = ran.out.count("The entry points of acme-worn 0.7")
    assert told == (1 if words[0] in ("doctor", "plugins") else 0)
