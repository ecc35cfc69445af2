"""Which digitizer reads a page, and what becomes of digitizers that fail."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from importlib import metadata
from types import ModuleType
from typing import Any

import attrs
import numpy as np
import pytest

from ecg_core.config import PluginOptions, option
from ecg_core.errors import ConfigError, DataError, PluginBroken, PluginNotFound
from ecg_core.plugins.registry import Registry
from ecg_core.plugins.spec import DigitizerSpec
from ecg_digitize import Digitizer, PagePicture, Reading, ReadingRequest, digitize, reader
from ecg_digitize.digitizers import PrintSettings, Seen, UnreadablePage

PAGE = PagePicture("page", np.full((300, 400, 3), 255, np.uint8))
MODULE = "stranger_of_test_reader"


@attrs.frozen(kw_only=True)
class StrangerOptions:
    """Options of a digitizer."""

    color: str = option("green", help="of its pages")


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Makes digitizers the only ones that are installed: classes by name, or import strings of what is not there."""
    module = ModuleType(MODULE)
    monkeypatch.setitem(sys.modules, MODULE, module)
    module.StrangerOptions = StrangerOptions  # type: ignore[attr-defined]
    installed = metadata.entry_points().select

    def install_them(**digitizers: type | str) -> None:
        forget()
        points = []
        for name, each in digitizers.items():
            target = each if isinstance(each, str) else f"{MODULE}:{name}_class"
            config = f"{MODULE}:StrangerOptions" if "options" in getattr(each, "__annotations__", {}) else None
            spec = DigitizerSpec(implementation=target, config=config, summary="A stranger's")
            setattr(module, f"{name}_class", each)
            setattr(module, f"{name}_spec", spec)
            points.append(metadata.EntryPoint(name, f"{MODULE}:{name}_spec", "ecg.digitizers"))
        found = Registry(lambda group: points if group == "ecg.digitizers" else installed(group=group))
        for place in ("ecg_core.config.choice", "ecg_digitize.reader"):
            monkeypatch.setattr(f"{place}.registry", lambda: found)

    yield install_them
    forget()


def forget() -> None:
    """What a process made and told once."""
    reader._make_once.cache_clear()
    reader._warn_once.cache_clear()


@pytest.fixture
def stranger(make_reading: Callable[..., Reading]) -> Callable[..., type]:
    """Makes digitizers that suit a page so well, and return or raise something; they note what they are asked."""

    def make(suits: Any, answer: Any = None, asked: list[Any] | None = None) -> type:
        class Stranger:
            def can_read(self, page: PagePicture) -> float:
                if isinstance(suits, Exception):
                    raise suits
                return suits

            def read(self, page: PagePicture, request: ReadingRequest) -> Any:
                if asked is not None:
                    asked.append((page, request))
                if isinstance(answer, Exception):
                    raise answer
                return make_reading() if answer is None else answer

        return Stranger

    return make


def test_the_one_that_suits_the_page_best_reads_it(install: Any, stranger: Any) -> None:
    low: list[Any] = []
    install(a=stranger(0.2, asked=low), b=stranger(0.8), c=stranger(0.0))
    assert digitize(PAGE).quality.method == "b"
    assert not low


def test_the_next_one_tries_what_the_best_cannot_read_and_the_last_one_complains(
    install: Any, stranger: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    install(a=stranger(0.2), b=stranger(0.8, DataError("no grid is drawn")))
    assert digitize(PAGE).quality.method == "a"
    assert "page is not read by b: no grid is drawn" in caplog.text
    install(a=stranger(0.2, DataError("no traces")), b=stranger(0.8, DataError("no grid is drawn")))
    with pytest.raises(DataError, match="no traces"):
        digitize(PAGE)


def test_a_page_that_cannot_be_read_tells_what_was_seen_and_by_whom(install: Any, stranger: Any) -> None:
    seen = Seen(layout_rows=(("I",),))
    install(a=stranger(0.8, UnreadablePage("no time", seen, ["a scan"])))
    with pytest.raises(UnreadablePage, match="no time") as caught:
        digitize(PAGE)
    assert (caught.value.method, caught.value.seen, caught.value.advice) == ("a", seen, ("a scan",))
    install(a=stranger(0.2, UnreadablePage("no time", seen)), b=stranger(0.8, ValueError("oops")))
    with pytest.raises(UnreadablePage, match=r"no time; and The digitizer b .*is broken") as caught:
        digitize(PAGE)
    assert (caught.value.method, caught.value.seen) == ("a", seen)


def test_where_none_suits_the_page_that_is_said(install: Any, stranger: Any) -> None:
    install(a=stranger(0.0))
    with pytest.raises(DataError, match="no installed digitizer reads such pages as page"):
        digitize(PAGE)


def test_one_that_is_named_reads_alone(install: Any, stranger: Any) -> None:
    install(a=stranger(0.0), b=stranger(0.8))
    assert digitize(PAGE, method="a").quality.method == "a"
    install(a=stranger(0.0, DataError("no traces")), b=stranger(0.8))
    with pytest.raises(DataError, match="no traces"):
        digitize(PAGE, method="a")
    with pytest.raises(PluginNotFound, match="'magic'"):
        digitize(PAGE, method="magic")


def test_it_is_asked_for_what_the_caller_asked_for(install: Any, stranger: Any) -> None:
    asked: list[Any] = []
    install(a=stranger(1.0, asked=asked))
    digitize(PAGE, layout="6x2", settings=PrintSettings(speed_mm_per_s=50.0), sampling_rate_hz=250.0)
    [(page, request)] = asked
    assert page is PAGE
    assert list(request.layouts) == ["6x2"]
    assert request.settings.speed_mm_per_s == 50
    assert request.sampling_rate_hz == 250


NONSENSE = ["a record", None.__class__, KeyError("trace"), 3]


@pytest.mark.parametrize("answer", NONSENSE, ids=str)
def test_nonsense_is_the_fault_of_the_plugin_that_returned_it(install: Any, stranger: Any, answer: Any) -> None:
    install(a=stranger(1.0, answer))
    with pytest.raises(PluginBroken, match=r"The digitizer a of unknown unknown is broken: read failed with"):
        digitize(PAGE, method="a")


def test_a_reading_with_wrong_shapes_is_told_with_what_is_wrong(install: Any, make_reading: Any) -> None:
    class Careless:
        def can_read(self, page: PagePicture) -> float:
            return 1.0

        def read(self, page: PagePicture, request: ReadingRequest) -> Reading:
            good = make_reading()
            return attrs.evolve(good, traces=[attrs.evolve(good.traces[0], signal_mv=np.zeros((12, 5000)))])

    install(careless=Careless)
    with pytest.raises(PluginBroken, match=r"digitizer careless .* signal_mv has shape \(samples,\)"):
        digitize(PAGE, method="careless")


@pytest.mark.parametrize("fault", ["import", "made", "can_read", "read", "no digitizer"])
def test_auto_passes_over_a_broken_one_and_warns_once(
    install: Any, stranger: Any, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    class Unmakeable:
        def __init__(self) -> None:
            raise RuntimeError("no licence")

    broken = {
        "import": "no_such_module:Digitizer",
        "made": Unmakeable,
        "can_read": stranger(ValueError("no eyes")),
        "read": stranger(1.0, ValueError("no eyes")),
        "no digitizer": dict,
    }[fault]
    install(broken=broken, good=stranger(0.5))
    for _ in range(3):
        assert digitize(PAGE).quality.method == "good"
    warnings = [each for each in caplog.records if each.levelno == logging.WARNING]
    assert len(warnings) == 1
    assert "digitizer broken" in warnings[0].getMessage()
    if fault == "can_read":  # one that is named is not asked
        assert digitize(PAGE, method="broken").quality.method == "broken"
    else:
        with pytest.raises(PluginBroken, match="digitizer broken"):
            digitize(PAGE, method="broken")


def test_where_the_only_one_that_suits_the_page_is_broken_that_is_told(install: Any, stranger: Any) -> None:
    install(a=stranger(0.9, ValueError("no eyes")))
    with pytest.raises(PluginBroken, match="no eyes"):
        digitize(PAGE)
    install(a=stranger(0.9, ValueError("no eyes")), b=stranger(0.5, DataError("no grid")))
    with pytest.raises(DataError, match=r"no grid; and .*digitizer a .*no eyes"):
        digitize(PAGE)


def test_options_reach_their_digitizer_and_one_that_has_some_must_work(install: Any, make_reading: Any) -> None:
    made: list[str] = []

    class Optional:
        options: StrangerOptions

        def __init__(self, options: StrangerOptions) -> None:
            if options.color == "red":
                raise ConfigError("color: red is not sold any more")
            made.append(options.color)

        def can_read(self, page: PagePicture) -> float:
            return 1.0

        def read(self, page: PagePicture, request: ReadingRequest) -> Reading:
            return make_reading()

    install(optional=Optional)
    for _ in range(2):
        digitize(PAGE)
        digitize(PAGE, digitizers=PluginOptions("digitizers", {"optional": StrangerOptions(color="blue")}))
    assert made == ["green", "blue"]
    with pytest.raises(ConfigError, match="red is not sold"):
        digitize(PAGE, digitizers=PluginOptions("digitizers", {"optional": StrangerOptions(color="red")}))
    install(optional="no_such_module:Digitizer")
    with pytest.raises(PluginBroken, match="no_such_module"):
        digitize(PAGE, digitizers=PluginOptions("digitizers", {"optional": None}))


@pytest.mark.parametrize(
    "image", [np.zeros((300, 400), np.uint8), np.zeros((300, 400, 3)), np.zeros((50, 400, 3), np.uint8)]
)
def test_what_is_no_picture_is_refused_before_anybody_is_asked(image: np.ndarray) -> None:
    with pytest.raises(DataError, match=r"uint8 RGB|needs at least 100"):
        digitize(image)


def test_ten_names_are_handed_out() -> None:
    import ecg_digitize

    assert len(ecg_digitize.__all__) == 10
    assert all(getattr(ecg_digitize, name) for name in ecg_digitize.__all__)
    assert hasattr(Digitizer, "can_read")
