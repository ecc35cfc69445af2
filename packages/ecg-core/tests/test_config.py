from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Any, Literal

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecg_core.config import (
    describe,
    dump_yaml,
    load_config,
    option,
    parse_value,
    read_yaml,
    structure,
    to_plain,
    yaml12,
)
from ecg_core.errors import ConfigError


@attrs.frozen(kw_only=True)
class Optim:
    lr: float = option(1e-3, help="learning rate", above=0)
    decay: float = option(0.0, help="weight decay", minimum=0)


@attrs.frozen(kw_only=True)
class Trainer:
    optim: Optim = option(factory=lambda: Optim(lr=0.5, decay=0.25), help="optimizer")
    epochs: int = option(3, help="rounds", unit="epochs", minimum=1, maximum=100)


class Colour(Enum):
    RED = "red"
    GRAY = "gray"


@attrs.frozen(kw_only=True)
class Options:
    trainer: Trainer = option(factory=Trainer, help="training")
    extra: Optim | None = option(None, help="a second optimizer")
    flag: bool = option(False, help="a switch")
    count: int = option(1, help="a count")
    rate_hz: float = option(500.0, help="sampling rate", unit="Hz", above=0)
    word: str = option("", help="a word")
    path: Path = option(Path("here"), help="a path")
    mode: Literal["fast", "slow"] = option("fast", help="a mode")
    colour: Colour = option(Colour.RED, help="a colour")
    leads: tuple[str, ...] = option(("I", "II"), help="leads", choices=("I", "II", "III"))
    window_s: tuple[float, float] = option((0.0, 10.0), help="from and to", unit="s")
    table: dict[str, float] = option(factory=dict, help="numbers by name")
    names: list[str] = option(factory=list, help="names")
    limit: int | None = option(None, help="at most")
    size: int | str | None = option(None, help="a number or a name")
    speed: float = option(25.0, help="paper speed", choices=(25.0, 50.0), unit="mm/s")
    stages: tuple[Optim, ...] = option((), help="one optimizer after the other")
    shares: tuple[float, ...] = option((0.5,), help="shares", minimum=0, below=1)
    patience_s: float = option(1.0, help="how long to wait, infinity for ever", unit="s", above=0, infinite=True)


@attrs.frozen(kw_only=True)
class Needy:
    source: str = option(help="where from")


def faults(*overrides: str, cls: type = Options) -> list[str]:
    """The complaints about some overrides."""
    with pytest.raises(ConfigError) as caught:
        load_config(cls, overrides=overrides)
    return str(caught.value).splitlines()


class TestPrecedence:
    def test_an_override_beats_the_file_and_the_file_beats_the_default(self, tmp_path: Path):
        file = tmp_path / "options.yaml"
        file.write_text("count: 2\nrate_hz: 250\n")
        options = load_config(Options, file=file, overrides=["rate_hz=1e3"])
        assert (options.count, options.rate_hz, options.word) == (2, 1000.0, "")

    def test_the_later_override_wins(self):
        assert load_config(Options, overrides=["count=2", "count=3"]).count == 3

    def test_a_part_of_a_section_leaves_the_rest_as_the_author_of_the_task_set_it(self, tmp_path: Path):
        file = tmp_path / "options.yaml"
        file.write_text("trainer:\n  optim:\n    decay: 1\n")
        assert load_config(Options, file=file).trainer.optim == Optim(lr=0.5, decay=1.0)
        assert load_config(Trainer, overrides=["optim.decay=1"]).optim == Optim(lr=0.5, decay=1.0)

    def test_an_optional_section_starts_from_the_defaults_of_its_class(self):
        assert load_config(Options, overrides=["extra.decay=1"]).extra == Optim(lr=1e-3, decay=1.0)

    @pytest.mark.parametrize("text", ["", "# nothing\n", "extra:\n"])
    def test_an_empty_file_changes_nothing(self, tmp_path: Path, text: str):
        file = tmp_path / "options.yaml"
        file.write_text(text)
        assert load_config(Options, file=file) == Options()
        assert load_config(Options, file=file, overrides=["extra.lr=2"]).extra == Optim(lr=2.0)


class TestUnknownKeys:
    def test_the_nearest_known_key_is_suggested(self):
        assert faults("rate_hs=1") == ["rate_hs: unknown key (did you mean rate_hz?)"]

    def test_a_nested_key_is_told_with_its_path(self):
        assert faults("trainer.optim.lrr=1") == [
            "trainer.optim.lrr: unknown key (did you mean trainer.optim.lr?)",
        ]

    def test_without_a_near_one_the_known_keys_are_listed(self):
        assert faults("trainer.zzz=1") == ["trainer.zzz: unknown key (known here: optim, epochs)"]

    def test_a_key_that_is_no_text_is_unknown_too(self):
        assert faults("trainer={1: 2}") == ["trainer.1: unknown key (known here: optim, epochs)"]

    def test_a_key_in_a_list_of_sections(self):
        assert faults("stages=[{lr: 1}, {lrr: 1}]") == ["stages.1.lrr: unknown key (did you mean stages.1.lr?)"]


class TestTypes:
    @pytest.mark.parametrize(
        ("word", "name", "value"),
        [
            ("flag=true", "flag", True),
            ("count=1e3", "count", 1000),
            ("count=0x10", "count", 16),
            ("rate_hz=1e-3", "rate_hz", 0.001),
            ("rate_hz=3", "rate_hz", 3.0),
            ("patience_s=.inf", "patience_s", float("inf")),
            ("word=no", "word", "no"),
            ("word=on", "word", "on"),
            ("word='1'", "word", "1"),
            ("word=a=b", "word", "a=b"),
            ("path=a/b.csv", "path", Path("a/b.csv")),
            ("mode=slow", "mode", "slow"),
            ("colour=gray", "colour", Colour.GRAY),
            ("leads=[III]", "leads", ("III",)),
            ("leads=[]", "leads", ()),
            ("leads=III", "leads", ("III",)),
            ("names=abc", "names", ["abc"]),
            ("window_s=[1, 2.5]", "window_s", (1.0, 2.5)),
            ("table={a: 1}", "table", {"a": 1.0}),
            ("names=[a, b]", "names", ["a", "b"]),
            ("limit=null", "limit", None),
            ("limit=4", "limit", 4),
            ("size=4", "size", 4),
            ("size=four", "size", "four"),
            ("stages=[{lr: 1}]", "stages", (Optim(lr=1.0),)),
        ],
    )
    def test_what_is_taken(self, word: str, name: str, value: object):
        taken = getattr(load_config(Options, overrides=[word]), name)
        assert taken == value
        assert type(taken) is type(value)

    @pytest.mark.parametrize(
        ("word", "fault"),
        [
            ("flag='false'", "flag: must be true or false, found 'false'"),
            ("flag=no", "flag: must be true or false, found 'no'"),
            ("flag=1", "flag: must be true or false, found 1"),
            ("count=1.5", "count: must be a whole number, found 1.5"),
            ("count=true", "count: must be a whole number, found True"),
            ("count='1'", "count: must be a whole number, found '1'"),
            ("rate_hz=fast", "rate_hz: must be a number, found 'fast'"),
            ("rate_hz=true", "rate_hz: must be a number, found True"),
            ("rate_hz=null", "rate_hz: must be a number, found None"),
            ("word=3", 'word: must be a text, found 3 (in quotes it is one: "3")'),
            ("path=3", "path: must be a path, found 3"),
            ("mode=medium", "mode: must be one of fast, slow, found 'medium'"),
            ("colour=blue", "colour: must be one of red, gray, found 'blue'"),
            ("leads=3", "leads: must be a list such as [a, b], found 3"),
            ("stages=abc", "stages: must be a list such as [a, b], found 'abc'"),
            ("window_s=abc", "window_s: must be a list such as [a, b], found 'abc'"),
            ("names=[a, [b]]", "names.1: must be a text, found ['b']"),
            ("window_s=[1]", "window_s: must be a list of 2 values, found [1]"),
            ("window_s=[1, b]", "window_s.1: must be a number, found 'b'"),
            ("table=3", "table: must hold `key: value` lines of its own, found 3"),
            ("table={a: b}", "table.a: must be a number, found 'b'"),
            ("limit=many", "limit: must be a whole number, found 'many'"),
            ("trainer=3", "trainer: must hold options of its own, found 3"),
            ("trainer=null", "trainer: must hold options of its own, found None"),
            ("extra=3", "extra: must hold options of its own, found 3"),
        ],
    )
    def test_what_is_refused(self, word: str, fault: str):
        assert faults(word) == [fault]

    def test_a_union_tells_why_it_took_neither(self):
        (fault,) = faults("size=1.5")
        assert fault.startswith("size: must be a whole number, found 1.5; or must be a text, found 1.5")


class TestBounds:
    @pytest.mark.parametrize(
        ("word", "fault"),
        [
            ("trainer.epochs=0", "trainer.epochs: must be at least 1, found 0"),
            ("trainer.epochs=101", "trainer.epochs: must be at most 100, found 101"),
            ("rate_hz=0", "rate_hz: must be above 0, found 0.0"),
            ("rate_hz=.nan", "rate_hz: must be a finite number, found nan"),
            ("rate_hz=.inf", "rate_hz: must be a finite number, found inf"),
            ("rate_hz=1e400", "rate_hz: must be a finite number, found inf"),
            ("trainer.optim.lr=-.inf", "trainer.optim.lr: must be a finite number, found -inf"),
            ("window_s=[0, .inf]", "window_s: must be a finite number, found inf"),
            ("table={a: .nan}", "table: must be a finite number, found nan"),
            ("patience_s=.nan", "patience_s: must be a finite number, found nan"),
            ("patience_s=-.inf", "patience_s: must be above 0, found -inf"),
            (f"rate_hz={10**400}", "rate_hz: must be a finite number, found a whole number of 1329 bits"),
            (f"count={2**63}", f"count: must be a whole number that 64 bits hold, found {2**63}"),
            ("count=1e300", "count: must be a whole number that 64 bits hold, found a whole number of 997 bits"),
            (
                f"limit=0x{'f' * 9999}",
                "limit: must be a whole number that 64 bits hold, found a whole number of 39996 bits",
            ),
            ("shares=[0.5, 1]", "shares: must be below 1, found (0.5, 1.0)"),
            ("shares=[0.5, -1]", "shares: must be at least 0, found (0.5, -1.0)"),
            ("speed=30", "speed: must be one of 25.0, 50.0, found 30.0"),
            ("leads=[I, IV]", "leads: must be one of I, II, III, found ('I', 'IV')"),
        ],
    )
    def test_a_value_out_of_bounds(self, word: str, fault: str):
        assert faults(word) == [fault]

    def test_the_bounds_themselves_are_allowed(self):
        assert load_config(Trainer, overrides=["epochs=1"]).epochs == 1
        assert load_config(Trainer, overrides=["epochs=100"]).epochs == 100

    def test_infinity_is_refused_in_python_too_where_it_has_no_meaning(self):
        with pytest.raises(ValueError, match="lr: must be a finite number, found inf"):
            Optim(lr=float("inf"))
        assert Options(patience_s=float("inf")).patience_s == float("inf")

    def test_they_hold_in_python_too(self):
        with pytest.raises(ValueError, match="epochs: must be at least 1, found 0"):
            Trainer(epochs=0)


def test_every_fault_is_reported_at_once():
    assert sorted(faults("count=x", "trainer.epochs=0", "trainer.optim={lr: -1, decay: -1}", "speeed=25")) == [
        "count: must be a whole number, found 'x'",
        "speeed: unknown key (did you mean speed?)",
        "trainer.epochs: must be at least 1, found 0",
        "trainer.optim.decay: must be at least 0, found -1.0",
        "trainer.optim.lr: must be above 0, found -1.0",
    ]


def test_a_required_option_must_be_given():
    assert faults(cls=Needy) == ["source: required, not given"]
    assert load_config(Needy, overrides=["source=here"]).source == "here"


def test_a_refusal_of_the_class_itself_is_told_as_a_fault():
    @attrs.frozen(kw_only=True)
    class Window:
        start_s: float = option(0.0, help="from")
        end_s: float = option(1.0, help="to")

        def __attrs_post_init__(self) -> None:
            if self.end_s <= self.start_s:
                raise ConfigError("end_s must come after start_s")

    assert faults("start_s=2", cls=Window) == ["configuration: end_s must come after start_s"]


class TestWords:
    @pytest.mark.parametrize("word", ["rate_hz", "=3", ""])
    def test_an_override_is_a_key_and_a_value(self, word: str):
        (fault,) = faults(word)
        assert fault == f"--set takes KEY=VALUE, as in --set optim.lr=1e-3; found {word!r}"

    def test_a_key_below_a_value(self):
        assert faults("count=1", "count.x=2") == ["count.x: count holds the value 1, not options of its own"]

    def test_a_word_that_is_no_yaml_is_explained_on_one_line(self):
        (fault,) = faults("word=*.png")
        assert fault.startswith("word: '*.png' cannot be read as YAML (line 1: found undefined alias")
        assert fault.endswith("goes in quotes of its own: '\"*.png\"'")

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("1e-3", 0.001),
            ("no", "no"),
            ("yes", "yes"),
            ("0o17", 15),
            ("true", True),
            ("[1, a]", [1, "a"]),
            ("~", None),
        ],
    )
    def test_values_are_yaml_1_2(self, text: str, value: object):
        assert parse_value(text) == value


class TestFiles:
    @pytest.mark.parametrize(
        ("content", "complaint"),
        [
            (b"- 1\n", "must hold `key: value` lines, found a list"),
            (b"just words\n", "must hold `key: value` lines, found a str"),
            (b"a: [1\n", "is not valid YAML: line 2:"),
            (b"a: 1\na: 2\n", "is not valid YAML: line 2: found duplicate key"),
            (b"a: !!python/object:os.system {}\n", "is not valid YAML: line 1: could not determine a constructor"),
            (b"\xff\xfe\x00", "cannot be read"),
        ],
    )
    def test_a_file_that_cannot_be_used_is_named(self, tmp_path: Path, content: bytes, complaint: str):
        file = tmp_path / "options.yaml"
        file.write_bytes(content)
        with pytest.raises(ConfigError) as caught:
            read_yaml(file)
        assert str(caught.value).startswith(f"configuration {file} {complaint}")
        assert "\n" not in str(caught.value)

    def test_a_missing_file(self, tmp_path: Path):
        with pytest.raises(ConfigError, match=r"nowhere\.yaml cannot be read"):
            read_yaml(tmp_path / "nowhere.yaml")


BOMB = "&a0 [a,a,a,a,a,a,a,a,a,a]"
for level in range(1, 9):
    BOMB = f"&a{level} [{BOMB}{f',*a{level - 1}' * 9}]"
HOSTILE = {
    "aliases of aliases": f"count: {BOMB}",
    "aliases of a long text": f"word: &a {'x' * 100_000}\nnames: [{'*a,' * 1000}]",
    "merged aliases": f"table: &a {{a: 1}}\nextra: {{<<: [{'*a,' * 30_000}]}}",
    "an alias of itself": "names: &a [*a]",
    "deep lists": "names: " + "[" * 5000,
    "deep mappings": "{a: " * 3000 + "1" + "}" * 3000,
    "deep lines": "\n".join(" " * level + "a:" for level in range(400)),
    "deep dashes": "- " * 3000 + "a",
    "too many values": f"names: [{'a,' * 6000}]",
    "400 digits": f"rate_hz: {'9' * 400}",
    "5000 digits": f"count: {'9' * 5000}",
    "a long text": f"rate_hz: {'x' * 500_000}",
    "a long key": f"? {'x' * 500_000}\n: 1",
    "a long key twice": f"word: {'x' * 500_000}\nword: 1",
    "a long tag": f"word: !{'x' * 100_000} 1",
    "a long alias": "word: *" + "x" * 100_000,
    "a long choice": f"mode: {'x' * 500_000}",
    "many unknown keys": "\n".join(f"k{number}: 1" for number in range(2000)),
    "many wrong items": f"names: [{'1,' * 4000}]",
    "a number with a tag of time": "word: !!timestamp soon",
    "an empty number": "rate_hz: !!float ''",
    "a word with a tag of truth": "flag: !!bool maybe",
    "a list for a key": "? [1, 2]\n: 3",
    "a mapping for a key": "? {1: 2}\n: 3",
    "a number for a key": "? 0x" + "f" * 900 + "\n: 3",
    "nothing for a key": "~: 3",
    "zero bytes": "word: \0",
    "a text that turns the line around": 'word: "\\u202e"\nword: "\\e[2J"',
}


class TestHostileTexts:
    """What no option is: told in a short message, at once."""

    @pytest.fixture(autouse=True)
    def _few_values(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(yaml12, "MAX_VALUES", 5000)

    @pytest.mark.timeout(20)
    @pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
    def test_a_file(self, tmp_path: Path, text: str):
        file = tmp_path / "options.yaml"
        file.write_text(text)
        with pytest.raises(ConfigError) as caught:
            load_config(Options, file=file)
        assert len(str(caught.value)) < 4000
        assert all(line.isprintable() and len(line) < 700 for line in str(caught.value).splitlines())

    @pytest.mark.timeout(20)
    @pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
    @pytest.mark.parametrize("name", ["trainer", "names", "rate_hz"])
    def test_a_word_of_the_command_line(self, name: str, text: str):
        with pytest.raises(ConfigError) as caught:
            load_config(Options, overrides=[f"{name}={text}"])
        assert len(str(caught.value)) < 4000

    def test_a_file_that_is_larger_than_any_configuration_is_not_read(self, tmp_path: Path):
        file = tmp_path / "options.yaml"
        with file.open("wb") as stream:
            stream.truncate(2**40)
        with pytest.raises(ConfigError, match="is larger than 4194304 bytes"):
            load_config(Options, file=file)

    @pytest.mark.parametrize("word", [f"{'a.' * 10_000}b=1", f"{'a' * 100_000}=1", "a\x1b[31m=1", "\x1b"])
    def test_a_long_or_unprintable_key(self, word: str):
        with pytest.raises(ConfigError) as caught:
            load_config(Options, overrides=[word])
        assert str(caught.value).isprintable()
        assert len(str(caught.value)) < 1000

    def test_aliases_and_merged_keys_are_read_where_they_are_few(self, tmp_path: Path):
        file = tmp_path / "options.yaml"
        file.write_text("trainer: {optim: &same {lr: 0.25}}\nextra: {<<: *same, decay: 0.5}\nstages: [*same, *same]\n")
        options = load_config(Options, file=file)
        assert options.extra == Optim(lr=0.25, decay=0.5)
        assert options.stages == (Optim(lr=0.25), Optim(lr=0.25))

    def test_of_many_faults_the_first_are_told(self):
        told = faults(*(f"k{number}=1" for number in range(100)))
        assert len(told) == 11
        assert told[-1] == "and more of the kind"


def finite() -> st.SearchStrategy[float]:
    return st.floats(allow_nan=False, allow_infinity=False)


OPTIONS = st.builds(
    Options,
    trainer=st.builds(
        Trainer,
        optim=st.builds(Optim, lr=st.floats(0, exclude_min=True, allow_infinity=False), decay=st.floats(0, 1e300)),
        epochs=st.integers(1, 100),
    ),
    extra=st.none() | st.builds(Optim),
    flag=st.booleans(),
    count=st.integers(1 - 2**63, 2**63 - 1),
    rate_hz=st.floats(0, exclude_min=True, allow_infinity=False),
    patience_s=st.floats(0, exclude_min=True),
    word=st.text(),
    path=st.text(min_size=1).map(Path),
    mode=st.sampled_from(["fast", "slow"]),
    colour=st.sampled_from(Colour),
    leads=st.lists(st.sampled_from(["I", "II", "III"])).map(tuple),
    window_s=st.tuples(finite(), finite()),
    table=st.dictionaries(st.text(), finite()),
    names=st.lists(st.text()),
    limit=st.none() | st.integers(1 - 2**63, 2**63 - 1),
    size=st.none() | st.integers(1 - 2**63, 2**63 - 1) | st.text(),
    speed=st.sampled_from([25.0, 50.0]),
    stages=st.lists(st.builds(Optim, decay=st.floats(0, 1))).map(tuple),
)


@settings(deadline=None)
@given(OPTIONS)
def test_a_configuration_survives_the_way_through_plain_values(options: Options):
    assert structure(Options, to_plain(options)) == options


@settings(max_examples=60, deadline=None)
@given(OPTIONS)
def test_a_configuration_survives_the_way_through_a_file(tmp_path_factory: pytest.TempPathFactory, options: Options):
    file = tmp_path_factory.getbasetemp() / "round-trip.yaml"
    file.write_text(dump_yaml(options), encoding="utf-8")
    assert load_config(Options, file=file) == options


@pytest.mark.parametrize(
    "word", ["no", "on", "1e-3", "1_000", "0o7", "012", "null", "~", "", "2024-01-01", "a: b", "é\n", "\x85", "\udcff"]
)
def test_words_that_look_like_something_else_stay_words(word: str, tmp_path: Path):
    file = tmp_path / "options.yaml"
    file.write_text(dump_yaml(Options(word=word)), encoding="utf-8")
    assert load_config(Options, file=file).word == word


def test_plain_values_are_fit_for_json():
    plain = to_plain(Options(leads=("I",), colour=Colour.GRAY))
    assert plain["leads"] == ["I"]
    assert plain["colour"] == "gray"
    assert plain["path"] == "here"
    assert plain["trainer"] == {"optim": {"lr": 0.5, "decay": 0.25}, "epochs": 3}


class TestDescription:
    @pytest.fixture
    def described(self) -> dict[str, Any]:
        return {each.path: each for each in describe(Options)}

    def test_every_option_stands_there_under_its_path(self, described: dict[str, Any]):
        assert list(described)[:5] == [
            "trainer.optim.lr",
            "trainer.optim.decay",
            "trainer.epochs",
            "extra.lr",
            "extra.decay",
        ]
        assert "stages" in described

    @pytest.mark.parametrize(
        ("path", "type_text", "default"),
        [
            ("trainer.optim.lr", "float", "0.5"),
            ("extra.lr", "float", "0.001"),
            ("flag", "bool", "false"),
            ("word", "str", "''"),
            ("mode", "fast | slow", "fast"),
            ("colour", "Colour", "red"),
            ("leads", "tuple[str, ...]", "[I, II]"),
            ("limit", "int | None", "null"),
            ("path", "Path", "here"),
            ("stages", "tuple[Optim, ...]", "[]"),
        ],
    )
    def test_types_and_the_defaults_that_a_run_would_use(
        self, described: dict[str, Any], path: str, type_text: str, default: str
    ):
        assert (described[path].type, described[path].default) == (type_text, default)

    def test_help_unit_and_choices(self, described: dict[str, Any]):
        speed = described["speed"]
        assert (speed.help, speed.unit, speed.choices) == ("paper speed", "mm/s", (25.0, 50.0))

    def test_a_required_option_has_no_default(self):
        (only,) = describe(Needy)
        assert only.default is None
