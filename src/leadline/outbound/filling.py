"""What a template asks for, in words; what the contact answers by itself; what does not fit. Pure.

The panel, the console, the API and the command line use it. Where a variable stands is part of its name, see
`model.Template`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from leadline.model import Candidate, Template

FILES = {
    "image": "Address of the picture (https://…)",
    "video": "Address of the video (https://…)",
    "document": "Address of the document (https://…)",
}
OF_CONTACT = {
    "first": ("first_name", "firstname", "given_name", "vorname", "prenom", "nombre"),
    "last": ("last_name", "lastname", "surname", "family_name", "nachname"),
    "name": ("name", "full_name", "fullname", "customer", "customer_name", "client_name", "contact_name"),
    "email": ("email", "e_mail", "mail", "email_address"),
    "phone": ("phone", "phone_number", "mobile", "number", "telephone"),
}
GREETINGS = frozenset(
    word
    for words in (
        "hello hi hey dear hallo hoi beste liebe lieber moin servus bonjour salut cher chère hola estimado estimada",
        "olá ola oi caro cara ciao gentile hej hei moi cześć witaj ahoj merhaba sayın namaste",
        "γεια привет здравствуйте שלום مرحبا こんにちは 안녕하세요 您好 你好",
    )
    for word in words.split()
)
_NO_NAME = re.compile(r"[@\d]")


def label(variable: str) -> str:
    """What to type for a variable, for people."""
    place, colon, name = variable.partition(":")
    if not colon:
        name = "{{" + variable + "}}"
        return f"Value of {name}"
    match place:
        case "file":
            return FILES.get(name, "Address of the file (https://…)")
        case "link":
            return f"End of the address behind button {name}"
        case "code":
            return f"Code that button {name} copies"
    name = "{{" + name + "}}"
    return f"Value of {name} in the header"


def unfit(variable: str, value: str) -> str:
    """Why a provider would not take this value; empty where it would."""
    if not value.strip():
        return f"{label(variable)} is missing."
    if variable.startswith("file:") and not value.startswith(("https://", "http://")):
        return f"{label(variable)} must be a public address; '{value[:80]}' is none."
    return ""


def proposed(template: Template, contact: Candidate | None) -> tuple[str, ...]:
    """A value for each variable that the contact itself answers; empty for all others.

    A variable says by its name what it is; a number says it by the greeting that stands before it.
    """
    known = _known(contact) if contact else {}
    return tuple(known.get(_meaning(variable, template.body), "") for variable in template.variables)


def completed(template: Template, given: Sequence[str], contact: Candidate | None) -> tuple[str, ...]:
    """The given values, and what the contact answers where none is given."""
    values = [*given, *[""] * len(template.variables)]
    return tuple(value or guess for value, guess in zip(values, proposed(template, contact), strict=False))


def _known(contact: Candidate) -> dict[str, str]:
    name = "" if _NO_NAME.search(contact.name) else contact.name.strip()
    first, _, last = name.partition(" ")
    return {"first": first, "last": last.strip(), "name": name, "email": contact.email, "phone": contact.phone}


def _meaning(variable: str, body: str) -> str:
    """Which of the contact's values this is; empty where nobody can tell."""
    place, colon, name = variable.rpartition(":")
    if colon and place != "header":
        return ""
    if not name.isdigit():
        return next((meaning for meaning, names in OF_CONTACT.items() if name.casefold() in names), "")
    before, found, after = body.partition("{{" + variable + "}}")
    if not found:
        return ""
    words = before.rpartition("\n")[2].split()
    opens = not words and after.startswith(",")
    greeted = bool(words) and words[-1].strip("¡!,*_").casefold() in GREETINGS
    return "first" if opens or greeted else ""
