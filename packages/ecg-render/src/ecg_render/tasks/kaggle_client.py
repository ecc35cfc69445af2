"""A competition's files through Kaggle's own client, with errors that say what to do."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import attrs

from ecg_core.atomic import atomic_path
from ecg_core.errors import DataError, PluginBroken

FILES_PER_LISTING = 200

CLIENT_MODULE = "kaggle.api.kaggle_api_extended"
"""Imported when it is needed: it signs in, and may end the process, as soon as it is imported."""

EXTRA = "ecg-render[kaggle]"

HOW_TO_GIVE_A_TOKEN = (
    "Make one at https://www.kaggle.com/settings/api (a free account does). Then set the environment variable "
    "KAGGLE_API_TOKEN to it, or write it to ~/.kaggle/access_token; an older key goes to ~/.kaggle/kaggle.json, or to "
    "KAGGLE_USERNAME and KAGGLE_KEY"
)


class KaggleClient(Protocol):
    """The part of `kaggle.api.kaggle_api_extended.KaggleApi` that is used here."""

    def authenticate(self) -> None:
        """Sign in with the user's token; prints advice and leaves the process where there is none."""

    def competition_list_files(self, competition: str, page_token: str | None, page_size: int) -> Any:
        """One page of the listing, with ``files`` that have a ``name``, and ``next_page_token``."""

    def competition_download_file(
        self, competition: str, file_name: str, *, path: str, force: bool, quiet: bool
    ) -> None:
        """Download one file to a folder; a large one arrives as a zip archive."""


@attrs.frozen(kw_only=True)
class Competition:
    """A Kaggle competition.

    Attributes:
        name: as in its address.
        client: signed in.
    """

    name: str
    client: KaggleClient

    def file_names(self) -> Iterator[str]:
        """The path of every file, in the order in which Kaggle lists them.

        Raises:
            DataError: Kaggle refuses, or cannot be reached.
        """
        page_token: str | None = None
        while True:
            with self._explained("the list of its files"):
                listing = self.client.competition_list_files(self.name, page_token, FILES_PER_LISTING)
            yield from (file.name for file in listing.files)
            page_token = listing.next_page_token
            if not page_token:
                return

    def download(self, file_name: str, target: Path) -> None:
        """Fetch one file, whole or not at all.

        Raises:
            DataError: Kaggle refuses or cannot be reached, or what arrived is damaged.
        """
        target.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".kaggle-", dir=target.parent) as folder:
            with self._explained(file_name):
                self.client.competition_download_file(self.name, file_name, path=folder, force=True, quiet=True)
            arrived = _arrived(Path(folder), file_name)
            with atomic_path(target) as aside:
                arrived.replace(aside)

    @contextmanager
    def _explained(self, what: str) -> Iterator[None]:
        """Turn whatever the client raises, or its leaving of the process, into an error that says what to do."""
        try:
            with redirect_stdout(io.StringIO()):
                yield
        except (Exception, SystemExit) as error:
            raise DataError(f"{what}: {explain(error, self.name)}") from error


def sign_in() -> KaggleClient:
    """Kaggle's client with the user's token.

    Raises:
        PluginBroken: the package is not installed.
        DataError: there is no token.
    """
    try:
        with redirect_stdout(io.StringIO()):
            client: KaggleClient = import_module(CLIENT_MODULE).KaggleApi()
            client.authenticate()
    except ImportError as error:
        raise PluginBroken(
            f"The task render.kaggle_subset needs the package kaggle ({error}). Install it: pip install '{EXTRA}'"
        ) from error
    except (Exception, SystemExit) as error:
        if _is_network(error):
            raise DataError(f"{_unreachable()} ({error})") from error
        raise DataError(f"Kaggle's client found no valid token. {HOW_TO_GIVE_A_TOKEN}.") from error
    return client


def explain(error: BaseException, competition: str) -> str:
    """What an error of Kaggle's client means, and what to do about it."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status == 401:
        return f"Kaggle does not accept the token (401). {HOW_TO_GIVE_A_TOKEN}."
    if status == 403:
        return (
            "Kaggle refuses (403), because the rules of the competition have not been accepted with this account. "
            f"Accept them at https://www.kaggle.com/competitions/{competition}/rules and start again."
        )
    if status == 404:
        return (
            f"Kaggle has no such file, or no competition {competition!r} (404). "
            f"See https://www.kaggle.com/competitions/{competition}/data."
        )
    if status == 429:
        return "Kaggle is asked too often (429). Wait a while and start again; what is there is kept."
    if _is_network(error):
        return f"{_unreachable()} ({error})"
    return f"Kaggle's client failed with {type(error).__name__}: {error}. Start again; what is there is kept."


def _is_network(error: BaseException) -> bool:
    """Connection errors and time-outs of requests and of the standard library; requests' own are OSErrors."""
    is_named_so = any(word in type(error).__name__ for word in ("Connection", "Timeout", "SSLError", "ProxyError"))
    return isinstance(error, (ConnectionError, TimeoutError)) or (isinstance(error, OSError) and is_named_so)


def _unreachable() -> str:
    return "https://www.kaggle.com cannot be reached. Check the network and the proxy, and start again; it goes on"


def _arrived(folder: Path, file_name: str) -> Path:
    """The one file that was downloaded, out of its archive where Kaggle packed it.

    Raises:
        DataError: nothing arrived, or the archive is damaged.
    """
    name = Path(file_name).name
    files = [path for path in folder.rglob("*") if path.is_file() and path.name in (name, f"{name}.zip")]
    if not files:
        raise DataError(f"{file_name}: Kaggle's client wrote no such file; start again")
    if files[0].name == name:
        return files[0]
    try:
        with zipfile.ZipFile(files[0]) as archive:
            return Path(archive.extract(name, folder / "unpacked"))
    except (zipfile.BadZipFile, KeyError, OSError) as error:
        raise DataError(f"{file_name}: it arrived as a damaged archive ({error}); start again") from error
