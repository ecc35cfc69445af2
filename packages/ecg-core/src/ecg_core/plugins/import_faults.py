"""What a failed import asked of an installed package and did not find there, and what comes nearest to it."""

from __future__ import annotations

import difflib
import pkgutil
import re
import sys
from collections.abc import Iterable
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import attrs
from packaging.utils import canonicalize_name

CANNOT_IMPORT_NAME = re.compile(r"cannot import name '(\w+)' from '([\w.]+)'")
"""How Python words it; its error carries the name as a value only from Python 3.12 on."""

SIBLING_CUTOFF = 0.7
ELSEWHERE_CUTOFF = 0.85
"""How alike, from 0 to 1, a suggestion must be; what stands in another module of the package must be more so."""


@attrs.frozen
class MissingPart:
    """A module or a name that an installed package does not have.

    Attributes:
        module: dotted name of the module that was looked into, for a module that of its parent.
        name: what it does not have.
        is_module: whether a module was asked for, ``import package.name``.
    """

    module: str
    name: str
    is_module: bool

    @property
    def package(self) -> str:
        """The top-level package."""
        return self.module.partition(".")[0]

    @property
    def sentence(self) -> str:
        """``ecg_core has no module ecg_core.contxt (did you mean ecg_core.context?)``."""
        nearest = self._nearest()
        hint = f" (did you mean {nearest}?)" if nearest else ""
        if self.is_module:
            return f"{self.package} has no module {self.module}.{self.name}{hint}"
        return f"{self.module} has no name {self.name}{hint}"

    @property
    def distribution(self) -> str:
        """Name of the distribution that the package belongs to."""
        owners = metadata.packages_distributions().get(self.package)
        return canonicalize_name(owners[0] if owners else self.package)

    @property
    def version(self) -> str:
        """Version of that distribution that is installed."""
        try:
            return metadata.version(self.distribution)
        except metadata.PackageNotFoundError:
            return "this one"

    def _nearest(self) -> str | None:
        module = sys.modules.get(self.module)
        siblings = _submodules(module)
        if not self.is_module:
            public = (name for name in dir(module) if not name.startswith("_"))
            return _closest(self.name, [*public, *siblings], SIBLING_CUTOFF)
        if near := _closest(self.name, siblings, SIBLING_CUTOFF):
            return f"{self.module}.{near}"
        return _closest(f"{self.module}.{self.name}", _all_modules(self.package), ELSEWHERE_CUTOFF)


def missing_part(error: BaseException) -> MissingPart | None:
    """What of an installed package an import asked for in vain; None if it failed for another reason."""
    if isinstance(error, ModuleNotFoundError):
        module, _, name = (error.name or "").rpartition(".")
        found = MissingPart(module, name, is_module=True) if module else None
    elif isinstance(error, ImportError):
        words = CANNOT_IMPORT_NAME.match(str(error))
        found = MissingPart(words[2], words[1], is_module=False) if words else None
    elif isinstance(error, AttributeError) and isinstance(error.obj, ModuleType):
        found = MissingPart(error.obj.__name__, error.name or "", is_module=False)
    else:
        found = None
    return found if found and _is_installed_package(found.package) else None


def _is_installed_package(name: str) -> bool:
    return name not in sys.stdlib_module_names and (name in sys.modules or find_spec(name) is not None)


def _submodules(module: ModuleType | None) -> list[str]:
    return [each.name for each in pkgutil.iter_modules(getattr(module, "__path__", []))]


def _all_modules(package: str) -> list[str]:
    """Dotted names of every module of a package, by its files: nothing is imported."""
    spec = find_spec(package)
    folders = [Path(folder) for folder in (spec and spec.submodule_search_locations) or ()]
    files = [file.relative_to(folder).with_suffix("") for folder in folders for file in folder.rglob("*.py")]
    return [".".join([package, *file.parts]).removesuffix(".__init__") for file in files]


def _closest(name: str, names: Iterable[str], cutoff: float) -> str | None:
    return next(iter(difflib.get_close_matches(name, list(names), n=1, cutoff=cutoff)), None)
