"""The pictures that an evaluation compares: real ones of both parts of a split, and samples of every checkpoint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs

from ecg_core.context import Failure
from ecg_core.errors import DataError
from ecg_diffusion.evaluation.pictures import Pictures, class_and_name, read_pictures
from ecg_diffusion.images.folders import find_classes
from ecg_diffusion.images.split import Names, Split


@attrs.frozen(kw_only=True, eq=False)
class Study:
    """The pictures of a study.

    Attributes:
        labels: names of the classes.
        train: real pictures that the generator may have learned from.
        test: real pictures that it has not seen.
        samples: samples by the name of their checkpoint.
        failures: pictures that could not be read.
    """

    labels: Sequence[str]
    train: Pictures
    test: Pictures
    samples: Mapping[str, Pictures]
    failures: Sequence[Failure]


def read_study(images: Path, split: Path, samples: Path | None, side_px: int) -> Study:
    """Read all pictures of a study, reduced to one side.

    Args:
        images: folder of a folder a class.
        split: file of `diffusion.split`.
        samples: folder of `diffusion.sample`, or of class folders; None where there are none yet.
        side_px: side of the pictures in memory.

    Raises:
        DataError: folder or split is missing or damaged, classes differ, or a test picture is also a sample, or a
            picture to train on.
    """
    parts = Split.read(split)
    _require_classes(split, parts)
    parts.require_no_copies(images)
    labels = list(parts.train)
    train, failures = read_pictures(_paths(images, parts.train, labels), side_px)
    test, failed = read_pictures(_paths(images, parts.test, labels), side_px)
    failures += failed
    _require_unseen(test, train, "pictures to train on")
    found: dict[str, Pictures] = {}
    for name, classes in find_checkpoints(samples, labels).items() if samples else ():
        found[name], failed = read_pictures(classes, side_px)
        failures += failed
        _require_unseen(test, found[name], f"samples of {name}")
    return Study(labels=labels, train=train, test=test, samples=found, failures=failures)


def find_checkpoints(samples: Path, labels: Sequence[str]) -> dict[str, dict[str, list[Path]]]:
    """Find the samples by checkpoint and class, the classes in the order of ``labels``.

    Class folders that lie in ``samples`` itself are one checkpoint, of the name of that folder.

    Raises:
        DataError: there are none, or their classes differ.
    """
    if not samples.is_dir():
        raise DataError(f"{samples}: there is no such folder; `ecg run diffusion.sample` makes it")
    inside = sorted(path for path in samples.iterdir() if path.is_dir() and not path.name.startswith("."))
    has_classes = any(path.name in labels for path in inside)
    folders = [] if has_classes else [path for path in inside if _has_folders(path)]
    return {folder.name: _classes_of(folder, labels) for folder in folders or [samples]}


def _has_folders(path: Path) -> bool:
    return any(each.is_dir() and not each.name.startswith(".") for each in path.iterdir())


def _classes_of(folder: Path, labels: Sequence[str]) -> dict[str, list[Path]]:
    """Find the pictures by class.

    Raises:
        DataError: the classes are not those of the split.
    """
    found = find_classes(folder)
    missing = [label for label in labels if label not in found]
    unknown = [label for label in found if label not in labels]
    if missing or unknown:
        faults = [f"no folder with pictures of {', '.join(missing)}"] if missing else []
        faults += [f"the folders {', '.join(unknown)} are of no class of the split"] if unknown else []
        raise DataError(
            f"{folder}: {'; '.join(faults)}. The classes are {', '.join(labels)}: sample every one of them, "
            "into folders of their names"
        )
    return {label: found[label] for label in labels}


def _paths(images: Path, names: Names, labels: Sequence[str]) -> dict[str, list[Path]]:
    return {label: [images / label / name for name in names[label]] for label in labels}


def _require_classes(path: Path, split: Split) -> None:
    if odd := sorted({*split.train} ^ {*split.test}):
        raise DataError(f"{path}: {', '.join(odd)} in one part only; both need pictures of every class: split again")
    if len(split.train) < 2:
        raise DataError(f"{path}: a classifier needs at least 2 classes, found {len(split.train)}")


def _require_unseen(test: Pictures, known: Pictures, what: str) -> None:
    """Refuse test pictures that occur elsewhere, pixel for pixel.

    Raises:
        DataError: there are some.
    """
    tested = dict(zip(test.digests, test.paths, strict=True))
    copies = [
        (path, tested[digest]) for path, digest in zip(known.paths, known.digests, strict=True) if digest in tested
    ]
    if copies:
        first, own = copies[0]
        raise DataError(
            f"{len(copies)} {what} are copies of pictures of the test ({first} of {class_and_name(own)}), so it "
            "would measure memory; the generator may only learn from the part train of the split"
        )
