"""Collects the console's texts into its catalogues, `make words`; what is translated already stays.

Texts that the code no longer has go. A new one is empty until somebody translates it, and shown in English meanwhile.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from deploy.sentences import sentences
from deploy.wings import WINGS
from leadline.alerts import KINDS, WAYS
from leadline.api.scopes import SCOPES
from leadline.channels import CHANNELS
from leadline.channels.base import Channel
from leadline.channels.fields import description, fields_for
from leadline.channels.reasons import REASONS, WAITING
from leadline.console.language import ENGLISH, LANGUAGES
from leadline.identity.acts import ACTS, DETAILS, SOURCES
from leadline.identity.merge_changes import OUTCOMES
from leadline.identity.merge_sides import FIELDS
from leadline.identity.reasons import EVIDENCE, TITLES
from leadline.merging import records as merge_records
from leadline.merging.duplicates import batch_seen
from leadline.merging.duplicates.wording import SAID
from leadline.privacy.retention import KINDS as RETAINED
from leadline.privacy.words import RECORDS, records
from leadline.spaces import REGISTRY
from leadline.webhooks import EVENTS

CONSOLE = Path(__file__).parents[1] / "src/leadline/console"
WORDS: Mapping[str, tuple[int, ...] | None] = {"_": None, "forms": (1, 2), "marked": None, "plural": (1, 2)}
"""The functions of `language.py` whose arguments are texts."""
UNITED = ("Tags", "Companies")
FINDINGS = (
    *(
        "settings",
        "intercom",
        "database",
        "tables",
        "panel",
        "channels",
        "rules",
        "messages",
        "links",
        "replies",
        "directory",
    ),
    *("phones", "disk", "clock", "backup", "webhooks", "environment", "complete", "fine", "external", "behind"),
)
"""What the doctor says in one word."""
ROLES = ("viewer", "agent", "admin", "owner")
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
SHORT = ("stays", "Merge", "Reply", "Message", "empty", "nothing")
"""What else functions of other wings say in one word, not in a table."""


def main() -> None:
    """Bring every catalogue up to date, and say how much of it is translated."""
    found = collected()
    for code in LANGUAGES:
        if code != ENGLISH:
            catalogue = updated(code, found)
            place(code).parent.mkdir(parents=True, exist_ok=True)
            place(code).write_bytes(as_written(catalogue))
            done = sum(is_translated(message) for message in catalogue if message.id)
            print(f"{code}: {done} of {len(catalogue)} texts translated")


def borrowed() -> Mapping[str, Iterable[str | tuple[str, str]]]:
    """Texts of other wings' tables that the console shows by `_`, by their file."""
    settings = [text for one in REGISTRY.values() for text in (one.name.replace("_", " ").capitalize(), one.meaning)]
    settings += [choice.replace("_", " ") for one in REGISTRY.values() for choice in one.choices]
    kept = [(f"{{count}} {one}", f"{{count}} {many}") for one, many in RECORDS.values()]
    return {
        "../alerts/targets.py": [*KINDS.values(), *WAYS.values()],
        "../api/scopes.py": SCOPES.values(),
        **{_code_of(adapter): asked_of(adapter) for adapter in CHANNELS.values()},
        "../channels/reasons.py": [*REASONS.values(), *WAITING.values()],
        "../cli/doctor.py": FINDINGS,
        "../identity/acts.py": [*SOURCES.values(), *ACTS.values(), *DETAILS, *ROLES, "role {role}"],
        "../identity/merge_refusals.py": [*MONTHS, "{name} was merged into {into} on {day} {month} {year}."],
        "../identity/merge_changes.py": [*filter(None, OUTCOMES.values()), *UNITED],
        "../identity/merge_sides.py": FIELDS.values(),
        "../identity/reasons.py": [*TITLES.values(), *EVIDENCE.values()],
        "../merging/duplicates/batch_seen.py": batch_seen.STATES.values(),
        "../merging/duplicates/reports.py": ["is merged", "user: Intercom does not merge users"],
        "../merging/duplicates/wording.py": SAID.values(),
        "../merging/records.py": [*merge_records.STATES.values(), *SHORT],
        "../privacy/retention.py": [one.meaning for one in RETAINED],
        "../privacy/words.py": [*map(records, RECORDS), *kept],
        "../spaces/registry.py": settings,
        "../webhooks/events.py": EVENTS.values(),
    }


def asked_of(adapter: Channel[Any]) -> list[str]:
    """What a provider's form says: its fields, what fits in them, and what is to be done at the provider."""
    shapes = (words for _pattern, words in adapter.settings.shapes.values())
    return [*(description(adapter, name) for name in fields_for(adapter)), *shapes, *adapter.setup]


def _code_of(adapter: Channel[Any]) -> str:
    """Not as other wings' files are named: a form is asked for text by text, and no sentence is made of it."""
    return f"{type(adapter).__module__.replace('.', '/')}.py"


def place(code: str) -> Path:
    """Of a language's catalogue."""
    return CONSOLE / "locale" / code / "LC_MESSAGES" / "leadline.po"


def collected() -> Catalog:
    """Every text in the console's code, with the files it stands in."""
    found = Catalog(fuzzy=False)
    for file, _, text, comments, context in extract_from_dir(CONSOLE, [("**.py", "python")], keywords=WORDS):
        found.add(text, locations=[(file, 0)], auto_comments=comments, context=context)
    for file, texts in borrowed().items():
        for text in texts:
            found.add(text, locations=[(file, 0)])
    for module, names in WINGS.items():
        for sentence in sentences((CONSOLE.parent / module).read_text("utf-8"), names):
            found.add(sentence, locations=[(f"../{module}", 0)])
    return found


def updated(code: str, found: Catalog) -> Catalog:
    """A language's catalogue with exactly the texts that were found."""
    catalogue = Catalog(locale=code, fuzzy=False)
    if place(code).exists():
        with place(code).open("rb") as written:
            catalogue = read_po(written, locale=code)
    catalogue.update(found, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    return catalogue


def as_written(catalogue: Catalog) -> bytes:
    """As it stands in its file: without times and line numbers, which change without a text having changed."""
    written = io.BytesIO()
    header = (
        'msgid ""\nmsgstr ""\n'
        f'"Language: {catalogue.locale}\\n"\n"Plural-Forms: {catalogue.plural_forms}\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n\n'
    )
    write_po(written, catalogue, width=120, omit_header=True, sort_by_file=True, include_lineno=False)
    return header.encode() + written.getvalue()


def is_translated(message: Message) -> bool:
    """Whether no form of it is empty."""
    return all(message.string) if isinstance(message.string, (tuple, list)) else bool(message.string)


if __name__ == "__main__":
    main()
