"""Finding the other contact: a search, and who it may be. Moving an address and merging both begin with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from leadline.console.drawing import text
from leadline.console.duplicates.shown import reasons
from leadline.console.language import _, marked, numeral
from leadline.console.retold import retold
from leadline.console.shell import Column, Search, Table, Visit, contact, filters
from leadline.errors import LeadlineError
from leadline.identity.suggest import Likely
from leadline.identity.words import phone, user_id
from leadline.model import Candidate, Struct
from leadline.people.contact_search import MOST_FOUND

NOBODY = marked("Nobody seems to be the same person. Search above.")
HINT = marked("a name, phone, e-mail, user id, id or link to a profile")


class Hit(Struct, frozen=True, kw_only=True):
    """One contact to choose. why: score, reasons and quotes of a suggestion."""

    contact: Candidate
    why: tuple[str, ...] = ()


async def choose(visit: Visit, contact_id: str, draw_act: Callable[[Hit], object], *, keep: Sequence[str] = ()) -> None:
    """Draw the search with what it finds; before anything is searched, who may be the same person."""
    filters(visit, [Search("q", _("Find the other contact"), _(HINT))], keep=keep)
    words = visit.param("q")
    table: Table[Hit] = Table(
        [
            Column(_("Contact"), lambda hit: _draw_name(visit, hit), "32%"),
            Column(_("Known by"), _draw_known),
            Column("", draw_act, "180px"),
        ],
        lambda hit: hit.contact.contact_id,
        title=_("Found in Intercom") if words else _("Who it may be"),
        empty=_("Nobody fits. Intercom finds a new contact by its id only, for some minutes.") if words else _(NOBODY),
        testid="choices",
        row="choice",
    )
    try:
        hits = await _found(visit, words) if words else await _suggested(visit, contact_id)
    except LeadlineError as trouble:
        text(_("Intercom could not be asked: {why}", why=retold(str(trouble))), "ll-bad ll-text", testid="trouble")
        hits = []
    table.show([hit for hit in hits if hit.contact.contact_id != contact_id])
    if len(hits) == MOST_FOUND and words:
        text(
            _(
                "Only the {count} that were updated last are shown. Search for more of what you know.",
                count=MOST_FOUND,
            ),
            "ll-soft",
        )


async def _found(visit: Visit, words: str) -> list[Hit]:
    found = await visit.leadline.merging.find(visit.workspace_id, words)
    return [Hit(contact=one) for one in found]


async def _suggested(visit: Visit, contact_id: str) -> list[Hit]:
    found = await visit.leadline.suggestions.of(visit.workspace_id, contact_id)
    return [Hit(contact=one.contact, why=_why(one.likely)) for one in found]


def _why(likely: Likely) -> tuple[str, ...]:
    """The score with its reasons, then what was said."""
    points = numeral(round(likely.score.points, 1))
    told = _("{points} points: {reasons}", points=points, reasons=reasons(likely.score))
    return told, *(f"“{quote}”" for quote in likely.quotes)


def _draw_name(visit: Visit, hit: Hit) -> None:
    one = hit.contact
    contact(visit, one.contact_id, one.name or one.email or phone(one.phone), one.role.value)


def _draw_known(hit: Hit) -> None:
    one = hit.contact
    text(
        ", ".join(filter(None, (phone(one.phone), one.email, user_id(one.external_id)))) or _("nothing else"), "ll-text"
    )
    for why in hit.why:
        text(why, "ll-faint ll-text")
