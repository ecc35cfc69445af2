"""What a segmenter tells apart: the sets of classes, by the name that `render.crops` gives their masks."""

from __future__ import annotations

import attrs

from ecg_core.errors import ConfigError


@attrs.frozen
class ClassSet:
    """A set of classes.

    Attributes:
        kind: its name.
        names: of the classes; the mask's values count through them.
        weights: of the classes in a weighted cross-entropy, rare and thin ones more.
    """

    kind: str
    names: tuple[str, ...]
    weights: tuple[float, ...]

    @property
    def num_outputs(self) -> int:
        """Channels of the network: one for a set of two classes, where the sign decides."""
        return 1 if len(self.names) == 2 else len(self.names)


CLASS_SETS = {
    each.kind: each
    for each in (
        ClassSet(
            "classes",
            ("background", "horizontal", "vertical", "intersection", "waveform"),
            (1.0, 10.0, 10.0, 100.0, 50.0),
        ),
        ClassSet("grid-wave", ("background", "grid", "waveform"), (1.0, 10.0, 50.0)),
        ClassSet("grid", ("background", "grid"), (1.0, 10.0)),
        ClassSet("wave", ("background", "waveform"), (1.0, 50.0)),
    )
}


def class_set(kind: str) -> ClassSet:
    """A set of classes by name.

    Raises:
        ConfigError: no set has the name.
    """
    if kind not in CLASS_SETS:
        raise ConfigError(f"classes: no set is called {kind!r}; there are {', '.join(CLASS_SETS)}")
    return CLASS_SETS[kind]
