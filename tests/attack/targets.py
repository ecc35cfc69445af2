"""What reads an input of each kind, as a user's command would."""

from __future__ import annotations

from pathlib import Path


def page(path: Path) -> None:
    """Every page of a picture or document is read."""
    from ecg_digitize import digitize, load_pages

    for each in load_pages(path):
        digitize(each)


def record(path: Path) -> None:
    """A record is read, and written in every format that can hold it."""
    from ecg_core import read_record, write_record

    found = read_record(path)
    write_record(found, path.parent / "written" / "again.hea")
    write_record(found, path.parent / "written" / "again.csv")


def configuration(path: Path) -> None:
    """Options of a training and of a rendering are taken from a file."""
    from ecg_core.config import load_config
    from ecg_core.training.demo import DemoConfig

    dump(load_config(DemoConfig, file=path))


def dump(config: object) -> None:
    """A configuration that was read is written to the run folder."""
    from ecg_core.config import dump_yaml

    dump_yaml(config)


def checkpoint(path: Path) -> None:
    """Weights are read from a run folder, an exported file, or a ``.pth``, and imported for a run to go on from."""
    from ecg_core.context import RunContext
    from ecg_core.training.pth import SUFFIX, FromPthConfig, import_pth
    from ecg_core.training.weights import read_weights

    if path.suffix == SUFFIX:
        out = path.parent / "imported"
        out.mkdir()
        import_pth(FromPthConfig(file=str(path)), RunContext(task="training.from_pth", out_dir=out))
        path = out
    read_weights(path).require_task("demo.fit")
