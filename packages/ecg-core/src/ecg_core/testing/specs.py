"""The contract of everything that a distribution registers."""

from __future__ import annotations

from importlib.util import find_spec

import attrs
import pytest

from ecg_core.config import describe
from ecg_core.errors import PluginConflict
from ecg_core.launch import find_task
from ecg_core.plugins.entry import HOOKS, PluginEntry
from ecg_core.plugins.registry import registry
from ecg_core.plugins.spec import API_VERSION, VerbSpec
from ecg_core.testing.contract import Contract, heavy_modules_after

RESERVED_OPTIONS = {
    *("config", "set", "out", "seed", "resume", "overwrite", "json", "help"),
    *("backend", "devices", "precision"),
}
"""Options that every verb has on the command line; a task behind a verb needs other names for its own."""


class SpecContract(Contract):
    """What every entry point of a distribution must do.

    Attributes:
        distribution: its name.
        needs: names of modules that some of its implementations need; without one of them those are left out whose
            spec names an extra.
    """

    name = "every entry point"
    distribution: str
    needs: tuple[str, ...] = ()

    @pytest.fixture
    def entries(self) -> list[PluginEntry]:
        """Every entry of the distribution but hooks, which have no spec."""
        entries = [entry for entry in registry().all_entries() if entry.distribution == self.distribution]
        assert entries, f"{self.distribution} registers nothing; is it installed?"
        return [entry for entry in entries if entry.kind != HOOKS]

    def test_every_spec_loads_and_speaks_this_version_of_the_interface(self, entries: list[PluginEntry]) -> None:
        for entry in entries:
            spec = registry().load_spec(entry.kind, entry.qualified_name)
            assert spec.api == API_VERSION, entry.title

    def test_every_summary_is_one_short_line(self, entries: list[PluginEntry]) -> None:
        for entry in entries:
            summary = registry().load_spec(entry.kind, entry.qualified_name).summary
            assert summary == summary.strip(), entry.title
            assert 0 < len(summary) <= 100, entry.title
            assert "\n" not in summary, entry.title
            assert not summary.endswith("."), entry.title

    def test_every_implementation_can_be_imported(self) -> None:
        entries = [entry for entry in registry().all_entries() if entry.distribution == self.distribution]
        if any(find_spec(module) is None for module in self.needs):
            entries = [entry for entry in entries if not _has_extra(entry)]
        statuses = [registry().status(entry, import_implementation=True) for entry in entries]
        broken = [status.error for status in statuses if status.error and not isinstance(status.error, PluginConflict)]
        assert not broken, "\n".join(map(str, broken))

    def test_specs_are_light_to_import(self, entries: list[PluginEntry]) -> None:
        modules = sorted({entry.value.partition(":")[0] for entry in entries})
        assert not heavy_modules_after("\n".join(f"import {module}" for module in modules))

    def test_every_verb_fits_its_task(self, entries: list[PluginEntry]) -> None:
        for entry in entries:
            spec = registry().load_spec(entry.kind, entry.qualified_name)
            if isinstance(spec, VerbSpec):
                options = {each.path for each in describe(find_task(spec.task).config_class)}
                assert spec.argument in options, entry.title
                assert not options & RESERVED_OPTIONS, entry.title

    def test_every_option_of_a_spec_is_a_plain_value(self, entries: list[PluginEntry]) -> None:
        for entry in entries:
            values = attrs.asdict(registry().load_spec(entry.kind, entry.qualified_name))
            assert all(isinstance(value, str | int | float | tuple | dict | None) for value in values.values())


def _has_extra(entry: PluginEntry) -> bool:
    return entry.kind != HOOKS and registry().load_spec(entry.kind, entry.qualified_name).extra is not None
