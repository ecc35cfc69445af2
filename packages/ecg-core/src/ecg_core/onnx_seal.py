"""A digest at the end of an ONNX file, by which a change of a single bit is found.

It is one more entry of the model's metadata, appended as a protobuf field of its own, which every reader of ONNX takes
for what it is. Files made before, and those of others, have none.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from ecg_core.errors import CheckpointError

KEY = b"ecg-sha256"
_DIGITS = 64
_METADATA_PROPS = 14 << 3 | 2
"""Number of ``ModelProto.metadata_props`` and the kind of its values, as protobuf writes them."""


def seal(content: bytes) -> bytes:
    """A model with its digest appended."""
    return content + _field(content)


def seal_file(path: Path) -> None:
    """Append its digest to a file."""
    path.write_bytes(seal(path.read_bytes()))


def check_file(path: Path) -> None:
    """Compare a file with its digest, if it has one.

    Raises:
        CheckpointError: it is damaged, or cannot be read.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error.strerror or error}") from error
    size = len(_field(b""))
    body, end = content[:-size], content[-size:]
    has_digest = end[:-_DIGITS] == _field(b"")[:-_DIGITS]
    if has_digest and end != _field(body):
        raise CheckpointError(f"{path} is damaged: its content does not have the digest that it was written with")


def _field(content: bytes) -> bytes:
    """The entry of the metadata with the digest of some content."""
    value = sha256(content).hexdigest().encode()
    entry = bytes((0x0A, len(KEY))) + KEY + bytes((0x12, len(value))) + value
    return bytes((_METADATA_PROPS, len(entry))) + entry
