"""The pages before the sign-in: plain HTML without any script, every value escaped. `routes.py` answers with them."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from urllib.parse import quote, urlencode

from leadline.console.language import LANGUAGES, _, direction, language
from leadline.console.signin.desk import Ways
from leadline.console.signin.passwords import LONGEST, SHORTEST

WITH = "/console/sign-in/with/"
PAGE = """<!doctype html>
<html lang="{language}" dir="{direction}">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>{title} · Leadline</title>
<link rel="stylesheet" href="/console/look.css">
</head>
<body><main class="ll-gate"><div class="ll-brand">Leadline</div><h1>{title}</h1>
{body}
{languages}
</main></body>
</html>"""


def sign_in(wanted: str, ways: Ways, picked: str = "", email: str = "", trouble: str = "") -> str:
    """The form to sign in; `wanted` is the page that was asked for, `picked` a language that was chosen on the form."""
    others = "".join(_way(key, name, {"next": wanted, "language": picked}) for key, name in ways.others)
    if not ways.passwords:
        return _page(_("Sign in"), _told(trouble) + others, {"next": wanted})
    fields = [
        _hidden("next", wanted),
        _hidden("language", picked),
        _field(_("E-mail address"), "email", "email", value=email, autocomplete="username", first=not email),
        _field(_("Password"), "password", "password", autocomplete="current-password", first=bool(email)),
    ]
    hint = _("Forgotten your password? Ask an owner for a link, or run: leadline user reset")
    form = _form("/console/sign-in", fields, _("Sign in"), trouble, hint)
    other_way = _("or with a password")
    between = f'<p class="ll-soft ll-or">{escape(other_way)}</p>' if others else ""
    return _page(_("Sign in"), others + between + form, {"next": wanted})


def _way(key: str, name: str, values: Mapping[str, str]) -> str:
    """A link, and no form: browsers hold forms back that lead to another origin."""
    address = f"{WITH}{quote(key)}?{urlencode(values)}"
    words = _("Sign in with {provider}", provider=name)
    return f'<a class="ll-button" href="{escape(address)}">{escape(words)}</a>'


def choose(token: str, known: str, picked: str = "", email: str = "", trouble: str = "") -> str:
    """The form behind a one-time link; `known` is whom it is for, empty for the first owner."""
    who = (
        _("For {email}", email=known)
        if known
        else _("You become the owner of this Leadline: you can do everything, and invite others.")
    )
    fields = [
        _hidden("language", picked),
        ""
        if known
        else _field(_("Your e-mail address"), "email", "email", value=email, autocomplete="username", first=True),
        _field(_("New password"), "password", "password", autocomplete="new-password", first=bool(known)),
        _field(_("Repeat the password"), "again", "password", autocomplete="new-password"),
    ]
    hint = _(
        "{shortest} to {longest} characters. A few words in a row are easy to remember and hard to guess.",
        shortest=SHORTEST,
        longest=LONGEST,
    )
    title = _("Choose a password") if known else _("Set up Leadline")
    form = _form(f"/console/link/{token}", fields, _("Save and sign in"), trouble, hint)
    return _page(title, f"<p>{escape(who)}</p>{form}", {})


def message(title: str, sentence: str, way: tuple[str, str] | None = None) -> str:
    """A page that only says something. way: words and address of the link on; to the sign-in where none is given."""
    words, address = way or (_("Sign in"), "/console/sign-in")
    return _page(title, f'<p>{escape(sentence)}</p><p><a href="{escape(address)}">{escape(words)}</a></p>')


def _page(title: str, body: str, values: Mapping[str, str] | None = None) -> str:
    """values: of the address, kept when another language is picked; None for a page without that choice."""
    spoken = language()
    languages = "" if values is None else _languages(spoken, values)
    place = {"language": spoken, "direction": direction(spoken), "title": escape(title)}
    return PAGE.format(**place, body=body, languages=languages)


def _languages(spoken: str, values: Mapping[str, str]) -> str:
    """The same page in each language: its name is a link."""
    current = ' aria-current="true"'
    links = [
        f'<a href="?{escape(urlencode({**values, "language": code}))}" lang="{code}" hreflang="{code}"'
        f"{current if code == spoken else ''}>{escape(name)}</a>"
        for code, name in LANGUAGES.items()
    ]
    return f'<nav class="ll-acts" aria-label="{escape(_("Language"))}">{" ".join(links)}</nav>'


def _form(action: str, fields: list[str], button: str, trouble: str, hint: str) -> str:
    return (
        f'<form method="post" action="{escape(action)}">{_told(trouble)}{"".join(fields)}'
        f'<button class="ll-button strong" type="submit">{escape(button)}</button></form>'
        f'<p class="ll-soft">{escape(hint)}</p>'
    )


def _told(trouble: str) -> str:
    return f'<p class="ll-trouble" role="alert">{escape(trouble)}</p>' if trouble else ""


def _field(label: str, name: str, kind: str, *, value: str = "", autocomplete: str, first: bool = False) -> str:
    focus = " autofocus" if first else ""
    return (
        f'<label for="{name}">{escape(label)}</label><input class="ll-input" id="{name}" name="{name}" type="{kind}" '
        f'value="{escape(value)}" autocomplete="{autocomplete}" maxlength="256" placeholder=" " '
        f"required{focus}>"
    )


def _hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{name}" value="{escape(value)}">'
