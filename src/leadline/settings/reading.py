"""Reads the settings from `LEADLINE_*` variables or a TOML file, once, at start: `app.py` and the CLI."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from leadline.errors import SettingError, meant
from leadline.settings.checks import checked, in_words
from leadline.settings.known import PREFIX, SECRETS, Settings

NOT_SETTINGS = ("LEADLINE_CONFIG", "LEADLINE_TEST_", "LEADLINE_REQUIRE_")  # where the file is; for the tests
SYSTEM_FILE = Path("/etc/leadline/leadline.toml")  # `leadline init --system` writes it
FOLDERS_FILE = Path("leadline.toml")  # `leadline init` writes it where somebody is
# Kubernetes and container links describe each service to all others by variables. For a service called leadline, or
# leadline-anything, they begin as our settings do (kubernetes.io, Service: environment variables; November 2026).
LINKED = re.compile(r"LEADLINE(_\w+)?_(SERVICE_(HOST|PORT(_\w+)?)|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)")
LINK = re.compile(r"(tcp|udp|sctp)://")


def load(
    environ: Mapping[str, str] = os.environ, file: Path | None = None, system_file: Path | None = SYSTEM_FILE
) -> Settings:
    """Settings from a file, overridden by the environment; raises SettingError.

    The file is `file`, or the one LEADLINE_CONFIG names, or that of `leadline init --system` where there is one.
    """
    path = file or _named_file(environ, system_file)
    values: dict[str, Any] = _read_toml(path) if path else {}
    known = [field.name for field in msgspec.structs.fields(Settings)]
    for name in values:
        if name not in known:
            raise SettingError(f"{name} in {path} is not a setting of Leadline. {meant(name, known)}")
    for name, text in environ.items():
        key = name.removeprefix(PREFIX).lower()
        if not name.startswith(PREFIX) or name.startswith(NOT_SETTINGS) or _links(name, text):
            continue
        if key not in known:
            names = [f"{PREFIX}{each.upper()}" for each in known]
            raise SettingError(f"{name} is not a setting of Leadline. {meant(name, names)}")
        values[key] = text
    return _convert(values)


def _named_file(environ: Mapping[str, str], system_file: Path | None) -> Path | None:
    if environ.get("LEADLINE_CONFIG"):
        return Path(environ["LEADLINE_CONFIG"])
    return system_file if system_file and system_file.exists() else None


def _links(name: str, text: str) -> bool:
    """Whether a variable tells where a service is, and is not meant for us."""
    return bool(LINKED.fullmatch(name)) or (name.endswith("_PORT") and bool(LINK.match(text)))


def require(settings: Settings, *names: str) -> None:
    """Raise SettingError naming every setting of `names` that is empty, always in the same order."""
    empty = [name for name in settings.__struct_fields__ if name in names and not getattr(settings, name)]
    missing = [f"{PREFIX}{name.upper()}" for name in empty]
    if missing:
        them = "them" if len(missing) > 1 else "it"
        raise SettingError(
            f"Missing: {', '.join(missing)}. Set {them} in the environment or in the LEADLINE_CONFIG file."
            f"{_next_step()}"
        )


def _next_step() -> str:
    """A word about the file that `leadline init` wrote here and that nothing says to read, or would write."""
    if "LEADLINE_CONFIG" in os.environ:
        return ""
    if FOLDERS_FILE.exists():
        return f" {FOLDERS_FILE} in this folder was not read: export LEADLINE_CONFIG=$PWD/{FOLDERS_FILE}"
    return "" if SYSTEM_FILE.exists() else " `leadline init` asks for what is needed and writes such a file."


def needed(settings: Settings) -> tuple[str, ...]:
    """Names of the settings without which Leadline does not start. Intercom can be connected while it runs."""
    return ("secret_key", "public_url", *(("intercom_client_secret",) if settings.intercom_token else ()))


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text("utf-8"))
        if path.stat().st_mode & 0o007 and (told := [name for name in SECRETS if values.get(name)]):
            raise SettingError(
                f"Everybody on this machine can read {path}, and {told[0]} stands in it. Close it: chmod 600 {path}"
            )
        return values
    except PermissionError as error:
        raise SettingError(
            f"Settings file {path} is closed to this user. Run the command as its owner: sudo -u leadline leadline …"
        ) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingError(f"Settings file {path} cannot be read: {error}") from error


def _convert(values: dict[str, Any]) -> Settings:
    try:
        settings = msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SettingError(in_words(str(error), values)) from error
    return checked(settings)
