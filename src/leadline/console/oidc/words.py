"""What people read when a sign-in by a provider does not lead in. `name` is the provider's, as the button has it."""

from __future__ import annotations

from collections.abc import Mapping

from leadline.console.language import _, marked, plural

LONGEST = 200  # characters of what a provider says itself
SAYS: Mapping[str, str] = {
    "access_denied": marked("{name} says that you did not agree, or may not use this app."),
    "temporarily_unavailable": marked("{name} says that it cannot do this now. Try again in a minute."),
    "server_error": marked("{name} says that something went wrong there. Try again in a minute."),
    "invalid_grant": marked("{name} says that this sign-in is too old, or was used already. Sign in again."),
    "invalid_client": marked("{name} says that Leadline's client id or client secret is wrong. Tell an owner."),
    "unauthorized_client": marked("{name} says that Leadline may not let people sign in. Tell an owner."),
    "redirect_uri_mismatch": marked("{name} says that Leadline's address is not entered there. Tell an owner."),
    "invalid_scope": marked("{name} says that Leadline may not ask for e-mail addresses. Tell an owner."),
    "login_required": marked("{name} says that you are not signed in there."),
    "interaction_required": marked("{name} says that it has to ask you something first. Sign in there, then here."),
    "consent_required": marked("{name} says that you, or an admin of your company, have to agree first."),
    "account_selection_required": marked("{name} says that you have to choose an account first."),
}
"""What the codes of OAuth 2.0 and OpenID Connect mean."""


def refusal_words(name: str, code: str, more: str) -> str:
    """What the provider refused, and why in its own words where it has some."""
    meaning = SAYS.get(code, marked("{name} says that it does not let you in."))
    own = " ".join("".join(each if each.isprintable() else " " for each in more or code).split())[:LONGEST]
    if not own or own in SAYS:
        return _(meaning, name=name)
    return " ".join((_(meaning, name=name), _("In its words: {words}", words=own)))


def silent(name: str, why: str) -> str:
    """No answer, or none that can be read."""
    return _(
        "{name} could not be asked who you are: {why}. Try again in a minute; if that does not help, ask an owner.",
        name=name,
        why=why,
    )


def away(name: str, why: str) -> str:
    """It does not say where people sign in; `why` is a sentence about it without its end."""
    return _(
        "Nobody can sign in with {name} now. {why}. Try again in a minute; if that does not help, ask an owner.",
        name=name,
        why=why,
    )


def unusable(name: str, why: str) -> str:
    """The same, for whoever sets it up."""
    return _("Nobody can sign in with {name}. {why}.", name=name, why=why)


def gone() -> str:
    return _("This provider can no longer be used to sign in here. Choose another way.")


def not_understood(name: str) -> str:
    """An answer that proves nothing; more would help whoever forges one."""
    return _("What {name} sent does not prove who you are, so nobody was signed in. Sign in again.", name=name)


def not_begun() -> str:
    """An answer to nothing that this browser asked."""
    return _(
        "This browser did not begin this sign-in, or began it more than ten minutes ago, or used it already. Sign in "
        "again."
    )


def no_email(name: str) -> str:
    return _("{name} does not tell Leadline your e-mail address. Tell an owner.", name=name)


def not_verified(name: str, email: str) -> str:
    return _("{name} does not say that {email} is an address of yours that it has verified.", name=name, email=email)


def not_invited(email: str) -> str:
    return _("{email} is not invited to this console. Ask an owner to invite you.", email=email)


def taken_out() -> str:
    return _("You were removed from this console. Ask an owner to invite you again.")


def somebody_elses(name: str, email: str) -> str:
    return _(
        "{email} is linked to another account at {name}. If you no longer have that "
        "account, ask an owner to unlink it on the Team page.",
        name=name,
        email=email,
    )


def too_often(seconds: int) -> str:
    """After many that failed from one network."""
    return plural(
        "Too many failed sign-ins from your network. Try again in {count} minute.",
        "Too many failed sign-ins from your network. Try again in {count} minutes.",
        -(-seconds // 60),
    )
