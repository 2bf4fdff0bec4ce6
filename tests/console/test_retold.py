"""What other wings say in English is said in German on a German page, whatever facts stand in it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import leadline
from deploy.sentences import sentences
from deploy.wings import WINGS
from leadline.alerts import KINDS
from leadline.channels.reasons import REASONS, WAITING
from leadline.console.language import Borrowed, borrowed, numeral, plural, speaking
from leadline.console.retold import retold
from leadline.console.waiting.causes import CAUSES, cause
from leadline.identity import merge_refusals, same_person
from leadline.identity import reasons as because
from leadline.identity.words import ended

SOURCE = Path(leadline.__file__).parent
OURS = {"cli", "console", "sandbox", "stage"}
"""Wings that park nothing."""
NAME = re.compile(r"{(\w+)}")
TABLES = (REASONS, WAITING, because.SENTENCES, because.TITLES, because.EVIDENCE, same_person.WORDS, KINDS)
SAID = [
    (
        "Merge Niamh Daly (nd@shop.example) into Niamh Daly (user)",
        "Niamh Daly (nd@shop.example) mit Niamh Daly (Benutzer) zusammenführen",
    ),
    ("Value of {{1}} in the header", "Wert von {{1}} in der Kopfzeile"),
    (
        "policy latest updated, region not set: see `leadline settings list`",
        "Regel zuletzt geändert, Region nicht gesetzt: siehe `leadline settings list`",
    ),
    (
        "Leadline was not sure when it chose this contact, and nobody has confirmed it yet: long silence, "
        "changed name.",
        "Leadline war nicht sicher, als es diesen Kontakt wählte, und noch hat es niemand bestätigt: Lange keine "
        "Nachricht, Name geändert.",
    ),
    (
        "Ana has been merged into Dr. Ben Ray. Future messages go there.",
        "Ana wurde mit Dr. Ben Ray zusammengeführt. Künftige Nachrichten gehen dorthin.",
    ),
    (
        "Given up after 5 tries: Intercom answered with status 503; it will be tried again",
        "Nach 5 Versuchen aufgegeben: Intercom hat mit Status 503 geantwortet; es wird erneut versucht",
    ),
    (
        "Calls to Intercom: away since 2026-11-28 10:00: Intercom's rate limit is reached The messages of 1,200 "
        "senders wait in order. One is tried from time to time; once it goes through, the others follow.",
        "Aufrufe bei Intercom: nicht erreichbar seit 2026-11-28 10:00: Intercoms Anfragelimit ist erreicht Die "
        "Nachrichten von 1.200 Absendern warten in ihrer Reihenfolge. Von Zeit zu Zeit wird eine versucht; sobald sie "
        "durchgeht, folgen die anderen.",
    ),
    (
        "By now they look like two people: different names −13.0, same phone (1,200 names on it) +5.5.",
        "Inzwischen sehen sie nach zwei Personen aus: verschiedene Namen −13,0, gleiche Telefonnummer (1.200 Namen "
        "dabei) +5,5.",
    ),
    ("Ana was merged into Ana Kelly on 3 March 2026.", "Ana wurde am 3. März 2026 mit Ana Kelly zusammengeführt."),
    (
        "1 message is parked: a person must decide about each.",
        "1 Nachricht ist geparkt: Jemand muss darüber entscheiden.",
    ),
    ("3 known senders; 2 in doubt (`leadline link list`)", "3 bekannte Absender; 2 im Zweifel (`leadline link list`)"),
]
LEFT_ALONE = [
    "",
    "Where is my order?",
    "The provider's own words, with a number: 404",
    "Ana at Ben and Cora by Dan",
]


@pytest.mark.parametrize(("english", "german"), SAID)
def test_a_sentence_is_said_in_german_with_its_facts(english: str, german: str) -> None:
    assert retold(english) == english
    with speaking("de"):
        assert retold(english) == german


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_what_no_wing_composed_stays_as_it_is(text: str) -> None:
    with speaking("de"):
        assert retold(text) == text


def test_every_sentence_of_every_table_has_a_german_one() -> None:
    with speaking("de"):
        english = [text for table in TABLES for text in table.values() if retold(ended(text)) == ended(text)]
    assert [text for text in english if text not in ("Slack",)] == []


@pytest.mark.parametrize("code", merge_refusals.SENTENCES)
def test_every_refusal_of_a_merge_has_a_german_sentence_with_its_facts(code: str) -> None:
    refusal = merge_refusals.refused(code, name="Ana Kelly", into="Ben Ray", why="Quux")
    with speaking("de"):
        told = retold(str(refusal))
    assert told != str(refusal)
    assert {fact for fact in ("Ana Kelly", "Ben Ray", "Quux") if (fact in told) != (fact in str(refusal))} == set()


def test_every_template_is_found_again_in_what_it_was_filled_with() -> None:
    """Whatever stands in its place, a fact is where German has it, and no other template takes the sentence."""
    with speaking("de"):
        wrong = [
            (english, german, retold(english))
            for words in borrowed("de")
            for english, german in filled(words)
            if retold(english) != german
        ]
    assert wrong == []


def filled(words: Borrowed) -> Iterator[tuple[str, str]]:
    """A template with facts that mean nothing: in English, and as German has it; in both forms where it has two."""
    facts = {name: f"Q{number}x" for number, name in enumerate(NAME.findall(words.one))}
    if not words.many:
        yield words.one.format(**facts), words.told.format(**facts)
        return
    rest = {name: fact for name, fact in facts.items() if name != "count"}
    for form, count in ((words.one, 1), (words.many, 1234)):
        yield form.format(count=f"{count:,}", **rest), plural(words.one, words.many, count, **rest)


def test_every_reason_to_park_or_to_wait_has_words() -> None:
    codes = {code for path in SOURCE.rglob("*.py") if within(path) not in OURS for code in reasons_in(path)}
    assert codes - REASONS.keys() == CAUSES.keys()
    with speaking("de"):
        assert [code for code in codes if cause(code) in (CAUSES.get(code), code)] == []


def within(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0]


def reasons_in(path: Path) -> Iterator[str]:
    """What is parked or put off with: the first argument of the exceptions, and `reason` of what is kept."""
    tree = ast.parse(path.read_text("utf-8"))
    named = {
        node.targets[0].id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        for reason in given_reasons(node):
            code = reason.value if isinstance(reason, ast.Constant) else named.get(getattr(reason, "id", ""))
            if isinstance(code, str) and code.isidentifier() and code.islower():
                yield code


RAISED = {"Park", "Retry", "Waiting", "Outage", "RateLimited", "Unauthorized"}


def given_reasons(node: ast.AST) -> Iterator[ast.expr]:
    match node:
        case ast.Call(func=ast.Name(id=name), args=[first, *_]) if name in RAISED:
            yield first
        case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="super"))), args=[first, _, *_]):
            yield first
        case ast.Dict(keys=[ast.Constant(value="reason"), *_], values=[first, *_]):
            yield first
        case ast.FunctionDef(name="odd_sender"):
            yield from (pair.elts[0] for pair in ast.walk(node) if isinstance(pair, ast.Tuple))
        case ast.keyword(arg="reason"):
            yield node.value.body if isinstance(node.value, ast.IfExp) else node.value


@given(
    st.text() | st.lists(st.sampled_from(["Tags: ", "a. ", "x; ", "both kept, ", "Ana into Ben", " +1.0"])).map("".join)
)
def test_no_text_is_too_strange_and_none_loses_its_digits(text: str) -> None:
    with speaking("de"):
        told = retold(text)
    assert re.findall(r"\d", told) == re.findall(r"\d", text)


def test_what_repeats_without_end_is_told_all_the_same() -> None:
    with speaking("de"):
        assert retold("Tags: " * 600).startswith("Tags: ")
        assert retold("It was cancelled before. " * 160).count(".") == 160
        assert numeral(1.5) == "1,5"


def test_all_that_the_doctor_says_is_read_for_the_catalogues() -> None:
    assert {f"cli/{path.name}" for path in (SOURCE / "cli").glob("*_health.py")} <= WINGS.keys()


CODE = '''
"""A module."""
TABLE = {"a": "It is away", "b": "one"}
def said(row, names):
    """Says it."""
    log.info("no word of this")
    more = len(names) - 2
    if more > 0:
        raise Park("stuck", f"{row['name']} has {counted(more, 'reply', 'replies')}{' left' if names else ''}. Stop.")
    return ended(f"{' and '.join(map(str, names))} and {row.name} agree") + " Nothing was changed."
def other():
    return "not this one"
'''


def test_sentences_are_read_from_code_with_their_facts_in_braces() -> None:
    assert {*sentences(CODE, ("TABLE", "said"))} == {
        "It is away",
        ("{count} reply", "{count} replies"),
        "{name} has {more} left. Stop.",
        "{name} has {more}. Stop.",
        "{names} and {name} agree",
        "Nothing was changed.",
    }


def test_a_function_that_has_moved_is_missed() -> None:
    with pytest.raises(KeyError, match="no longer there: told"):
        sentences(CODE, ("said", "told"))
