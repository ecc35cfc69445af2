"""The reference of plugins names everything that a plugin can be or be told."""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import attrs
import pytest

from ecg_core import errors, protocols
from ecg_core.context import RunContext
from ecg_core.plugins.hooks import HookSpecs
from ecg_core.plugins.spec import API_VERSION, HOOKS_GROUP, KINDS, PluginSpec, group_of

DOCS = Path(__file__).parent.parent / "docs"
REFERENCE = (DOCS / "reference" / "plugins.md").read_text(encoding="utf-8")

EVENTS = [name for name, value in vars(HookSpecs).items() if hasattr(value, "ecg_spec")]
PROTOCOLS = ["Backend", "Model", "Dataset", "Trainer", "Backbone", "Format", "Executor"]
SPECS = [PluginSpec, *KINDS.values()]


@pytest.mark.parametrize("event", EVENTS)
def test_every_event_stands_there_with_its_exact_arguments(event: str):
    arguments = [name for name in inspect.signature(getattr(HookSpecs, event)).parameters if name != "self"]
    assert f"| `{event}({', '.join(arguments)})` |" in REFERENCE


def test_no_event_stands_there_that_does_not_exist():
    section = REFERENCE.partition("## Hooks")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)\(", section, flags=re.MULTILINE)) == set(EVENTS)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_stands_there_with_its_group_and_its_spec(kind: str):
    assert f"| `{group_of(kind)}` | `{KINDS[kind].__name__}` |" in REFERENCE


def test_the_group_of_hooks_stands_there():
    assert f"| `{HOOKS_GROUP}` |" in REFERENCE


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.__name__)
def test_every_field_of_every_spec_stands_there(spec: type):
    section = REFERENCE.partition("## Specs")[2].partition("\n## ")[0]
    missing = [field.name for field in attrs.fields(spec) if f"| `{field.name}` |" not in section]
    assert not missing


@pytest.mark.parametrize("name", PROTOCOLS)
def test_every_method_of_every_protocol_stands_there(name: str):
    section = REFERENCE.partition("## Protocols")[2].partition("\n## ")[0]
    protocol = getattr(protocols, name)
    methods = [each for each, value in vars(protocol).items() if inspect.isfunction(value) and not each.startswith("_")]
    attributes = [each for each in protocol.__annotations__ if not each.startswith("_")]
    assert f"**`{name}`**" in section
    missing = [each for each in methods if f"`{each}(" not in section]
    assert not missing + [each for each in attributes if f"`{each}`" not in section]


def test_every_method_of_a_digitizer_stands_there():
    digitizers = pytest.importorskip("ecg_digitize.digitizers")
    methods = [name for name, value in vars(digitizers.Digitizer).items() if inspect.isfunction(value)]
    own = [name for name in methods if not name.startswith("_")]
    section = REFERENCE.partition("**`Digitizer`**")[2].partition("**`")[0]
    assert own
    assert not [name for name in own if f"`{name}(" not in section]


@pytest.mark.parametrize("field", [field.name for field in attrs.fields(RunContext)])
def test_every_field_of_a_run_stands_there(field: str):
    section = REFERENCE.partition("## Tasks")[2].partition("\n## ")[0]
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    assert [cell for cell in cells if f"`{field}`" in cell]


@pytest.mark.parametrize("package", ["ecg_seg", "ecg_classify", "ecg_diffusion", "ecg_digitize"])
def test_every_request_and_contract_that_is_named_is_there(package: str):
    pytest.importorskip(f"{package}.testing" if find_spec(package) else package)
    table = REFERENCE.partition("| task | tells a model")[2].partition("\n\n")[0]
    named = set(re.findall(rf"`({package}(?:\.\w+)*)`", table))
    assert f"{package}.testing" in named
    for name in named - {f"{package}.testing"}:
        module, _, attribute = name.rpartition(".")
        assert hasattr(import_module(module), attribute), name


def exit_codes() -> dict[int, set[str]]:
    """The error classes of each exit code, but those that only group others."""
    classes = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, errors.EcgError)]
    codes: dict[int, set[str]] = {errors.EXIT_DONE: set()}
    for each in classes:
        if each is not errors.PluginError:
            codes.setdefault(each.exit_code, set()).add(each.__name__)
    return codes


@pytest.mark.parametrize("code", [0, 1, 2, 3])
def test_every_exit_code_stands_there_with_its_errors(code: int):
    (row,) = [line for line in REFERENCE.splitlines() if line.startswith(f"| {code} |")]
    assert exit_codes()[code] <= set(re.findall(r"`(\w+)`", row))


def test_every_exit_code_of_the_errors_is_one_of_these():
    assert set(exit_codes()) == {0, 1, 2, 3}


def test_the_version_of_the_interface_is_the_current_one():
    assert f"`ecg_core.plugins.spec.API_VERSION` is {API_VERSION}." in REFERENCE


def test_every_contract_class_stands_there():
    from ecg_core import testing

    contracts = [name for name in testing.__all__ if name.endswith("Contract") and name != "Contract"]
    assert contracts
    assert not [name for name in contracts if f"`{name}`" not in REFERENCE]
