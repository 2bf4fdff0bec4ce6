"""The forms over real HTTP: the first owner's link, signing in and out, pauses after wrong passwords, revoking."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from urllib.parse import quote

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

from leadline.console.guard import COOKIE, SEAT, Guard
from leadline.console.rights import Role
from leadline.console.signin.desk import SignIn
from leadline.console.signin.operators import Operators
from leadline.console.signin.routes import Entrance
from leadline.console.signin.sessions import Sessions
from leadline.console.signin.tries import FREE
from leadline.errors import SettingError
from leadline.serving import address, bind, serving
from leadline.store.acting import acting
from leadline.store.database import Database
from leadline.store.queries import queries
from tests.acceptance.town import until

PASSWORD = "correct horse battery"
OTHER = "staple of the battery"


class House:
    """A console with its entrance, and one page that says who is there."""

    def __init__(self, database: Database, place: str) -> None:
        self.database = database
        self.place = place
        self.sessions = Sessions(database, "ws")
        self.operators = Operators(database, "ws", place)
        entrance = Entrance(SignIn(database, self.sessions), self.sessions, place)
        inner = Starlette(routes=[Route("/console/{rest:path}", self._who), Route("/console", self._who)])
        guard = Guard(inner, self.sessions.seat, place)
        self.app = Starlette(routes=[*entrance.routes(), Mount("/", guard)])
        self.http: aiohttp.ClientSession

    async def _who(self, request: Request) -> Response:
        return PlainTextResponse(f"{request.scope[SEAT].email} {request.scope[SEAT].role.title}")

    async def post(self, path: str, browser: aiohttp.ClientSession | None = None, /, **fields: str) -> tuple[int, str]:
        sending = (browser or self.http).post(f"{self.place}{path}", data=fields, headers={"Origin": self.place})
        async with sending as answer:
            return answer.status, await answer.text()

    async def get(
        self, path: str, browser: aiohttp.ClientSession | None = None, *, languages: str = ""
    ) -> tuple[int, str]:
        headers = {"Accept": "text/html", "Accept-Language": languages}
        async with (browser or self.http).get(f"{self.place}{path}", headers=headers) as answer:
            return answer.status, await answer.text()

    async def choose(self, link: str, password: str = PASSWORD, **fields: str) -> tuple[int, str]:
        given = {"password": password, "again": password, **fields}
        return await self.post(link.removeprefix(self.place), None, **given)

    async def owner(self, email: str = "Ann@Example.com") -> None:
        assert (await self.choose(await self.operators.first_link(), email=email))[0] == 200


def new_browser() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))


@pytest.fixture
async def house(store: Database) -> AsyncIterator[House]:
    listener = bind("127.0.0.1", 0)
    house = House(store, address(listener))
    async with serving(house.app, listener), new_browser() as house.http:
        yield house


async def test_the_first_owner_comes_in_by_a_link_that_works_once(house: House) -> None:
    link = await house.operators.first_link()
    assert "You become the owner" in (await house.get(link.removeprefix(house.place)))[1]
    assert "Enter your e-mail address" in (await house.choose(link, email="nobody"))[1]
    assert await house.choose(link, email="Ann@Example.com") == (200, "ann@example.com owner")
    assert (await house.choose(link, email="eve@example.com"))[0] == 404
    assert await house.operators.first_link() == ""


async def test_a_second_first_link_makes_the_first_one_worthless(house: House) -> None:
    old = await house.operators.first_link()
    await house.operators.first_link()
    assert (await house.choose(old, email="ann@example.com"))[0] == 404


async def test_an_operator_signs_in_lands_on_the_page_they_asked_for_and_signs_out(house: House) -> None:
    await house.owner()
    async with new_browser() as browser:
        status, page = await house.get("/console/people?q=Ann&before=7", browser)
        assert (status, "Sign in" in page) == (200, True)
        assert 'value="/console/people?q=Ann&amp;before=7"' in page
        for wanted in ("/console/people?q=Ann", "https://evil.example/console", "//evil.example", "/console\\evil", ""):
            given = {"email": "ann@example.com", "password": PASSWORD, "next": wanted}
            assert await house.post("/console/sign-in", browser, **given) == (200, "ann@example.com owner")
        [cookie] = [each for each in browser.cookie_jar if each.key == COOKIE]
        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "lax", "/")
        assert "Sign in" in (await house.post("/console/sign-out", browser))[1]
        browser.cookie_jar.update_cookies({COOKIE: cookie.value})
        assert (await house.get("/console", browser))[1] != "ann@example.com owner", "the session is over, too"


async def test_behind_https_the_cookie_is_for_https_only(house: House) -> None:
    await house.owner()
    fields = {"email": "ann@example.com", "password": PASSWORD}
    headers = {"Origin": house.place, "X-Forwarded-Proto": "https"}
    sending = house.http.post(f"{house.place}/console/sign-in", data=fields, headers=headers, allow_redirects=False)
    async with sending as answer:
        assert "Secure" in answer.headers["set-cookie"]


@pytest.mark.parametrize(("email", "password"), [("ann@example.com", "wrong"), ("eve@example.com", PASSWORD), ("", "")])
async def test_a_wrong_password_and_an_unknown_person_get_the_same_words(
    house: House, email: str, password: str
) -> None:
    await house.owner()
    async with new_browser() as browser:
        status, page = await house.post("/console/sign-in", browser, email=email, password=password)
        assert (status, "E-mail address or password is wrong." in page) == (403, True)
        assert [each.key for each in browser.cookie_jar] == []


async def test_after_wrong_passwords_the_right_one_has_to_wait_too(house: House) -> None:
    await house.owner()
    for _ in range(FREE["person"]):
        await house.post("/console/sign-in", email="ann@example.com", password="wrong")
    status, page = await house.post("/console/sign-in", email="ANN@example.com ", password=PASSWORD)
    assert (status, "Too many wrong passwords. Try again in" in page) == (403, True)
    async with house.database.connection() as connection:
        await connection.execute("update sign_in_try set open_at = now()")
    assert (await house.post("/console/sign-in", email="ann@example.com", password=PASSWORD))[0] == 200
    async with house.database.connection() as connection:
        assert (await connection.execute("select from sign_in_try")).rowcount == 0, "a right one forgets the wrong ones"


async def test_the_pause_doubles_up_to_a_quarter_of_an_hour(house: House) -> None:
    pauses = []
    for _ in range(18):
        async with house.database.connection() as connection:
            await connection.execute("update sign_in_try set open_at = now()")
        await house.post("/console/sign-in", email="eve@example.com", password="wrong")
        async with house.database.connection() as connection:
            found = await connection.execute(
                "select max(extract(epoch from open_at - last_at))::int as pause from sign_in_try"
            )
            pauses.append((await found.fetchone() or {})["pause"])
    assert pauses == [0, 0, 0, 0, *(min(900, 2**turn) for turn in range(14))]


async def test_many_guesses_at_once_do_not_go_around_the_pause(house: House) -> None:
    """After so many failures that the next pause outlasts the test on any machine."""
    await house.owner()
    await house.post("/console/sign-in", email="ann@example.com", password="wrong")
    async with house.database.connection() as connection:
        await connection.execute("update sign_in_try set failures = 14, open_at = now()")
    guesses = [house.post("/console/sign-in", email="ann@example.com", password=f"guess {n}") for n in range(30)]
    pages = [page for _, page in await asyncio.gather(*guesses)]
    looked_at = [page for page in pages if "E-mail address or password is wrong." in page]
    assert len(looked_at) == 1


async def test_an_owner_elsewhere_comes_by_no_link_for_somebody_who_has_a_password(house: House) -> None:
    await house.owner()
    other = Operators(house.database, "elsewhere", house.place)
    assert await other.invite("ANN@example.com", Role.OWNER) == ""
    for colleague in (other, house.operators):
        with pytest.raises(SettingError, match="another workspace"):
            await colleague.reset("ann@example.com", by_colleague=True)
    assert (await house.post("/console/sign-in", email="ann@example.com", password=PASSWORD))[0] == 200


async def test_an_invitation_a_reset_and_what_each_ends(house: House) -> None:
    await house.owner()
    with acting("ann@example.com", "console"):
        link = await house.operators.invite("Bo@Example.com", Role.AGENT)
        async with new_browser() as browser:
            status, page = await house.post(link.removeprefix(house.place), browser, password="short", again="short")
            assert (status, "at least 12 characters" in page) == (400, True)
            given = {"password": PASSWORD, "again": OTHER}
            assert "The two passwords differ" in (await house.post(link.removeprefix(house.place), browser, **given))[1]
            given = {"password": PASSWORD, "again": PASSWORD, "email": "ann@example.com"}
            answer = await house.post(link.removeprefix(house.place), browser, **given)
            assert answer == (200, "bo@example.com agent"), "an invitation is for whom it was made"
            reset = await house.operators.reset("bo@example.com")
            assert await house.get("/console", browser) == (200, "bo@example.com agent")
            assert await house.choose(reset, OTHER) == (200, "bo@example.com agent")
            assert "Sign in" in (await house.get("/console", browser))[1], "a new password ends other sessions"
            wrong = await house.post("/console/sign-in", browser, email="bo@example.com", password=PASSWORD)
            assert wrong[0] == 403
        with pytest.raises(SettingError, match="uses the console already"):
            await house.operators.invite("bo@example.com", Role.AGENT)
    acts = await _acts(house.database)
    begun = ["user.password", "session.revoked", "session.begun"]
    assert acts == [*begun, "user.invited", *begun, "user.reset", *begun]


async def test_a_role_that_is_taken_is_taken_at_once_and_one_owner_stays(house: House) -> None:
    await house.owner()
    await house.choose(await house.operators.invite("bo@example.com", Role.OWNER))
    assert await house.get("/console") == (200, "bo@example.com owner")
    await house.operators.give_role("bo@example.com", Role.VIEWER)
    assert await house.get("/console") == (200, "bo@example.com viewer")
    for act in (house.operators.give_role("ann@example.com", Role.ADMIN), house.operators.remove("ann@example.com")):
        with pytest.raises(SettingError, match="only owner"):
            await act
    await house.operators.remove("bo@example.com")
    assert "Sign in" in (await house.get("/console"))[1]


async def test_two_owners_who_take_each_other_out_at_once_leave_one(house: House) -> None:
    await house.owner()
    await house.choose(await house.operators.invite("bo@example.com", Role.OWNER))
    done = await asyncio.gather(
        house.operators.remove("ann@example.com"), house.operators.remove("bo@example.com"), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in done) == ["NoneType", "SettingError"]


@pytest.mark.parametrize("act", ["remove", "give_role"])
async def test_an_operator_who_just_became_the_only_owner_stays_owner(house: House, act: str) -> None:
    """Somebody reads that Bo is an admin; before they act, Bo becomes the owner and Ann none any more."""
    await house.owner()
    await house.choose(await house.operators.invite("bo@example.com", Role.ADMIN))
    async with house.database.connection() as other:
        await queries.lock_seats(other, workspace_id="ws")
        doing = house.operators.remove if act == "remove" else partial(house.operators.give_role, role=Role.VIEWER)
        late = asyncio.create_task(doing("bo@example.com"))
        await until(lambda: _somebody_waits(house.database))
        await other.execute("update seat set role = case when role = 'owner' then 'admin' else 'owner' end")
    with pytest.raises(SettingError, match="only owner"):
        await late
    assert {row["email"]: row["role"] for row in await house.operators.listed()} == {
        "ann@example.com": "admin",
        "bo@example.com": "owner",
    }


async def _somebody_waits(database: Database) -> bool:
    async with database.connection() as connection:
        found = await connection.execute(
            "select from pg_locks l join pg_database d on d.oid = l.database"
            " where d.datname = current_database() and l.locktype = 'advisory' and not l.granted"
        )
        return found.rowcount == 1


async def test_a_session_ends_when_it_is_idle_when_it_is_old_and_when_it_is_revoked(house: House) -> None:
    await house.owner()
    for end in ("seen_at = now() - interval '2 hours 1 second'", "ends_at = now()"):
        given = {"email": "ann@example.com", "password": PASSWORD}
        assert await house.post("/console/sign-in", None, **given) == (200, "ann@example.com owner")
        async with house.database.connection() as connection:
            await connection.execute(f"update operator_session set {end}".encode())  # noqa: S608
        assert "Sign in" in (await house.get("/console"))[1]
    await house.post("/console/sign-in", email="ann@example.com", password=PASSWORD)
    [row] = await house.operators.listed()
    [open_one] = await house.sessions.of(row["operator_id"])
    assert await house.sessions.revoke(row["operator_id"], open_one["session_id"]) == 1
    assert "Sign in" in (await house.get("/console"))[1]


async def test_the_database_holds_no_token_and_no_password(house: House) -> None:
    link = await house.operators.first_link()
    await house.choose(link, email="ann@example.com")
    [cookie] = [each.value for each in house.http.cookie_jar if each.key == COOKIE]
    async with house.database.connection() as connection:
        found = await connection.execute(
            "select string_agg(row_to_json(t)::text, ' ') as all from ("
            "select token_hash::text, '' as more from operator_session"
            " union select token_hash::text, '' from operator_link union select email, password_hash from operator) t"
        )
        kept = (await found.fetchone() or {})["all"]
    assert not [secret for secret in (cookie, link.rpartition("/")[2], PASSWORD) if secret in kept]


@pytest.mark.parametrize("path", ["/console/sign-in", "/console/sign-out", "/console/link/" + "x" * 43])
async def test_forms_of_other_pages_are_refused_and_no_page_frames_ours(house: House, path: str) -> None:
    for headers in ({"Origin": "https://evil.example"}, {}, {"Origin": "null"}):
        async with house.http.post(f"{house.place}{path}", data={"email": "a@b.c"}, headers=headers) as answer:
            assert answer.status == 403
            assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
            assert "unsafe" not in answer.headers["content-security-policy"]


async def test_what_is_typed_is_shown_as_text(house: House) -> None:
    nasty = '"><script>alert(1)</script>'
    _, page = await house.post("/console/sign-in", email=nasty, password="x", next=nasty)
    assert ("<script" in page, "&quot;&gt;&lt;script&gt;" in page) == (False, True)
    _, page = await house.get(f"/console/sign-in?next={quote(nasty)}")
    assert "<script" not in page


async def test_a_form_that_is_too_large_is_not_read(house: House) -> None:
    status, _ = await house.post("/console/sign-in", email="a@b.c", password="x" * 9000)
    assert status == 403


async def _acts(database: Database) -> list[str]:
    async with database.connection() as connection:
        return [row["act"] async for row in await connection.execute("select act from audit order by audit_id")]


async def test_the_form_speaks_the_browsers_language_or_the_one_that_is_picked(house: House) -> None:
    german = (await house.get("/console/sign-in?next=/console/people", languages="de-AT, en;q=0.5"))[1]
    assert '<html lang="de" dir="ltr">' in german
    assert "Passwort vergessen?" in german
    assert 'href="?next=%2Fconsole%2Fpeople&amp;language=ar" lang="ar"' in german
    arabic = (await house.get("/console/sign-in?language=ar", languages="de"))[1]
    assert '<html lang="ar" dir="rtl">' in arabic
    assert '<input type="hidden" name="language" value="ar">' in arabic
    assert '<html lang="en"' in (await house.get("/console/sign-in?language=%22%3E%3Cscript%3E", languages="tlh"))[1]
    link = (await house.operators.first_link()).removeprefix(house.place)
    assert "Vous devenez propriétaire" in (await house.get(link, languages="fr"))[1]
    assert "Este enlace no es válido" in (await house.get("/console/link/none", languages="es"))[1]


async def test_a_picked_language_is_kept_with_the_account_and_the_browsers_is_not(house: House) -> None:
    await house.owner()
    given = {"email": "ann@example.com", "language": "fr"}
    assert "mot de passe est incorrect" in (await house.post("/console/sign-in", password="wrong", **given))[1]
    assert await language_of(house, "ann@example.com") == ""
    await house.post("/console/sign-in", password=PASSWORD, **given)
    assert await language_of(house, "ann@example.com") == "fr"
    for other in ("", "tlh"):
        await house.post("/console/sign-in", password=PASSWORD, email="ann@example.com", language=other)
    assert await language_of(house, "ann@example.com") == "fr"


async def test_the_language_is_chosen_together_with_the_password(house: House) -> None:
    link = await house.operators.first_link()
    given = {"email": "bo@example.com", "language": "de"}
    assert "Die beiden Passwörter sind verschieden" in (await house.choose(link, again="another one", **given))[1]
    assert (await house.choose(link, **given))[0] == 200
    assert await language_of(house, "bo@example.com") == "de"


async def language_of(house: House, email: str) -> str:
    """As it is on record."""
    async with house.database.connection() as connection:
        found = await connection.execute("select language from operator where email = %s", (email,))
        row = await found.fetchone()
    assert row is not None
    return str(row["language"])
