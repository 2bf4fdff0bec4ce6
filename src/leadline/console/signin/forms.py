"""The pages before the sign-in: plain HTML without any script, every value escaped. `routes.py` answers with them."""

from __future__ import annotations

from html import escape

from leadline.console.signin.passwords import LONGEST, SHORTEST

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>{title} · Leadline</title>
<link rel="stylesheet" href="/console/look.css">
</head>
<body><main class="ll-gate"><div class="ll-brand">Leadline</div><h1>{title}</h1>
{body}
</main></body>
</html>"""


def sign_in(wanted: str, email: str = "", trouble: str = "") -> str:
    """The form to sign in; `wanted` is the page that was asked for."""
    fields = [
        _hidden("next", wanted),
        _field("E-mail address", "email", "email", value=email, autocomplete="username", first=not email),
        _field("Password", "password", "password", autocomplete="current-password", first=bool(email)),
    ]
    hint = "Forgotten your password? Ask an owner for a link, or run: leadline user reset"
    return _page("Sign in", _form("/console/sign-in", fields, "Sign in", trouble, hint))


def choose(token: str, known: str, email: str = "", trouble: str = "") -> str:
    """The form behind a one-time link; `known` is whom it is for, empty for the first owner."""
    who = (
        f"<p>For <strong>{escape(known)}</strong></p>"
        if known
        else "<p>You become the owner of this Leadline: you can do everything, and invite others.</p>"
    )
    fields = [
        ""
        if known
        else _field("Your e-mail address", "email", "email", value=email, autocomplete="username", first=True),
        _field("New password", "password", "password", autocomplete="new-password", first=bool(known)),
        _field("The same again", "again", "password", autocomplete="new-password"),
    ]
    hint = f"{SHORTEST} to {LONGEST} characters. A few words in a row are easy to remember and hard to guess."
    title = "Choose a password" if known else "Set up Leadline"
    return _page(title, who + _form(f"/console/link/{token}", fields, "Save and sign in", trouble, hint))


def message(title: str, sentence: str) -> str:
    """A page that only says something."""
    return _page(title, f'<p>{escape(sentence)}</p><p><a href="/console/sign-in">Sign in</a></p>')


def _page(title: str, body: str) -> str:
    return PAGE.format(title=escape(title), body=body)


def _form(action: str, fields: list[str], button: str, trouble: str, hint: str) -> str:
    told = f'<p class="ll-trouble" role="alert">{escape(trouble)}</p>' if trouble else ""
    return (
        f'<form method="post" action="{escape(action)}">{told}{"".join(fields)}'
        f'<button class="ll-button strong" type="submit">{escape(button)}</button></form>'
        f'<p class="ll-soft">{escape(hint)}</p>'
    )


def _field(label: str, name: str, kind: str, *, value: str = "", autocomplete: str, first: bool = False) -> str:
    focus = " autofocus" if first else ""
    return (
        f'<label for="{name}">{escape(label)}</label><input class="ll-input" id="{name}" name="{name}" type="{kind}" '
        f'value="{escape(value)}" autocomplete="{autocomplete}" maxlength="256" required{focus}>'
    )


def _hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{name}" value="{escape(value)}">'
