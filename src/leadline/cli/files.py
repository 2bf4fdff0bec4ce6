"""Files that a command writes about customers: their owner's alone from the first byte."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

from leadline.errors import SettingError


def create(file: Path) -> BinaryIO:
    """A file that is not there yet; raises SettingError."""
    return _opened(file, os.O_EXCL, ". Name a new file")


def write_over(file: Path) -> BinaryIO:
    """A new file, or one that is there, which keeps its rights; raises SettingError."""
    return _opened(file, os.O_TRUNC, "")


def _opened(file: Path, flag: int, advice: str) -> BinaryIO:
    try:
        return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | flag, 0o600), "wb")
    except OSError as error:
        raise SettingError(f"{file} cannot be written: {error.strerror}{advice}") from error
