"""Everything that `leadline` can do. A new command is one line here."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from leadline import __version__
from leadline.cli.lazy import LazyGroup, deferred

# name: (module:function under leadline.cli, the first sentence of its help)
TOP = {
    "init": ("init:init", "Write the settings file, with a fresh key."),
    "serve": ("serve:serve", "Answer webhooks, and work on what arrives."),
    "worker": ("serve:worker", "Work on what arrives, without answering webhooks."),
    "demo": ("demo:demo", "Try Leadline on this machine, without any account."),
    "ready": ("ready:ready", "Ask whether what comes in can be kept."),
    "doctor": ("doctor:doctor", "Check settings, database, Intercom, address and channels."),
    "explain": ("explain:explain", "Show which contact a message went to, and why."),
    "replay": ("replay:replay", "Decide past messages again with another policy."),
    "quality": ("quality:quality", "Show how often teammates corrected a choice, by its reason."),
    "retention": ("retention:retention", "Show what is kept and for how long."),
    "migrate": ("migrate:migrate", "Bring the database up to the installed version."),
    "backup": ("backup:backup", "Write the whole database into one file, and read it back."),
    "restore": ("restore:restore", "Put a backup into an empty database."),
    "reconcile": ("reconcile:reconcile", "Find replies whose webhook was lost, and send them."),
    "merge": ("merge:merge", "Merge a lead into another contact."),
}
GROUPS = {
    "audit": (
        "See who did what, and check that the record is intact.",
        {
            "list": ("audit:list_", "List what people did, the latest last."),
            "export": ("audit:export", "Write the whole audit as JSON, one act on each line."),
            "verify": ("audit:verify", "Check that nothing in the audit was changed, removed or added."),
        },
    ),
    "person": (
        "Show, export or erase what is on record about a person.",
        {
            "show": ("person:show_", "Show where a person is on record, and how often."),
            "export": ("person:export", "Write everything that is on record about a person as JSON."),
            "erase": ("person:erase", "Erase everything about a person, for good, and print a receipt."),
        },
    ),
    "user": (
        "Look after the people who use the console.",
        {
            "list": ("user:list_", "List who uses the console, and as what."),
            "add": ("user:add", "Invite somebody, and mail or print their one-time link."),
            "role": ("user:role", "Give somebody another role."),
            "reset": ("user:reset", "Mail or print a one-time link for a new password."),
            "unlink": ("user:unlink", "Forget the account with which somebody signs in."),
            "remove": ("user:remove", "Take somebody out, and sign them out everywhere."),
        },
    ),
    "sign-in": (
        "Let people sign in with Google, Microsoft or another provider.",
        {
            "list": ("sign_in:list_", "List the providers people sign in with."),
            "add": ("sign_in:add", "Let people sign in with a provider."),
            "change": ("sign_in:change", "Change whom a provider lets in, its name or its secret."),
            "test": ("sign_in:try_", "Check that people can sign in with a provider now."),
            "remove": ("sign_in:remove", "Stop letting people in through a provider."),
        },
    ),
    "api-key": (
        "Look after the keys that other systems use for the API.",
        {
            "list": ("api_key:list_", "List the keys, what each may do, and when it was last used."),
            "create": ("api_key:create", "Make a key, and print its token."),
            "rotate": ("api_key:rotate", "Give a key another token."),
            "revoke": ("api_key:revoke", "End a key at once."),
            "scopes": ("api_key:scopes", "List what a key can be allowed."),
        },
    ),
    "key": (
        "Change the key that encrypts credentials.",
        {"rotate": ("key:rotate", "Seal everything that is encrypted with the present secret key.")},
    ),
    "channel": (
        "Connect channels and look after them.",
        {
            "add": ("channel_add:add", "Connect a channel."),
            "list": ("channel:list_", "List the channels."),
            "test": ("channel_check:test", "Check a channel's credentials and its webhook address."),
            "change": ("channel_change:change", "Give a channel new credentials or settings."),
            "rotate": ("channel_add:rotate", "Give a channel a new webhook address."),
            "register": ("channel_add:register", "Tell the provider a channel's webhook address again."),
            "pause": ("channel_hold:pause", "Hold a channel back for a while."),
            "resume": ("channel_hold:resume", "Let a paused channel go on, with everything that waited."),
            "remove": ("channel_hold:remove", "Take a channel out of service."),
            "restore": ("channel_hold:restore", "Put a removed channel back into service."),
            "providers": ("channel_providers:providers", "List the providers, and what each can do."),
            "settings": ("channel_providers:settings_", "List the settings of a provider."),
            "templates": ("channel_talk:templates", "List a channel's message templates."),
            "send-template": ("channel_talk:send_template", "Send an approved template to a customer."),
            "poll": ("channel_talk:poll", "Fetch messages whose webhook was missed."),
            "new": ("channel_new:new", "Write the source files of a new channel."),
        },
    ),
    "webhook": (
        "Tell other systems what happens, with signed webhooks.",
        {
            "list": ("webhook:list_", "List the webhooks, and what waits for each."),
            "add": ("webhook:add", "Add a webhook for another system, and print its secret."),
            "change": ("webhook:change", "Change where a webhook goes, or what it tells."),
            "rotate": ("webhook:rotate", "Give a webhook another secret."),
            "pause": ("webhook:pause", "Stop sending to a webhook for a while."),
            "resume": ("webhook:resume", "Let a paused webhook go on, with everything that waited."),
            "test": ("webhook:try_", "Send a test event now."),
            "deliveries": ("webhook:deliveries", "List the events of a webhook, the newest first."),
            "replay": ("webhook:replay", "Send again what was given up, or everything since a time."),
            "remove": ("webhook:remove", "Remove a webhook."),
            "events": ("webhook:events", "List what can be told."),
        },
    ),
    "workspace": (
        "Connect Intercom workspaces and look after them.",
        {
            "connect": ("workspace:connect", "Connect a workspace by the access token of its app."),
            "install": ("workspace:install", "Print a link that lets an Intercom admin connect a workspace."),
            "list": ("workspace:list_", "List the workspaces, and whether Intercom lets Leadline in."),
            "set": ("workspace:set_", "Give a workspace a new access token."),
            "test": ("workspace:test", "Ask Intercom whether it lets Leadline in, and as whom."),
            "remove": ("workspace:remove", "Stop serving a workspace and forget its token."),
        },
    ),
    "settings": (
        "See and change the settings of the workspace.",
        {
            "list": ("settings:list_", "List every setting with its value."),
            "set": ("settings:set_", "Change a setting; running processes act by it at once."),
            "reset": ("settings:reset", "Put a setting back to its default."),
            "history": ("settings:history", "Show who changed what and when, the latest first."),
        },
    ),
    "schedule": (
        "Look after opening hours that several channels share.",
        {
            "list": ("schedule:list_", "List the schedules, who uses each, and whether it is open."),
            "add": ("schedule:add", "Make a schedule."),
            "remove": ("schedule:remove", "Remove a schedule."),
        },
    ),
    "link": (
        "See which contact a sender belongs to, and correct it.",
        {
            "list": ("link:list_", "List the current links, newest first."),
            "history": ("link:history", "List all links an address ever had, oldest first."),
            "detach": ("link:detach", "Unlink a sender from its contact."),
            "attach": ("link:attach", "Link a sender to a contact."),
            "share": ("link:share", "Mark a phone as used by several people."),
            "undo": ("link:undo", "Undo a correction."),
            "corrections": ("link:corrections", "List the corrections people made, newest first."),
        },
    ),
    "import": (
        "Take over what another product left on contacts.",
        {
            "octopods": ("imports:octopods", "Link senders as Octopods did; by default it only shows how."),
            "list": ("imports:list_", "List the imports, the latest first."),
            "undo": ("imports:undo", "Take back every link that an import made."),
        },
    ),
    "directory": (
        "See what Leadline knows of the workspace's contacts.",
        {
            "status": ("directory:status", "Show how complete and how fresh the directory is."),
            "fill": ("directory:fill", "Read all contacts from Intercom now."),
            "find": ("directory:find", "Find contacts by phone, e-mail, external id or name."),
        },
    ),
    "duplicates": (
        "Find contacts that are one person, and merge them.",
        {
            "scan": ("duplicates:scan", "Compare all contacts now, and keep the groups of duplicates."),
            "list": ("duplicates:list_", "List the groups of duplicates, the surest first."),
            "show": ("duplicates:show_", "Show one group: its contacts, what speaks for and against."),
            "merge": ("duplicates_batch:merge", "Merge groups of duplicates; by default it only shows how."),
            "resume": ("duplicates_batch:resume", "Go on with a batch that was stopped or broke off."),
            "stop": ("duplicates_batch:stop", "Stop a batch that runs."),
            "undo": ("duplicates_batch:undo", "Take back every merge of a batch."),
            "batches": ("duplicates_batch:batches", "List the batches, the latest first."),
            "ignore": ("duplicates:ignore", "Say that the contacts of a group are not the same person."),
            "later": ("duplicates:later", "Put a group off for some weeks."),
            "unsure": ("duplicates:unsure", "Say that nobody can tell."),
            "report": ("duplicates:report", "Write the groups with their reasons into a file for people."),
            "learn": ("duplicates:learn", "Fit the weights to the pairs that people reviewed here."),
            "auto": ("duplicates:auto", "Show or change whether duplicates are merged at night."),
        },
    ),
    "sandbox": (
        "Run the Intercom-compatible sandbox workspace on its own.",
        {
            "run": ("sandbox:sandbox", "Run the sandbox, as `leadline sandbox` alone does."),
            "import": ("sandbox:import_", "Import contacts into the sandbox."),
        },
    ),
    "parked": (
        "See messages that need a person, and decide about them.",
        {
            "list": ("parked:list_", "List parked messages, and messages waiting for another try."),
            "retry": ("parked:retry", "Try parked or waiting messages again now."),
            "drop": ("parked:drop", "Give up parked messages for good."),
        },
    ),
    "merges": (
        "See the merges that were made, and undo them.",
        {
            "list": ("merges:list_", "List merges, newest first."),
            "show": ("merges:show_", "Show everything about one merge."),
            "undo": ("merges:undo", "Undo a merge as far as possible."),
            "join": ("merges:join", "Merge two open conversations of one contact on one channel."),
            "erase": ("merges:erase", "Delete what the journal keeps about both contacts of a merge."),
        },
    ),
}


class _Commands(LazyGroup):
    """The whole command line, with every command deferred."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands.update(deferred(TOP))
        for name, (summary, table) in GROUPS.items():
            verbs: dict[str, Any] = {**deferred(table)}
            group = LazyGroup(
                name=name, help=summary, commands=verbs, no_args_is_help="run" not in table, rich_markup_mode=None
            )
            group.default = "run" if "run" in table else ""
            self.commands[name] = group


app = typer.Typer(
    cls=_Commands,
    help="Leadline puts every message on the right Intercom contact, says why, and can take it back.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # its help would cost more CPU than most commands
)


def _tell_version(wanted: bool) -> None:
    if wanted:
        print(f"leadline {__version__}")
        raise typer.Exit()


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_tell_version, help="Print the version and exit")
    ] = False,
) -> None: ...
