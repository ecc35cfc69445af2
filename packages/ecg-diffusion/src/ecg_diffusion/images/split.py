"""The split of a study: pictures that a generator may learn from, and pictures that only the evaluation sees."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Self

import attrs
import numpy as np

from ecg_core.atomic import atomic_write_text
from ecg_core.errors import DataError

TRAIN, TEST = "train", "test"
MAX_NAMED = 3

Names = Mapping[str, Sequence[str]]
"""File names by class."""


@attrs.frozen(kw_only=True)
class Split:
    """Pictures split into training and test.

    Attributes:
        seed: seed of the split.
        train, test: names of their files, by class.
    """

    seed: int
    train: Names
    test: Names

    @classmethod
    def draw(cls, classes: Mapping[str, Sequence[Path]], *, per_class: int, seed: int) -> Self:
        """Draw a number of pictures of each class to train on; the rest is to test on.

        Raises:
            DataError: a class has no more pictures than that, so that none would be left to test on.
        """
        short = [f"{name} has {len(files)}" for name, files in classes.items() if len(files) <= per_class]
        if short:
            raise DataError(
                f"{per_class} pictures of each class to train on leave none to test on: {_some(short)}; "
                "ask for fewer, or add pictures"
            )
        train, test = {}, {}
        for number, (name, files) in enumerate(classes.items()):
            order = np.random.default_rng((seed, number)).permutation(len(files))
            train[name] = sorted(files[place].name for place in order[:per_class])
            test[name] = sorted(files[place].name for place in order[per_class:])
        return cls(seed=seed, train=train, test=test)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a split that was written.

        Raises:
            DataError: it is missing, damaged, or has a picture in both parts.
        """
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            found = cls(seed=int(content["seed"]), **{part: _names(content[part]) for part in (TRAIN, TEST)})
        except FileNotFoundError:
            raise DataError(f"{path}: there is no such split; `ecg run diffusion.split` makes it") from None
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise DataError(f"{path}: no split of pictures, or damaged: {error}") from error
        both = [
            f"{name}/{file}" for name, files in found.train.items() for file in {*files} & {*found.test.get(name, ())}
        ]
        if both:
            raise DataError(f"{path}: in both parts, so that the test would know them: {_some(sorted(both))}")
        return found

    def write(self, path: Path) -> None:
        """Write it as JSON, whole or not at all."""
        atomic_write_text(path, json.dumps(attrs.asdict(self), indent=2) + "\n")

    def require_no_copies(self, folder: Path) -> None:
        """Refuse a split whose test has a copy of a picture that is trained on, of any class.

        Raises:
            DataError: there is one, or a file cannot be read.
        """
        learned: dict[str, str] = {digest: name for name, digest in _digests(folder, self.train)}
        copies = defaultdict(list)
        for name, digest in _digests(folder, self.test):
            if digest in learned:
                copies[learned[digest]].append(name)
        if copies:
            pairs = [f"{others[0]} of {name}" for name, others in copies.items()]
            raise DataError(
                f"{folder}: the test has copies of pictures that are trained on, so it would measure memory: "
                f"{_some(pairs)}; remove the copies and split again"
            )


def _digests(folder: Path, names: Names) -> Iterator[tuple[str, str]]:
    for label, files in names.items():
        for file in files:
            try:
                yield f"{label}/{file}", sha256((folder / label / file).read_bytes()).hexdigest()
            except OSError as error:
                raise DataError(f"{folder / label / file}: of the split, and cannot be read: {error}") from error


def _names(content: object) -> dict[str, list[str]]:
    if not isinstance(content, dict):
        raise TypeError(f"expected file names by class, found {type(content).__name__}")
    return {str(label): [str(file) for file in files] for label, files in content.items()}


def _some(items: Sequence[str]) -> str:
    shown = ", ".join(items[:MAX_NAMED])
    return f"{shown} and {len(items) - MAX_NAMED} more" if len(items) > MAX_NAMED else shown
