"""The only wiring: settings → database, connections, wing after wing. CLI and tests open it; `process.py` runs it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from leadline.alerts import Alerts, Telling, Troubles
from leadline.api import desks, endpoints
from leadline.channels import SCHEMES
from leadline.connections.mailing import Mail
from leadline.connections.opened import open_connections
from leadline.connections.renewals import Renewals
from leadline.connections.shared import Connections
from leadline.connections.workspaces import Workspace
from leadline.conversations import Openings, Pace, Reconciliation, Threads
from leadline.directory import Directory, Filing
from leadline.door import Readiness
from leadline.engine.keep import Keeper
from leadline.engine.lanes import Arrival, Lanes, Limits
from leadline.engine.shared import Engine
from leadline.errors import Park
from leadline.inbound import Consents, Contents, Echoes, Joining, Listing, Polls, Receive, attributes
from leadline.intercom.preview_api import PreviewApi
from leadline.merging import Afterwards, Journal, MergeWork, Merging, OpenTwins, Outcomes, Previews, UnmergeWork
from leadline.merging.duplicates.desk import Duplicates
from leadline.merging.duplicates.unattended import Unattended
from leadline.merging.journal import noticed, survivor_of
from leadline.outbound import (
    Automatic,
    Crossings,
    Failures,
    FileLinks,
    LateReplies,
    Notifications,
    Outbox,
    Ownership,
    Proactive,
    Reaches,
    ReplyDesk,
    Sending,
    Templates,
)
from leadline.panel import Panel
from leadline.panel.roster import Rosters
from leadline.panel.sources import Sources
from leadline.people import (
    ContactSearch,
    Corrections,
    Following,
    Leads,
    LeftOut,
    People,
    Profiles,
    Suggestions,
)
from leadline.people.imports import Imports
from leadline.people.leads import attribute_of
from leadline.privacy import Deletions
from leadline.settings import Settings, needed, require
from leadline.store.opened import open_database, vault_of
from leadline.store.workspaces import INSTALLATION
from leadline.webhooks import Sender


class Leadline:
    """An opened Leadline: what the CLI, the console and the tests hold in hand."""

    def __init__(self, settings: Settings, engine: Engine, connections: Connections) -> None:
        self.settings = settings
        self.engine = engine
        self.database = database = engine.database
        self._chosen = ""
        self.connections = connections
        self.channels = connections.channels
        self.readiness = Readiness(database, INSTALLATION)
        self.switchboard = connections.switchboard
        self.renewals = Renewals(connections.channels, connections.calls, connections.rounds)
        self.keeper = Keeper(database, engine.bell)
        limits = Limits(attempts=settings.max_attempts, base=settings.retry_base)
        self.book = connections.book
        self.lanes = Lanes(engine, self.do, limits)
        self._open_people()
        self._open_conversations()
        self._open_outbound()
        self._open_inbound()
        self._open_merging()
        self._open_panel()
        self._open_care()

    @property
    def workspace(self) -> Workspace:
        """The workspace a command is about, or else the first one that was connected. Raises SettingError."""
        return self.connections.workspaces.by_name(self._chosen)

    @property
    def home(self) -> str:
        """The id of the workspace whose console this is, also while Intercom is not connected; INSTALLATION until one
        is known.
        """
        roster = self.connections.roster
        return next(iter([*roster.workspaces.ids, *roster.on_record]), INSTALLATION)

    def choose(self, workspace_id: str) -> None:
        """From now on `workspace` is this one."""
        self._chosen = workspace_id

    # -- one function for each wing; each uses what those before it have built ---------------------------------------

    def _open_people(self) -> None:
        database, workspaces, book = self.database, self.connections.workspaces, self.book
        self.profiles = Profiles(
            database, self.connections.calls, self.connections.media, public_url=self.settings.public_url
        )
        filing = Filing(
            phones=self.settings.attributes_with_phones,
            birthdays=self.settings.attributes_with_birthdays,
            accounts=frozenset(map(attribute_of, SCHEMES)),
        )
        self.following = Following(database, workspaces, survivor_of, noticed, filing, book)
        self.preview_api = PreviewApi(wanted=self.settings.intercom_preview)
        self.directory = Directory(
            database,
            workspaces,
            self.following,
            filing,
            book,
            self.preview_api,
            every=self.settings.directory_every,
        )
        leads = Leads(database, self.profiles, book)
        self.people = People(self.engine, workspaces, book, leads, self.directory)
        self.corrections = Corrections(database, workspaces, self.directory.find)
        self.imports = Imports(database, workspaces, self.connections.channels, self.directory.find, book)
        self.suggestions = Suggestions(database, workspaces, self.directory.find, filing)
        self.search = ContactSearch(workspaces, self.directory.find)
        self.left_out = LeftOut(database, workspaces, filing)

    def _open_conversations(self) -> None:
        limit, margin = self.settings.intercom_timeout, self.settings.intercom_settling
        pace = Pace(start=limit / 2, limit=limit, margin=margin)
        self.threads = Threads(self.engine, self.connections.workspaces, self.following, pace, self.book)
        self.openings = Openings(self.database, self.connections.workspaces)
        self.reconciliation = Reconciliation(
            self.database,
            self.keeper,
            self.connections,
            self.openings,
            self.following,
            every=self.settings.reconcile_every,
        )

    def _open_outbound(self) -> None:
        settings, database, connections = self.settings, self.database, self.connections
        workspaces, public_url = connections.workspaces, settings.public_url
        self.templates = Templates(database, connections.calls, connections.rounds)
        self.reaches = Reaches(database, connections.channels, workspaces, self.templates, self.directory.find)
        self.file_links = FileLinks(database, workspaces, connections.media, public_url=public_url)
        self.sending = Sending(
            Outbox(database),
            connections,
            self.reaches,
            self.file_links,
            Failures(connections.switchboard, self.threads, self.reaches),
            public_url=public_url,
            max_attempts=settings.max_attempts,
        )
        self.proactive = Proactive(
            database, self.keeper, self.people, self.threads, self.reaches, self.sending, self.lanes.drain
        )
        self.ownership = Ownership(database, workspaces, self.book)
        self.crossings = Crossings(database, connections.switchboard, self.threads, self.book)
        self.automatic = Automatic(database, connections.switchboard, self.reaches, self.proactive, self.book)
        self.late_replies = LateReplies(database, workspaces, self.threads, after=settings.late_after)
        self.reply = ReplyDesk(
            database,
            self.following,
            self.sending,
            self.threads,
            self.openings,
            book=self.book,
            max_attempts=settings.max_attempts,
        )
        self.notifications = Notifications(
            database,
            self.keeper,
            workspaces,
            self.directory,
            client_secret=settings.intercom_client_secret,
            book=self.book,
        )

    def _open_inbound(self) -> None:
        connections = self.connections
        joining, contents = Joining(self.database), Contents(self.database, connections.media)
        self.consents = Consents(self.database, connections.switchboard, connections.workspaces, self.threads)
        self.receive = Receive(self.keeper, connections, self.people, self.threads, joining, self.consents, contents)
        self.echoes = Echoes(self.database, self.threads)
        self.polls = Polls(self.database, self.keeper, connections)
        self.listing = Listing(self.database, self.keeper, connections, self.polls)

    def _open_merging(self) -> None:
        settings, database, workspaces = self.settings, self.database, self.connections.workspaces
        vault = vault_of(settings)
        journal = Journal(database, vault, self.keeper, days=settings.journal_days)
        undo = UnmergeWork(database, workspaces, journal, self.threads)
        afterwards = Afterwards(workspaces, journal, self.threads)
        previews = Previews(database, workspaces, journal, self.preview_api)
        work = MergeWork(workspaces, journal, previews, unmerge=undo, afterwards=afterwards)
        self.outcomes = Outcomes(journal, self.lanes.drain)
        self.open_twins = OpenTwins(database, workspaces, self.threads)
        self.merging = Merging(
            database, workspaces, journal, work, self.outcomes, search=self.search, grace=settings.merge_grace
        )
        self.duplicates = Duplicates(
            database,
            workspaces,
            self.merging,
            self.directory,
            keep=settings.duplicates_keep,
            memory=settings.duplicates_memory,
        )
        self.unattended = Unattended(database, workspaces, self.duplicates)

    def _open_panel(self) -> None:
        sources = Sources(
            self.reaches,
            self.sending,
            self.proactive,
            self.merging,
            self.corrections,
            self.suggestions,
            self.left_out,
            self.open_twins,
            Rosters(self.connections.workspaces),
        )
        secret = self.settings.intercom_client_secret
        self.api = endpoints(desks(self.database, self.keeper, self.channels, self.people, sources))
        self.panel = Panel(self.database, sources, self.connections.workspaces, self.book, client_secret=secret)

    def _open_care(self) -> None:
        settings, database = self.settings, self.database
        self.deletions = Deletions(database, self.connections.workspaces)
        self.mail = Mail(settings.smtp_url, settings.smtp_from)
        telling = Telling(self.mail, public_url=settings.public_url, allowed=settings.media_allowed)
        self.webhooks = Sender(database, vault_of(settings), allowed=settings.media_allowed)
        self.alerts = Alerts(
            database, vault_of(settings), Troubles(database, self.channels, settings.embedded_in), telling
        )

    async def do(self, arrival: Arrival) -> str:
        """The work of one arrival, by its kind; says what came of it."""
        works = {
            "message": self._message,
            "status": self.reply.status,
            "notification": self.reply.notification,
            "merge": self.merging.work,
            "opening": self.proactive.open,
            "begun": self.proactive.send,
            "crossed": self.crossings.noticed,
            "consent": self.consents.receive,
            "move": self.people.moved,
            "echo": self.echoes.receive,
            "unlisted": self.listing.look,
            "erasure": self.deletions.work,
        }
        if arrival.kind not in works:
            raise Park("unreadable", "It could not be read when it arrived. Its raw form is kept.")
        return await works[arrival.kind](arrival)

    async def _message(self, arrival: Arrival) -> str:
        """A customer's message, whose it is to answer, and what its channel says by itself."""
        word = await self.receive.message(arrival)
        await self.ownership.after(arrival)
        await self.automatic.after(arrival)
        return word


@asynccontextmanager
async def open_leadline(settings: Settings) -> AsyncIterator[Leadline]:
    """Open everything in the right order; raises SettingError, one line for the person who must fix it."""
    require(settings, *needed(settings))
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(settings))
        engine = Engine(database)
        connections = await stack.enter_async_context(open_connections(settings, engine, attributes()))
        leadline = Leadline(settings, engine, connections)
        stack.push_async_callback(engine.close)
        stack.push_async_callback(leadline.lanes.close)
        stack.push_async_callback(leadline.keeper.close)
        stack.push_async_callback(leadline.outcomes.close)
        stack.push_async_callback(leadline.panel.close)
        yield leadline
