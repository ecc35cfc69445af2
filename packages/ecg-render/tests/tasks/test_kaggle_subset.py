from __future__ import annotations

import sys
import types
import zipfile
from pathlib import Path
from types import SimpleNamespace

import attrs
import pytest

from ecg_core.context import RunContext, TaskResult
from ecg_core.errors import ConfigError, DataError, PluginBroken
from ecg_render.tasks.kaggle_client import Competition, sign_in
from ecg_render.tasks.kaggle_subset import KaggleSubsetConfig, choose_ids, fetch_subset, run

NAME = "physionet-ecg-image-digitization"
IDS = [str(number) for number in range(100, 130)]


class HttpError(OSError):
    """As requests raises it."""

    def __init__(self, status_code: int) -> None:
        super().__init__(f"{status_code} from the server")
        self.response = SimpleNamespace(status_code=status_code)


@attrs.define
class FakeClient:
    """A competition in memory, its files listed three at a time."""

    files: dict[str, bytes]
    fails: dict[str, BaseException] = attrs.Factory(dict)
    zipped: tuple[str, ...] = ()
    asked: list[str] = attrs.Factory(list)

    def authenticate(self) -> None:
        """Always signed in."""

    def competition_list_files(self, competition: str, page_token: str | None, page_size: int) -> SimpleNamespace:
        assert competition == NAME
        start, names = int(page_token or 0), list(self.files)
        listed = [SimpleNamespace(name=name) for name in names[start : start + 3]]
        return SimpleNamespace(files=listed, next_page_token=str(start + 3) if start + 3 < len(names) else "")

    def competition_download_file(
        self, competition: str, file_name: str, *, path: str, force: bool, quiet: bool
    ) -> None:
        print("the client's own words")
        self.asked.append(file_name)
        target = Path(path, file_name)
        target.parent.mkdir(parents=True, exist_ok=True)
        if file_name in self.fails:
            target.write_bytes(b"half")
            raise self.fails[file_name]
        if file_name in self.zipped:
            with zipfile.ZipFile(f"{target}.zip", "w") as archive:
                archive.writestr(target.name, self.files[file_name])
        else:
            target.write_bytes(self.files[file_name])


@pytest.fixture
def client() -> FakeClient:
    table = "id,fs,sig_len\n" + "".join(f"{each},500,5000\n" for each in IDS)
    files = {"train.csv": table.encode(), "test/100.png": b"not of the training set"}
    for each in IDS:
        for suffix in (".csv", "-0001.png", "-0005.png"):
            files[f"train/{each}/{each}{suffix}"] = f"{each}{suffix}".encode()
    return FakeClient(files)


def fetch(client: FakeClient, out_dir: Path, *, seed: int = 0, **options: object) -> TaskResult:
    config = KaggleSubsetConfig(**{"num_records": 3} | options)
    return fetch_subset(Competition(name=NAME, client=client), config, out_dir=out_dir, seed=seed)


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_records_arrive_whole_with_every_picture_and_nothing_beside_them(client: FakeClient, tmp_path: Path) -> None:
    result = fetch(client, tmp_path)
    found = files_in(tmp_path)
    assert result.summary["files fetched"] == 9
    assert not result.failures
    assert len(found) == 10
    assert all(client.files[name] == content for name, content in found.items())
    chosen = {name.split("/")[1] for name in found if name != "train.csv"}
    assert len(chosen) == 3
    assert all(f"train/{each}/{each}{end}" in found for each in chosen for end in (".csv", "-0001.png", "-0005.png"))


def test_only_the_pictures_asked_for_arrive_and_need_no_listing(
    client: FakeClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(FakeClient, "competition_list_files")
    fetch(client, tmp_path, pictures=("0005",))
    assert {name[-8:] for name in files_in(tmp_path) if name.endswith(".png")} == {"0005.png"}


def test_what_is_there_is_not_fetched_again(client: FakeClient, tmp_path: Path) -> None:
    fetch(client, tmp_path)
    gone = next(tmp_path.rglob("*-0001.png"))
    gone.unlink()
    client.asked.clear()
    assert fetch(client, tmp_path).summary["already there"] == 8
    assert client.asked == [gone.relative_to(tmp_path).as_posix()]
    client.asked.clear()
    fetch(client, tmp_path, overwrite=True)
    assert len(client.asked) == 10


def test_a_file_that_fails_is_named_and_leaves_nothing_while_the_others_arrive(
    client: FakeClient, tmp_path: Path
) -> None:
    bad = choose_ids(IDS, 3, 0)[1]
    name = f"train/{bad}/{bad}-0001.png"
    client.fails[name] = HttpError(404)
    (failure,) = fetch(client, tmp_path).failures
    assert failure.item == name
    assert "no such file" in failure.reason
    assert len(files_in(tmp_path)) == 9
    assert name not in files_in(tmp_path)


def test_a_packed_file_is_unpacked(client: FakeClient, tmp_path: Path) -> None:
    client.zipped = ("train.csv",)
    fetch(client, tmp_path)
    assert files_in(tmp_path)["train.csv"] == client.files["train.csv"]


def test_a_greater_subset_holds_the_smaller_and_another_seed_chooses_others() -> None:
    few, many = choose_ids(IDS, 5, 7), choose_ids(IDS, 12, 7)
    assert many[:5] == few
    assert choose_ids(reversed(IDS), 5, 7) == few
    assert set(choose_ids(IDS, 5, 8)) != set(few)


def test_more_records_than_there_are_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    assert sorted(choose_ids(IDS, 99, 0)) == IDS
    assert "99" in caplog.text


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (HttpError(401), "KAGGLE_API_TOKEN"),
        (HttpError(403), f"https://www.kaggle.com/competitions/{NAME}/rules"),
        (HttpError(404), "no competition"),
        (HttpError(429), "Wait"),
        (ConnectionError("no route"), "network"),
        (TimeoutError("slow"), "network"),
        (SystemExit(1), "SystemExit"),
    ],
)
def test_every_refusal_says_what_to_do(client: FakeClient, tmp_path: Path, error: BaseException, advice: str) -> None:
    client.fails["train.csv"] = error
    with pytest.raises(DataError, match=r"train\.csv") as caught:
        fetch(client, tmp_path)
    assert advice in str(caught.value)
    assert files_in(tmp_path) == {}


@pytest.mark.parametrize("table", [b"name\n1\n", b"id\n../../etc\n", b"id\n", b"\xff\xfe\x00"])
def test_a_table_that_is_none_is_an_error(client: FakeClient, tmp_path: Path, table: bytes) -> None:
    client.files["train.csv"] = table
    with pytest.raises(DataError, match=r"train\.csv"):
        fetch(client, tmp_path)


def install_kaggle(monkeypatch: pytest.MonkeyPatch, authenticate: object) -> None:
    """A stand-in for the package, with that way of signing in."""
    module = types.ModuleType("kaggle.api.kaggle_api_extended")
    module.KaggleApi = type("KaggleApi", (), {"authenticate": authenticate})  # type: ignore[attr-defined]
    for name in ("kaggle", "kaggle.api"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    monkeypatch.setitem(sys.modules, module.__name__, module)


def test_without_the_package_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "kaggle.api.kaggle_api_extended", None)
    with pytest.raises(PluginBroken, match=r"pip install 'ecg-render\[kaggle\]'"):
        sign_in()


@pytest.mark.parametrize("error", [SystemExit(1), OSError("Could not find kaggle.json"), ValueError("no token")])
def test_without_a_token_the_message_says_where_to_get_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: BaseException
) -> None:
    def authenticate(_self: object) -> None:
        print("Authentication required")
        raise error

    install_kaggle(monkeypatch, authenticate)
    with pytest.raises(DataError, match=r"kaggle\.com/settings.*KAGGLE_API_TOKEN.*kaggle\.json"):
        sign_in()
    assert capsys.readouterr().out == ""


def test_signing_in_without_a_network_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def authenticate(_self: object) -> None:
        raise ConnectionError("no route")

    install_kaggle(monkeypatch, authenticate)
    with pytest.raises(DataError, match="network"):
        sign_in()


def test_a_picture_number_without_four_digits_is_refused_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="pictures"):
        run(KaggleSubsetConfig(pictures=("1",)), RunContext(task="render.kaggle_subset", out_dir=tmp_path))


def test_a_damaged_archive_is_named(client: FakeClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def download(_self: object, _competition: str, file_name: str, *, path: str, **_options: object) -> None:
        Path(path, f"{file_name}.zip").write_bytes(b"no archive")

    monkeypatch.setattr(FakeClient, "competition_download_file", download)
    with pytest.raises(DataError, match=r"train\.csv.*damaged"):
        fetch(client, tmp_path)
