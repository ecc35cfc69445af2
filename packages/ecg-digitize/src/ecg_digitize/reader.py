"""The front: a page in, a record out, by whichever digitizer reads the page best."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import cache
from typing import Any

import attrs
import numpy as np

from ecg_core.config import Choice, PluginOptions
from ecg_core.config.choice import default_choice
from ecg_core.errors import DataError, EcgError, PluginBroken, PluginError, one_line
from ecg_core.layout_text import find_layout, installed_layouts
from ecg_core.paper import Layout
from ecg_core.plugins.guard import guarded
from ecg_core.plugins.registry import registry
from ecg_digitize.digitizers.print_scale import PrintSettings
from ecg_digitize.digitizers.protocol import Digitizer, ReadingRequest
from ecg_digitize.digitizers.reading import Reading
from ecg_digitize.digitizers.unreadable import UnreadablePage
from ecg_digitize.pages.files import PagePicture
from ecg_digitize.record.digitization import Digitization, build_digitization

log = logging.getLogger(__name__)

MIN_SIDE_PX = 100
"""A strip of one lead is 25 to 40 mm high; with fewer pixels it has not even four a millimetre."""

AUTO = "auto"
DEFAULT_RATE_HZ = 500.0
KIND = "digitizers"


def digitize(
    page: np.ndarray | PagePicture,
    *,
    method: str = AUTO,
    layout: str | Layout = AUTO,
    settings: PrintSettings = PrintSettings(),  # noqa: B008 - frozen
    sampling_rate_hz: float = DEFAULT_RATE_HZ,
    digitizers: PluginOptions | None = None,
    fit_limbs: bool = True,
) -> Digitization:
    """Turn the picture of a page into a record: the twelve standard leads, and whatever else is printed.

    Args:
        page: a picture, uint8 RGB, shape (height, width, 3), or a page of `ecg_digitize.load_pages`.
        method: name of the digitizer that reads it (``ecg list digitizers``); ``auto`` asks every installed one how
            well it suits the page, and tries them from the best on until one can read it.
        layout: which leads stand where: a layout, its name, its rows as text (``I aVR / II aVL / III aVF``, see
            `ecg_core.layout_text.layout_of_text`), or ``auto`` for every installed one.
        settings: speed, gain and duration, where they are not to be found out.
        sampling_rate_hz: sampling rate of the record.
        digitizers: options of the digitizers by their names; by default each has its own defaults.
        fit_limbs: whether limb leads of the same seconds, of which two tell all others, are moved as little as makes
            them fit together; not where they are exact, or do not fit at all. ``quality.adjusted_mv`` tells how far.

    Returns:
        The record in mV with NaN where nothing was printed or read, its quality, and where everything was found.

    Raises:
        DataError: the picture is no ECG that this method can read; the message says what is missing. An
            `ecg_digitize.digitizers.UnreadablePage` tells what was made out.
        ConfigError, CheckpointError: what a digitizer needs is not there, or damaged; rows that name no leads.
        PluginError: there is no such digitizer or layout, or it is broken.
    """
    page = _checked(page if isinstance(page, PagePicture) else PagePicture("page", page))
    options = digitizers or PluginOptions(KIND)
    request = ReadingRequest(layouts=layouts_named(layout), settings=settings, sampling_rate_hz=sampling_rate_hz)
    if method == AUTO:
        used, reading = _read_by_best(page, request, options)
    else:
        used = find_digitizer(options.choose(method))
        reading = used.read(page, request)
    return build_digitization(page, reading, method=used.name, sampling_rate_hz=sampling_rate_hz, fit_limbs=fit_limbs)


@attrs.frozen
class NamedDigitizer:
    """A digitizer that is ready to read. Whatever it does against its contract is told as `PluginBroken`.

    Attributes:
        name: name that it is registered by.
        digitizer: the digitizer itself.
    """

    name: str
    digitizer: Digitizer

    def can_read(self, page: PagePicture) -> float:
        """How well it suits a page, 0 to 1.

        Raises:
            PluginBroken: it fails, or answers with something else.
        """
        try:
            with guarded(_title(self.name), "can_read"):
                return float(self.digitizer.can_read(page))
        except PluginBroken:
            raise
        except Exception as error:
            raise _broken(self.name, "can_read", error) from error

    def read(self, page: PagePicture, request: ReadingRequest) -> Reading:
        """Read a page.

        Raises:
            UnreadablePage: the page cannot be read.
            PluginBroken: it fails in a way that it should not, or returns no sound reading.
        """
        try:
            with guarded(_title(self.name), "read"):
                reading = self.digitizer.read(page, request)
            if not isinstance(reading, Reading):
                raise TypeError(f"a Reading is to be returned, found {type(reading).__name__}")
        except DataError as error:
            raise UnreadablePage.of(error, method=self.name) from error
        except EcgError:
            raise
        except Exception as error:
            raise _broken(self.name, "read", error) from error
        return reading


def find_digitizer(choice: Choice) -> NamedDigitizer:
    """A digitizer made of its options, once a process.

    Raises:
        PluginError: it is absent, ambiguous or broken.
        EcgError: what it says itself of what is missing.
    """
    try:
        hash(choice)
    except TypeError:  # options that hold a list or a mapping
        return _make(choice)
    return _make_once(choice)


def ready_digitizers(method: str, options: PluginOptions) -> list[NamedDigitizer]:
    """The digitizers that a method may use, made of their options; those that are broken are told and passed over.

    Args:
        method: name of one, which is then the only one, or ``auto``.
        options: options of the digitizers by name; one that has some of its own is wanted, and may not be broken.

    Raises:
        PluginError: one that is named or has options is absent or broken, or none is left.
        EcgError: what a digitizer says itself of what is missing.
    """
    if method != AUTO:
        return [find_digitizer(options.choose(method))]
    ready: list[NamedDigitizer] = []
    for name, entry in registry().to_choose_from(KIND).items():
        wanted = entry.name in options.given
        try:
            choice = Choice(KIND, name, options.given[entry.name]) if wanted else default_choice(KIND, name)
            ready.append(find_digitizer(choice))
        except PluginError as error:
            if wanted:
                raise
            registry().leave_out(error)
    if not ready:
        raise PluginError(f"no digitizer can be used; `ecg list {KIND}` and `ecg doctor` say why")
    return ready


def layouts_named(layout: str | Layout) -> Mapping[str, Layout]:
    """Layouts that a page may have, by name: every one that is installed for ``auto``.

    Raises:
        ConfigError: rows that name no leads.
        PluginError: no such layout.
    """
    if layout == AUTO:
        installed = {name.rpartition(":")[2]: each for name, each in installed_layouts().items()}
        return installed if len(installed) > 1 else {}  # a single one would be taken for granted
    known = layout if isinstance(layout, Layout) else find_layout(layout)
    return {known.name: known}


def _read_by_best(page: PagePicture, request: ReadingRequest, options: PluginOptions) -> tuple[NamedDigitizer, Reading]:
    """The reading of the first digitizer that can read a page, the one that suits it best tried first.

    Raises:
        DataError: none can; it says what the last one said, and which were broken.
        PluginBroken: the only ones that suit the page are broken.
    """
    complaint: DataError | None = None
    broken: list[PluginBroken] = []
    for each in _in_order(page, ready_digitizers(AUTO, options)):
        try:
            return each, each.read(page, request)
        except DataError as error:
            log.info("%s is not read by %s: %s", page.name, each.name, error)
            complaint = error
        except PluginBroken as error:
            _warn_once(str(error))
            broken.append(error)
    if complaint and broken:
        raise UnreadablePage.of(complaint, f"{complaint}; and {'; '.join(map(str, broken))}") from complaint
    if complaint or broken:
        raise complaint or broken[0]
    raise DataError(f"no installed digitizer reads such pages as {page.name}; `ecg list {KIND}` shows those there are")


def _in_order(page: PagePicture, digitizers: list[NamedDigitizer]) -> list[NamedDigitizer]:
    """Those that suit a page, the best first; of equal ones the first by name."""
    suits: dict[str, float] = {}
    for each in digitizers:
        try:
            suits[each.name] = each.can_read(page)
        except PluginBroken as error:
            _warn_once(str(error))
    fit = [each for each in digitizers if suits.get(each.name, 0.0) > 0]
    return sorted(fit, key=lambda each: -suits[each.name])


def _checked(page: PagePicture) -> PagePicture:
    image = page.image
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
        raise DataError(f"a page is uint8 RGB of shape (height, width, 3), found {image.dtype} {image.shape}")
    height, width = image.shape[:2]
    if min(height, width) < MIN_SIDE_PX:
        raise DataError(f"the picture has {width} x {height} pixels; a page needs at least {MIN_SIDE_PX} on each side")
    return page


def _make(choice: Choice) -> NamedDigitizer:
    try:
        made: Any = choice.make()
    except EcgError:
        raise
    except Exception as error:
        raise _broken(choice.name, "__init__", error) from error
    if not all(callable(getattr(made, name, None)) for name in ("can_read", "read")):
        raise PluginBroken(f"{_title(choice.name)} is broken: {type(made).__name__} has no can_read and read")
    return NamedDigitizer(choice.name, made)


@cache
def _make_once(choice: Choice) -> NamedDigitizer:
    return _make(choice)


@cache
def _warn_once(text: str) -> None:
    log.warning("%s", text)


def _broken(name: str, what: str, error: Exception) -> PluginBroken:
    return PluginBroken(
        f"{_title(name)} is broken: {what} failed with {one_line(error)}. Tell its authors, or name another one by "
        f"--method (`ecg list {KIND}`)."
    )


def _title(name: str) -> str:
    entry = registry().find(KIND, name)
    return f"The {entry.title}"
