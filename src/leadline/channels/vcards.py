"""Reads a vCard into what people see of a contact: names, numbers, addresses, links. Adapters use it.

Source: RFC 6350 (vCard 4.0) and RFC 2426 (3.0). Total: whatever is no property is left out.
"""

from __future__ import annotations

import re

TOLD = ("TITLE", "ROLE", "ORG", "TEL", "EMAIL", "ADR", "URL", "BDAY", "NOTE")
_FOLD = re.compile(r"\r?\n[ \t]")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def facts(vcard: str) -> tuple[str, ...]:
    """What the card tells beside the name, each once, in the order of TOLD."""
    found: dict[str, list[str]] = {name: [] for name in TOLD}
    for line in _FOLD.sub("", vcard).splitlines():
        head, colon, value = line.partition(":")
        name = head.partition(";")[0].rpartition(".")[2].strip().upper()
        if colon and name in found and (shown := _shown(name, value)):
            found[name].append(shown)
    return tuple(dict.fromkeys(value for name in TOLD for value in found[name]))


def is_number(fact: str, number: str) -> bool:
    """Whether a fact is the number that stands beside it already, however it is written."""
    digits = "".join(filter(str.isdigit, fact))
    return bool(digits) and digits == "".join(filter(str.isdigit, number))


def _shown(name: str, value: str) -> str:
    """A value without its escapes; of an address and a firm the parts there are."""
    parts = re.split(r"(?<!\\);", value) if name in ("ADR", "ORG") else [value]
    plain = (_ESCAPED.sub(lambda found: " " if found[1] in "nN" else found[1], part).strip() for part in parts)
    between = " " if name == "ADR" else ", "
    return between.join(filter(None, plain)).removeprefix("tel:")
