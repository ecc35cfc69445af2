from __future__ import annotations

import json
from pathlib import Path

import attrs
import numpy as np
import pytest

from ecg_core.config.choice import default_choice
from ecg_core.context import RunContext, TaskResult
from ecg_core.errors import ConfigError, DataError
from ecg_core.formats import write_record
from ecg_core.synthetic import synthesize_record
from ecg_diffusion.gait.people import person, walk_image
from ecg_diffusion.images.folders import find_classes, read_image
from ecg_diffusion.images.scalogram import scalogram
from ecg_diffusion.tasks import make_ecg, make_gait, split
from ecg_diffusion.tasks.make_ecg import MakeEcgConfig
from ecg_diffusion.tasks.make_gait import MakeGaitConfig
from ecg_diffusion.tasks.split import SplitConfig


def context(task: str, out_dir: Path, seed: int = 0) -> RunContext:
    out_dir.mkdir(exist_ok=True)
    return RunContext(task=task, out_dir=out_dir, seed=seed)


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("people")
    make_gait.run(MakeGaitConfig(people=3, walks=4), context("diffusion.make_gait", folder, seed=5))
    return folder


def test_every_person_has_a_folder_of_walks(people: Path) -> None:
    found = find_classes(people)
    assert list(found) == ["ID_1", "ID_2", "ID_3"]
    assert {len(walks) for walks in found.values()} == {4}


def test_walks_follow_from_the_seed_and_stay_where_more_are_made(people: Path, tmp_path: Path) -> None:
    make_gait.run(MakeGaitConfig(people=2, walks=2), context("diffusion.make_gait", tmp_path, seed=5))
    kept = (tmp_path / "ID_1/0000.png").stat().st_mtime_ns
    two = default_choice("executors", "processes", {"workers": 2})
    make_gait.run(MakeGaitConfig(people=3, walks=4, executor=two), context("diffusion.make_gait", tmp_path, seed=5))
    assert (tmp_path / "ID_1/0000.png").stat().st_mtime_ns == kept
    for label, walks in find_classes(people).items():
        for walk in walks:
            np.testing.assert_array_equal(read_image(walk), read_image(tmp_path / label / walk.name))


def test_walks_of_one_person_are_more_alike_than_those_of_two() -> None:
    """By the share of time at each Doppler shift, which says nothing of when the walk began."""
    rng = np.random.default_rng(0)
    spectra = np.array(
        [[walk_image(person(number, 2), rng).mean(axis=(1, 2)) for _ in range(4)] for number in range(1, 6)]
    )
    within = np.mean([np.linalg.norm(each[0] - other) for each in spectra for other in each[1:]])
    between = np.mean(
        [np.linalg.norm(each[0] - other[0]) for each in spectra for other in spectra if each is not other]
    )
    assert between > 1.5 * within


def test_a_split_is_written_and_damaged_pictures_are_named_and_left_out(people: Path, tmp_path: Path) -> None:
    images = tmp_path / "images"
    for label, walks in find_classes(people).items():
        (images / label).mkdir(parents=True)
        for walk in walks:
            (images / label / walk.name).write_bytes(walk.read_bytes())
    (images / "ID_2/torn.png").write_bytes(b"\x89PNG")
    result = split.run(SplitConfig(images=images, per_class=3), context("diffusion.split", tmp_path / "out"))
    assert [Path(failure.item).name for failure in result.failures] == ["torn.png"]
    content = json.loads((tmp_path / "out/split.json").read_text())
    assert [len(content[part]["ID_2"]) for part in ("train", "test")] == [3, 1]


def test_no_folder_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="images: name the folder"):
        split.run(SplitConfig(), context("diffusion.split", tmp_path))


class TestMakeEcg:
    def made(self, folder: Path, out: Path, **changes: object) -> TaskResult:
        for label, seed in (("NORM", 1), ("NORM", 2), ("AF", 3)):
            write_record(synthesize_record(seed=seed), folder / f"{label}/r{seed}.npz")
        config = MakeEcgConfig(records=(str(folder),), **changes)  # type: ignore[arg-type]
        return make_ecg.run(config, context("diffusion.make_ecg", out))

    def test_a_folder_is_a_class_and_three_leads_are_three_colours(self, tmp_path: Path) -> None:
        assert self.made(tmp_path / "data", tmp_path / "out").summary == {"images": {"AF": 1, "NORM": 2}}
        record = synthesize_record(seed=3)
        image = read_image(tmp_path / "out/AF/r3-0.png")
        for channel, lead in enumerate(("II", "V1", "V5")):
            expected = scalogram(record.lead_mv(lead), record.sampling_rate_hz, lowest_hz=0.5, highest_hz=60)
            np.testing.assert_allclose(image[..., channel] / 255, expected, atol=0.01)

    def test_longer_recordings_give_several_images(self, tmp_path: Path) -> None:
        assert self.made(tmp_path / "data", tmp_path / "out", window_s=3).summary["images"] == {"AF": 3, "NORM": 6}

    def test_a_table_says_the_class_and_recordings_of_several_are_left_out(self, tmp_path: Path) -> None:
        data, table = tmp_path / "data", tmp_path / "index.csv"
        rows = [f"{data}/NORM/r1.npz,MI", f"{data}/NORM/r2.npz,MI;AF"]
        table.write_text("\n".join(["location,classes", *rows]) + "\n")
        assert self.made(data, tmp_path / "out", table=table).summary == {"images": {"MI": 1}, "left out": 2}

    @pytest.mark.parametrize("label", ["..", ".", "../MI", "/etc", "a/b", "..\\..", "MI"])
    def test_no_class_leads_out_of_the_run_folder(self, tmp_path: Path, label: str) -> None:
        data, table = tmp_path / "data", tmp_path / "index.csv"
        table.write_text(f"location,classes\n{data}/NORM/r1.npz,{label}\n")
        self.made(data, tmp_path / "out", table=table)
        assert [path.parent.parent for path in tmp_path.rglob("r1-0.png")] == [tmp_path / "out"]

    def test_a_recording_without_a_lead_or_with_a_gap_is_named_and_stops_no_other(self, tmp_path: Path) -> None:
        record = synthesize_record(seed=4)
        write_record(record.select(["I", "II"]), tmp_path / "data/AF/few.npz")
        torn = record.signal_mv.copy()
        torn[1, 2000:2100] = np.nan
        write_record(attrs.evolve(record, signal_mv=torn), tmp_path / "data/AF/torn.npz")
        result = self.made(tmp_path / "data", tmp_path / "out")
        reasons = {Path(failure.item).name: failure.reason for failure in result.failures}
        assert "without V1, V5; it has I, II" in reasons["few.npz"]
        assert "no 10 s in which II, V1, V5 were recorded" in reasons["torn.npz"]
        assert result.summary["images"] == {"AF": 1, "NORM": 2}

    def test_wrong_options_are_told(self, tmp_path: Path) -> None:
        for changes, complaint in (
            ({"leads": ("II",)}, "leads: 3, for red"),
            ({"lowest_hz": 70.0}, "lowest_hz: must be below"),
        ):
            with pytest.raises(ConfigError, match=complaint):
                self.made(tmp_path / "data", tmp_path / "out", **changes)
        (tmp_path / "t.csv").write_text("a,b\n1,2\n")
        with pytest.raises(DataError, match="expected the columns location and classes"):
            self.made(tmp_path / "data", tmp_path / "out", table=tmp_path / "t.csv")
