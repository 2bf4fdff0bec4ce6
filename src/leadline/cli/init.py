"""`leadline init`: writes the settings file, with a fresh key, and on a server what systemd needs."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, TextIO

import msgspec
import typer

from leadline.cli.asking import ask
from leadline.cli.channel_values import exposed, read_value
from leadline.cli.console import out
from leadline.cli.terminal import complain
from leadline.cli.units import Program, files_of
from leadline.errors import SettingError, meant
from leadline.model import Struct
from leadline.settings import FOLDERS_FILE, SECRETS, SYSTEM_FILE, Settings, load, needed, toml_text

DATA_DIR = Path("/var/lib/leadline")
REGIONS = {"us": "https://api.intercom.io", "eu": "https://api.eu.intercom.io", "au": "https://api.au.intercom.io"}


class Question(Struct, frozen=True, kw_only=True):
    """What is asked for one setting. default: what Enter means; None where there must be an answer."""

    name: str
    words: str
    default: str | None = None


QUESTIONS = (
    Question(name="public_url", words="Address at which providers and Intercom reach this server (https://…)"),
    Question(name="intercom_url", words="Intercom's region (us, eu or au)", default="us"),
    Question(
        name="intercom_token", words="Access token of your Intercom app (Enter: connect it in the console)", default=""
    ),
    Question(name="intercom_client_secret", words="Client secret of your Intercom app (Enter: the same)", default=""),
    Question(name="default_region", words="Country of phone numbers without a country code, like IE", default=""),
    Question(name="database_url", words="Address of your PostgreSQL (Enter: Leadline runs its own)", default=""),
)


def init(
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="A setting; of a secret NAME=@file, or NAME=- to be asked"),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing: what is not given is left open")] = False,
    system: Annotated[bool, typer.Option("--system", help="For a server: also write what systemd needs")] = False,
    root: Annotated[Path, typer.Option(help="Write below this folder, as for an image")] = Path("/"),
) -> None:
    """Write the settings file, with a fresh key.

    Without --system it is ./leadline.toml. With it, it is /etc/leadline/leadline.toml, which Leadline's commands read
    by themselves, and units for systemd are written: the service, a daily backup, its user and its folders. A settings
    file that is there is kept.
    """
    file = root / SYSTEM_FILE.relative_to("/") if system else FOLDERS_FILE
    data_dir = DATA_DIR if system else Path.cwd() / "leadline-data"
    if file.exists():
        out.print(f"{file} is there already, and stays as it is.")
    else:
        _write_settings(file, _values(settings or [], ask=not yes, data_dir=data_dir))
    if system:
        _write_units(root)
    else:
        out.print("Next: export LEADLINE_CONFIG=$PWD/leadline.toml; leadline serve")


def _values(given: list[str], *, ask: bool, data_dir: Path) -> dict[str, object]:
    """All settings of the file, each of its kind: those given, those asked for, and a key."""
    values = dict(_given(text) for text in given)
    if ask:
        for question in QUESTIONS:
            if question.name not in values:
                values[question.name] = _answer(question)
    values.setdefault("secret_key", secrets.token_hex(32))
    values.setdefault("data_dir", str(data_dir))
    read = _read(values)
    return {name: getattr(read, name) for name, value in values.items() if value}


def _given(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    known = Settings.__struct_fields__
    if not equals:
        raise SettingError(f"--set takes NAME=VALUE, not '{text}'.")
    if name not in known:
        raise SettingError(f"{name} is not a setting of Leadline. {meant(name, known)}")
    if name not in SECRETS or not value:
        return name, REGIONS.get(value, value) if name == "intercom_url" else value
    if value == "-":
        return name, ask(name, f"--set {name}=@file", hidden=True).strip()
    if value.startswith("@"):
        return name, read_value(Path(value[1:]))
    complain(exposed(name))
    return name, value


def _answer(question: Question) -> str:
    """The answer to one question, asked again until Leadline can use it."""
    while True:
        hidden = question.name in SECRETS and question.name != "database_url"
        option = f"--set {question.name}={'@file' if question.name in SECRETS else '…'}, or --yes to leave it open"
        shown = bool(question.default)
        value = ask(question.words, option, hidden=hidden, default=question.default, show_default=shown).strip()
        value = REGIONS.get(value.lower(), value) if question.name == "intercom_url" else value
        try:
            _read({question.name: value})
        except SettingError as error:
            complain(f"{error}")
        else:
            return value


def _read(values: dict[str, str]) -> Settings:
    return load({f"LEADLINE_{name.upper()}": value for name, value in values.items()}, system_file=None)


def _write_settings(file: Path, values: dict[str, object]) -> None:
    with _opened(file, os.O_EXCL, 0o600) as written:
        written.write("\n".join(_lines(values)) + "\n")
    out.print(f"{file} is written; only its owner can read it.")
    out.print("Keep a copy of its secret_key elsewhere: without the key nobody reads the credentials in a backup.")
    missing = [name for name in needed(msgspec.convert(values, Settings)) if name not in values]
    if missing:
        out.print(f"Still to be set in it: {', '.join(missing)}")


def _opened(file: Path, flag: int, mode: int) -> TextIO:
    """A file to write, with these rights from the beginning; raises SettingError."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | flag, mode), "w", encoding="utf-8")
    except OSError as error:
        raise SettingError(f"{file} cannot be written: {error.strerror}") from error


def _lines(values: dict[str, object]) -> Iterator[str]:
    """The values, and under them every other setting as a comment with its default."""
    yield "# Settings of Leadline. Variables LEADLINE_… in the environment come before what stands here."
    for field in msgspec.structs.fields(Settings):
        if field.name in values:
            yield toml_text(field.name, values[field.name])
    yield ""
    for field in msgspec.structs.fields(Settings):
        if field.name not in values:
            yield "# " + toml_text(field.name, field.default)


def _write_units(root: Path) -> None:
    for place, text in files_of(Program(sys.prefix, DATA_DIR, SYSTEM_FILE)).items():
        file = root / place.relative_to("/")
        with _opened(file, os.O_TRUNC, 0o644) as written:
            written.write(text)
        out.print(f"{file} is written.")
    out.print(
        "Changes of your own belong into `systemctl edit leadline`: the next `leadline init --system` keeps them."
    )
    out.print("Next, as root:")
    for line in (
        "systemd-sysusers",
        "systemd-tmpfiles --create",
        "systemctl daemon-reload",
        "systemctl enable --now leadline.service leadline-backup.timer",
    ):
        out.print(f"  {line}")
