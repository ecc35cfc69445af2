from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import metadata
from types import ModuleType, SimpleNamespace
from typing import Any

import attrs
import pytest

from ecg_core import __version__
from ecg_core.errors import PluginBroken, PluginConflict, PluginIncompatible, PluginNotFound
from ecg_core.plugins.loading import import_string
from ecg_core.plugins.registry import Registry
from ecg_core.plugins.report import check_plugins, find_anywhere, list_plugins
from ecg_core.plugins.spec import (
    API_VERSION,
    BackboneSpec,
    ExecutorSpec,
    FormatSpec,
    TaskSpec,
    VerbSpec,
)


@attrs.frozen
class Point:
    """An entry point of a made-up distribution."""

    group: str
    name: str
    value: str
    dist: Any

    def load(self) -> Any:
        return metadata.EntryPoint(self.name, self.value, self.group).load()


def point(group: str, name: str, value: str, distribution: str = "acme-kit", version: str = "1.2") -> Point:
    return Point(f"ecg.{group}", name, value, SimpleNamespace(name=distribution, version=version))


def registry_of(*points: Point) -> Registry:
    return Registry(lambda group: [each for each in points if each.group == group])


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> Callable[..., ModuleType]:
    """Makes an importable module with these attributes."""

    def make(name: str, **attributes: Any) -> ModuleType:
        made = ModuleType(name)
        vars(made).update(attributes)
        monkeypatch.setitem(sys.modules, name, made)
        return made

    return make


TINY = BackboneSpec(implementation="acme.nets:make_tiny", summary="A tiny one")


class TestFinding:
    def test_entries_are_sorted_by_name_and_nothing_is_imported(self):
        plugins = registry_of(point("tasks", "b.x", "absent.plugin:b"), point("tasks", "a.x", "absent.plugin:a"))
        assert [entry.name for entry in plugins.entries("tasks")] == ["a.x", "b.x"]
        assert "absent" not in sys.modules

    def test_an_entry_knows_its_distribution(self):
        (entry,) = registry_of(point("formats", "f", "m:f", "Acme_Kit", "2.0")).entries("formats")
        assert (entry.distribution, entry.version) == ("acme-kit", "2.0")
        assert entry.qualified_name == "acme-kit:f"
        assert entry.title == "format f of acme-kit 2.0"

    def test_an_absent_name_tells_the_nearest_and_what_there_is(self):
        plugins = registry_of(point("tasks", "seg.train", "m:t"), point("tasks", "demo.fit", "m:d"))
        with pytest.raises(PluginNotFound) as caught:
            plugins.find("tasks", "seg.trian")
        assert str(caught.value) == (
            "No installed distribution brings the task 'seg.trian'. Did you mean seg.train? "
            "Installed: demo.fit, seg.train. `ecg list tasks` shows where each comes from."
        )

    def test_where_nothing_of_the_kind_is_installed(self):
        with pytest.raises(PluginNotFound, match="Installed: none at all"):
            registry_of().find("models", "acme.unet")

    def test_a_name_of_a_package_of_ours_that_is_absent_tells_what_to_install(self):
        plugins = registry_of(point("tasks", "classify.predict", "m:t", "ecg-classify"))
        with pytest.raises(PluginNotFound) as caught:
            plugins.find("tasks", "seg.predict")
        assert str(caught.value) == (
            "No installed distribution brings the task 'seg.predict'. The tasks of seg come with ecg-seg: "
            "pip install ecg-seg"
        )
        with pytest.raises(PluginNotFound, match="Did you mean classify"):
            plugins.find("tasks", "classify.predikt")

    def test_a_package_that_is_there_is_not_to_be_installed(self):
        plugins = registry_of(point("areas", "seg", "m:a", "ecg-seg"))
        with pytest.raises(PluginNotFound, match="Installed: none at all"):
            plugins.find("datasets", "seg.absent")

    def test_an_area_tells_its_own_names(self):
        plugins = registry_of(point("tasks", "seg.train", "m:t"), point("tasks", "demo.fit", "m:d"))
        with pytest.raises(PluginNotFound, match=r"'seg'\. Installed: seg\.train\. `ecg list"):
            plugins.find("tasks", "seg")

    def test_many_names_are_counted_not_told(self):
        plugins = registry_of(*(point("tasks", f"many.n{number}", "m:t") for number in range(40)))
        with pytest.raises(PluginNotFound, match=r"'other\.x'\. `ecg list tasks` shows the 40 that are installed\.$"):
            plugins.find("tasks", "other.x")

    def test_a_name_of_another_distribution_is_not_found(self):
        plugins = registry_of(point("tasks", "demo.fit", "m:d"))
        with pytest.raises(PluginNotFound):
            plugins.find("tasks", "other:demo.fit")
        assert plugins.find("tasks", "acme_kit:demo.fit").name == "demo.fit"


class TestConflicts:
    @pytest.fixture
    def plugins(self, module: Callable[..., ModuleType]) -> Registry:
        module("ours", csv=FormatSpec(implementation="ours:Csv", summary="ours", suffixes=(".csv",)), Csv=int)
        module("theirs", csv=FormatSpec(implementation="theirs:Csv", summary="theirs", suffixes=(".csv",)), Csv=str)
        return registry_of(
            point("formats", "csv", "ours:csv", "ecg-core", "0.1.0"),
            point("formats", "csv", "theirs:csv", "acme-kit", "1.2"),
        )

    def test_use_is_an_error_that_names_both_and_says_what_to_write(self, plugins: Registry):
        with pytest.raises(PluginConflict) as caught:
            plugins.load("formats", "csv")
        assert str(caught.value) == (
            "The format 'csv' is registered by ecg-core 0.1.0 and acme-kit 1.2. Say which you mean: "
            "ecg-core:csv or acme-kit:csv; or uninstall one of them."
        )

    def test_the_distribution_decides(self, plugins: Registry):
        assert plugins.load("formats", "ecg-core:csv") is int
        assert plugins.load("formats", "acme-kit:csv") is str

    def test_the_listing_shows_both(self, plugins: Registry):
        rows = list_plugins(plugins, "formats")
        assert [(row["distribution"], row["conflict"]) for row in rows] == [("ecg-core", True), ("acme-kit", True)]
        assert all("say which you mean" in row["error"].lower() for row in list_plugins(plugins, "formats", long=True))

    def test_hooks_of_one_name_are_all_told_and_never_conflict(self):
        plugins = registry_of(point("hooks", "log", "m", "one"), point("hooks", "log", "m", "two"))
        assert not any(row["conflict"] for row in list_plugins(plugins, "hooks"))
        assert not [status for status in map(plugins.status, plugins.entries("hooks")) if status.error]


class TestBroken:
    def test_a_module_of_its_own_that_is_absent_is_the_plugins_fault(self, module: Callable[..., ModuleType]):
        module("acme", tiny=TINY)
        with pytest.raises(PluginBroken) as caught:
            registry_of(point("backbones", "tiny", "acme:tiny")).load("backbones", "tiny")
        assert str(caught.value) == (
            "The backbone tiny of acme-kit 1.2 cannot be used: importing acme.nets:make_tiny failed with "
            "ModuleNotFoundError: No module named 'acme.nets'; 'acme' is not a package. "
            "The fault lies in the plugin itself: tell its authors, or uninstall it."
        )

    def test_an_import_string_into_an_absent_package_is_no_want_of_a_library(self, module: Callable[..., ModuleType]):
        module("acme", tiny=attrs.evolve(TINY, implementation="surely_absent.nets:make", extra="acme-kit[torch]"))
        with pytest.raises(PluginBroken, match="The fault lies in the plugin itself"):
            registry_of(point("backbones", "tiny", "acme:tiny")).load("backbones", "tiny")

    @pytest.mark.parametrize(
        ("extra", "remedy"),
        [
            ("acme-kit[torch]", "Install it: pip install 'acme-kit[torch]'"),
            (None, "Reinstall it: pip install --upgrade acme-kit"),
        ],
    )
    def test_an_import_that_fails_for_want_of_a_library(
        self, distribution: Callable[..., Any], extra: str | None, remedy: str
    ):
        distribution(
            "acme-kit",
            version="1.2",
            entry_points={"ecg.backbones": {"tiny": "acme_plugin:tiny"}},
            modules={
                "acme_plugin": "from ecg_core.plugins.spec import BackboneSpec\n"
                f"tiny = BackboneSpec(implementation='acme_nets:make', summary='', extra={extra!r})\n",
                "acme_nets": "import surely_absent.layers\n",
            },
        )
        with pytest.raises(PluginBroken) as caught:
            Registry().load("backbones", "acme-kit:tiny")
        assert str(caught.value) == (
            "The backbone tiny of acme-kit 1.2 cannot be used: importing acme_nets:make failed with "
            "ModuleNotFoundError: No module named 'surely_absent'. "
            f"It needs surely_absent, which is not installed. {remedy}"
        )

    @pytest.mark.parametrize(
        ("line", "found"),
        [
            (
                "from ecg_core.contxt import RunContext",
                "ecg_core has no module ecg_core.contxt (did you mean ecg_core.context?)",
            ),
            (
                "import ecg_core.plugin.spec",
                "ecg_core has no module ecg_core.plugin.spec (did you mean ecg_core.plugins.spec?)",
            ),
            ("import ecg_core.zebra", "ecg_core has no module ecg_core.zebra"),
            (
                "from ecg_core.plugins.spec import TaskSpecs",
                "ecg_core.plugins.spec has no name TaskSpecs (did you mean TaskSpec?)",
            ),
            ("from ecg_core import contxt", "ecg_core has no name contxt (did you mean context?)"),
            ("from ecg_core.plugins.spec import Zebra", "ecg_core.plugins.spec has no name Zebra"),
            (
                "import ecg_core.errors\necg_core.errors.DataEror",
                "ecg_core.errors has no name DataEror (did you mean DataError?)",
            ),
        ],
    )
    def test_an_import_path_that_core_does_not_have_is_told_with_the_nearest(
        self, distribution: Callable[..., Any], line: str, found: str
    ):
        distribution(
            "acme-kit", entry_points={"ecg.tasks": {"x.y": "acme_plugin:t"}}, modules={"acme_plugin": f"{line}\n"}
        )
        with pytest.raises(PluginBroken) as caught:
            Registry().load("tasks", "x.y")
        assert str(caught.value).endswith(
            f". {found}: the import path is wrong, or acme-kit was made for another version of ecg-core than "
            f"{__version__}. Correct the path if the plugin is yours, else upgrade both: "
            "pip install --upgrade ecg-core acme-kit"
        )

    @pytest.mark.parametrize(
        "line",
        [
            "import ecg_core.errors as errors\nraise ImportError('libwave.so: cannot open', name='ecg_core')",
            "from os import zebra",
            "from acme_plugin import zebra",
        ],
    )
    def test_what_no_other_path_would_mend_is_the_plugins_fault(self, distribution: Callable[..., Any], line: str):
        distribution(
            "acme-kit", entry_points={"ecg.tasks": {"x.y": "acme_plugin:t"}}, modules={"acme_plugin": f"{line}\n"}
        )
        with pytest.raises(PluginBroken, match="The fault lies in the plugin itself"):
            Registry().load("tasks", "x.y")

    def test_a_module_that_ends_the_process_is_broken_like_any_other(self, distribution: Callable[..., Any]):
        distribution(
            "acme-kit",
            entry_points={"ecg.tasks": {"x.y": "acme_plugin:t"}},
            modules={"acme_plugin": "import sys\nsys.exit('no licence')\n"},
        )
        with pytest.raises(PluginBroken, match="failed with SystemExit: no licence"):
            Registry().load_spec("tasks", "x.y")

    def test_a_missing_attribute(self, module: Callable[..., ModuleType]):
        module("acme", tiny=attrs.evolve(TINY, implementation="acme:absent"))
        with pytest.raises(PluginBroken, match="AttributeError: module 'acme' has no attribute 'absent'"):
            registry_of(point("backbones", "tiny", "acme:tiny")).load("backbones", "tiny")

    def test_a_spec_of_the_wrong_type(self, module: Callable[..., ModuleType]):
        module("acme", tiny={"implementation": "acme.nets"})
        with pytest.raises(PluginBroken) as caught:
            registry_of(point("backbones", "tiny", "acme:tiny")).load("backbones", "tiny")
        assert str(caught.value) == (
            "The backbone tiny of acme-kit 1.2 is broken: acme:tiny should be a BackboneSpec "
            "(from ecg_core.plugins.spec), found dict. Tell its authors, or uninstall it."
        )

    @pytest.mark.parametrize(("difference", "upgrade"), [(1, "ecg-core"), (-1, "acme-kit")])
    def test_another_version_of_the_interface(self, module: Callable[..., ModuleType], difference: int, upgrade: str):
        module("acme", tiny=attrs.evolve(TINY, api=API_VERSION + difference))
        with pytest.raises(PluginIncompatible) as caught:
            registry_of(point("backbones", "tiny", "acme:tiny")).load("backbones", "tiny")
        assert str(caught.value) == (
            f"The backbone tiny of acme-kit 1.2 was made for version {API_VERSION + difference} of the plugin "
            f"interface; this ecg-core speaks version {API_VERSION}. "
            f"Upgrade {upgrade}: pip install --upgrade {upgrade}"
        )


class TestToChooseFrom:
    @pytest.fixture
    def plugins(self, module: Callable[..., ModuleType]) -> Registry:
        spec = ExecutorSpec(implementation="builtins:list", summary="")
        module(
            "acme",
            good=spec,
            newer=attrs.evolve(spec, api=API_VERSION + 1),
            no_spec={},
            lost=attrs.evolve(spec, implementation="acme:absent"),
        )
        return registry_of(
            point("executors", "broken", "acme_absent:spec"),
            point("executors", "good", "acme:good"),
            point("executors", "lost", "acme:lost"),
            point("executors", "newer", "acme:newer"),
            point("executors", "no-spec", "acme:no_spec"),
            point("executors", "ours", "acme:good", "ecg-core"),
            point("executors", "ours", "acme:good", "acme-shadow"),
            point("executors", "strangers", "acme:good", "acme-one"),
            point("executors", "strangers", "acme:good", "acme-two"),
        )

    def test_what_cannot_be_used_is_left_out_and_told_once(self, plugins: Registry, caplog: pytest.LogCaptureFixture):
        for _ in range(2):
            assert list(plugins.to_choose_from("executors")) == ["good", "lost", "ecg-core:ours"]
            assert list(plugins.load_all("executors")) == ["good", "ecg-core:ours"]
        told = [message.removeprefix("left out: The executor ") for message in caplog.messages]
        assert [message.split()[0].strip("'") for message in told] == [
            *("broken", "newer", "no-spec", "ours", "strangers", "lost")
        ]
        assert (
            "is registered by ecg-core 1.2 and acme-shadow 1.2" in told[3]
            or "acme-shadow 1.2 and ecg-core 1.2" in told[3]
        )
        assert told[3].endswith("Unless one is named, that of ecg-core is taken.")


class TestStatus:
    def test_one_broken_plugin_leaves_the_others_usable(self, module: Callable[..., ModuleType]):
        module("acme", serial=ExecutorSpec(implementation="builtins:list", summary="good"))
        plugins = registry_of(
            point("executors", "bad", "surely_absent:x"),
            point("executors", "good", "acme:serial"),
        )
        rows = {row["name"]: row for row in list_plugins(plugins, "executors", long=True)}
        assert rows["good"]["summary"] == "good"
        assert rows["good"]["error"] is None
        assert "surely_absent" in rows["bad"]["error"]
        assert plugins.load("executors", "good") is list

    def test_without_long_nothing_is_imported(self):
        (row,) = list_plugins(registry_of(point("tasks", "x.y", "surely_absent:x")), "tasks")
        assert row == {
            "kind": "tasks",
            "name": "x.y",
            "distribution": "acme-kit",
            "version": "1.2",
            "conflict": False,
        }

    def test_a_check_imports_the_implementation_and_the_configuration(self, module: Callable[..., ModuleType]):
        spec = TaskSpec(implementation="builtins:print", config="builtins:absent", summary="")
        module("acme", task=spec)
        plugins = registry_of(point("tasks", "x.y", "acme:task"))
        (entry,) = plugins.entries("tasks")
        assert plugins.status(entry).error is None
        (status,) = check_plugins(plugins)
        assert "importing builtins:absent failed" in str(status.error)

    def test_a_check_finds_a_verb_without_its_task(self, module: Callable[..., ModuleType]):
        module("acme", verb=VerbSpec(task="x.absent", argument="inputs", summary=""))
        (status,) = check_plugins(registry_of(point("verbs", "go", "acme:verb")))
        assert str(status.error).startswith("The verb go of acme-kit 1.2 cannot be used: No installed distribution")


class TestAnywhere:
    def test_a_name_may_belong_to_several_kinds(self):
        plugins = registry_of(point("tasks", "render", "m:t"), point("verbs", "render", "m:v"))
        assert [entry.kind for entry in find_anywhere(plugins, "render")] == ["tasks", "verbs"]
        assert [entry.kind for entry in find_anywhere(plugins, "verbs/render")] == ["verbs"]
        assert len(find_anywhere(plugins, "acme-kit:render")) == 2

    @pytest.mark.parametrize(
        ("name", "hint"),
        [
            ("render", "ecg-render may bring it: pip install ecg-render"),
            ("phon", "Did you mean phone?"),
            ("zebra", "`ecg list`"),
        ],
    )
    def test_an_absent_one(self, name: str, hint: str):
        with pytest.raises(PluginNotFound) as caught:
            find_anywhere(registry_of(point("degradations", "phone", "m:p")), name)
        assert str(caught.value).startswith(f"No installed plugin is called {name!r}. {hint}")


@pytest.mark.parametrize(
    ("target", "value"),
    [("ecg_core.plugins.spec:API_VERSION", API_VERSION), ("builtins:dict.fromkeys", dict.fromkeys)],
)
def test_an_import_string_names_an_attribute_of_a_module(target: str, value: object):
    assert import_string(target) == value


def test_an_import_string_without_attribute_names_the_module():
    assert import_string("importlib.metadata") is metadata


def test_the_installed_core_registers_its_own_plugins_like_everybody_else():
    entries = {(entry.kind, entry.name) for entry in Registry().all_entries() if entry.distribution == "ecg-core"}
    assert {("tasks", "demo.fit"), ("formats", "wfdb"), ("backends", "cpu"), ("executors", "serial")} <= entries
