"""Task `diffusion.split`: split class folders into training and test, once for the whole study."""

from __future__ import annotations

from pathlib import Path

import attrs

from ecg_core.config import option
from ecg_core.context import Failure, RunContext, TaskResult
from ecg_core.errors import ConfigError
from ecg_diffusion.images.folders import find_classes, read_images
from ecg_diffusion.images.split import Split

FILE = "split.json"


@attrs.frozen(kw_only=True)
class SplitConfig:
    """Options of `diffusion.split`."""

    images: Path | None = option(None, help="folder of a folder of pictures a class, ID_1 … ID_N")
    per_class: int = option(50, help="pictures of each class to train on; the rest is to test on", minimum=1)


def run(config: SplitConfig, context: RunContext) -> TaskResult:
    """Write ``split.json``: pictures that cannot be read are named and left out of it.

    Raises:
        ConfigError: no folder is named.
        DataError: there are no class folders, a class has too few pictures, or one has a copy in the other part.
    """
    if config.images is None:
        raise ConfigError("images: name the folder that has a folder of pictures a class")
    failures: list[Failure] = []
    classes: dict[str, list[Path]] = {}
    for label, files in find_classes(config.images).items():
        found, damaged = read_images(files)
        classes[label] = list(found)
        failures += [Failure.from_error(str(path), error) for path, error in damaged.items()]
    split = Split.draw(classes, per_class=config.per_class, seed=context.seed)
    split.require_no_copies(config.images)
    split.write(context.out_dir / FILE)
    counts = {part: sum(map(len, names.values())) for part, names in (("train", split.train), ("test", split.test))}
    return TaskResult(summary={"classes": len(classes), **counts}, failures=failures)
