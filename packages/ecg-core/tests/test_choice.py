"""Options that are plugins."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import attrs
import pytest

from ecg_core.config import (
    Choice,
    PluginOptions,
    choose,
    describe,
    dump_yaml,
    load_config,
    option,
    plugin_option,
    plugin_options,
    recipe_of,
    structure,
    to_plain,
)
from ecg_core.errors import ConfigError, PluginBroken, PluginNotFound

MODULE = """
import attrs
from ecg_core.config import option
from ecg_core.plugins.spec import ExecutorSpec

@attrs.frozen(kw_only=True)
class FastConfig:
    speed: int = option(3, help="how fast", unit="km/h", minimum=1)
    colour: str = option("red", help="of the car")

class Fast:
    def __init__(self, config): self.config = config

class Plain:
    def __init__(self, request=None):
        self.wheels = request and request.wheels
        self.size = self.wheels and len(self.wheels.names)

fast = ExecutorSpec(implementation="acme_cars:Fast", config="acme_cars:FastConfig", summary="quick")
plain = ExecutorSpec(implementation="acme_cars:Plain", summary="without options")
broken = ExecutorSpec(implementation="acme_cars:Fast", config="acme_cars:Nothing", summary="broken")
"""


@pytest.fixture(autouse=True)
def cars(distribution: Callable[..., Path]) -> None:
    points = {name: f"acme_cars:{name}" for name in ("fast", "plain", "broken")}
    distribution("acme-cars", entry_points={"ecg.executors": points}, modules={"acme_cars": MODULE})


@attrs.frozen(kw_only=True)
class Trip:
    car: Choice = plugin_option("executors", "fast", help="what to drive", options={"speed": 5})
    garage: PluginOptions = plugin_options("executors", help="cars that wait")
    km: float = option(1.0, help="how far", in_recipe=False)


@attrs.frozen(kw_only=True)
class Travels:
    trip: Trip = option(factory=Trip, help="one of them")
    car: Choice = plugin_option("executors", "broken", help="never looked at unless it is chosen", in_recipe=False)


def test_the_default_has_the_options_that_the_task_gives_it():
    choice = Trip().car
    assert (choice.name, choice.options.speed, choice.options.colour) == ("fast", 5, "red")
    assert choice.make().config is choice.options


@pytest.mark.parametrize(
    ("words", "name", "speed"),
    [
        (["car=fast"], "fast", 5),
        (["car.speed=9"], "fast", 9),
        (["car=fast", "car.speed=9"], "fast", 9),
        (["car.speed=9", "car=fast"], "fast", 9),
        (["car={name: fast, speed: 7}"], "fast", 7),
        (["car={name: acme-cars:fast, speed: 7}"], "acme-cars:fast", 7),
        (["car=plain"], "plain", None),
    ],
)
def test_name_and_options_are_set_one_by_one_or_together(words: list[str], name: str, speed: int | None):
    choice = load_config(Trip, overrides=words).car
    assert (choice.name, choice.options and choice.options.speed) == (name, speed)


@attrs.frozen
class Garage:
    wheels: object = None


@attrs.frozen
class Harbour:
    berths: int = 3


def test_a_plugin_that_is_made_for_another_task_says_so():
    assert Choice("executors", "plain").make(Garage()).wheels is None
    with pytest.raises(ConfigError, match="plain is made for another task: it asks for wheels, which a Harbour does"):
        Choice("executors", "plain").make(Harbour())
    with pytest.raises(AttributeError, match="names"):  # a fault of its own is none of the task's
        Choice("executors", "plain").make(Garage(wheels=4))


def test_options_stand_over_those_of_a_file(tmp_path: Path):
    file = tmp_path / "trip.yaml"
    file.write_text("car: {name: fast, speed: 7, colour: blue}\n")
    assert load_config(Trip, file=file, overrides=["car=fast"]).car.options.speed == 7
    assert load_config(Trip, file=file, overrides=["car.speed=8"]).car.options.colour == "blue"
    assert load_config(Trip, file=file, overrides=["car=plain"]).car.options is None


def test_a_choice_survives_the_way_through_a_file(tmp_path: Path):
    config = load_config(Trip, overrides=["car.colour=green", "garage.fast.speed=2"])
    file = tmp_path / "trip.yaml"
    file.write_text(dump_yaml(config))
    assert load_config(Trip, file=file) == config
    assert structure(Trip, to_plain(config)) == config
    assert to_plain(config)["car"] == {"name": "fast", "speed": 5, "colour": "green"}
    assert to_plain(load_config(Trip, overrides=["car=plain"]))["car"] == "plain"


@pytest.mark.parametrize(
    ("word", "complaint"),
    [
        ("car.sped=1", r"car\.sped: unknown key \(did you mean car\.speed\?\)"),
        ("car.speed=0", r"car\.speed: must be at least 1, found 0"),
        ("car=3", r"car: must be the name of a plugin \(`ecg list executors`\)"),
        ("car={name: 3}", r"name must be the name of a plugin"),
        ("garage.fast.sped=1", r"garage\.fast.*sped: unknown key"),
        ("garage.plain.speed=1", r"the executor plain takes no options, found speed"),
        ("garage=3", r"must hold options by the name of the plugin"),
    ],
)
def test_faults_are_told_with_their_path(word: str, complaint: str):
    with pytest.raises(ConfigError, match=complaint):
        load_config(Trip, overrides=[word])


def test_options_for_a_plugin_without_any_are_refused():
    with pytest.raises(ConfigError, match="car: the executor plain takes no options, found speed"):
        load_config(Trip, overrides=["car=plain", "car.speed=1"])


def test_a_plugin_that_is_absent_or_broken_is_an_error_of_its_kind():
    with pytest.raises(PluginNotFound, match="Did you mean fast"):
        load_config(Trip, overrides=["car=fats"])
    with pytest.raises(PluginBroken, match="acme_cars:Nothing"):
        load_config(Trip, overrides=["car=broken"])


def test_a_broken_default_is_no_trouble_where_another_is_chosen():
    assert load_config(Travels, overrides=["car=plain", "trip.car.speed=2"]).trip.car.options.speed == 2
    with pytest.raises(PluginBroken):
        load_config(Travels)
    assert "car" in [each.path for each in describe(Travels)]


def test_help_shows_the_options_of_the_default_one():
    found = {each.path: each for each in describe(Trip)}
    assert (found["car"].default, found["car.speed"].default, found["car.speed"].unit) == ("fast", "5", "km/h")
    assert found["garage.fast.speed"].default == "3"
    assert "`ecg list executors`" in found["car"].help


def test_a_table_gives_every_plugin_its_options():
    garage = load_config(Trip, overrides=["garage.fast.speed=2"]).garage
    assert garage.choose("fast").options.speed == 2
    assert garage.choose("plain").options is None
    assert Trip().garage.choose("fast").options.speed == 3


def test_a_plugin_is_chosen_in_code_as_in_a_file():
    assert choose("executors", "fast", {"speed": 9}) == Trip(car=choose("executors", "fast", {"speed": 9})).car
    assert choose("executors", "plain") == Choice("executors", "plain")
    with pytest.raises(ConfigError, match=r"^sped: unknown key \(did you mean speed\?\)$"):
        choose("executors", "fast", {"sped": 1})
    with pytest.raises(ConfigError, match="the executor plain takes no options, found speed"):
        choose("executors", "plain", {"speed": 1})
    with pytest.raises(PluginNotFound, match="Did you mean fast"):
        choose("executors", "fats")


def test_a_recipe_leaves_out_what_does_not_decide_what_is_made():
    assert recipe_of(Trip()) == {"car": {"name": "fast", "speed": 5, "colour": "red"}, "garage": {}}
    travels = load_config(Travels, overrides=["car=plain"])
    assert recipe_of(travels) == {"trip": recipe_of(Trip())}
