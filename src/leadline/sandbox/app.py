"""The sandbox as a Starlette application: routes, lifespan, error envelope. Run by `leadline sandbox` and `demo`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files as resources

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from leadline.sandbox import (
    admins,
    archive,
    attributes,
    belongings,
    contact_extras,
    contacts,
    conversation_attributes,
    conversation_merge,
    conversations,
    files,
    merge,
    merge_preview,
    messages,
    participants,
    parts,
    replies,
    searches,
    tags,
    teams,
)
from leadline.sandbox.call import Door, Handler, error_response
from leadline.sandbox.control import Controls
from leadline.sandbox.faults import Faults
from leadline.sandbox.oauth import Installs
from leadline.sandbox.snoozes import Snoozes
from leadline.sandbox.webhooks import Outbox
from leadline.sandbox.workspace import ApiError, SandboxSettings, Workspace
from leadline.store.database import Database
from leadline.store.migrating import migrate

__all__ = ["Sandbox", "SandboxSettings", "create", "prepare"]

API: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/me", admins.me),
    ("GET", "/admins", admins.list_admins),
    ("GET", "/admins/{id}", admins.get_admin),
    ("GET", "/contacts", contacts.list_contacts),
    ("POST", "/contacts", contacts.create),
    ("POST", "/contacts/search", searches.search_contacts),
    ("POST", "/contacts/merge", merge.merge),
    ("POST", "/contacts/merge/preview", merge_preview.preview),
    ("GET", "/contacts/activities", merge_preview.activities),
    ("GET", "/contacts/find_by_external_id/{external_id:path}", contacts.find_by_external_id),
    ("GET", "/contacts/{id}", contacts.get),
    ("PUT", "/contacts/{id}", contacts.update),
    ("DELETE", "/contacts/{id}", archive.delete),
    ("POST", "/contacts/{id}/archive", archive.archive),
    ("POST", "/contacts/{id}/unarchive", archive.unarchive),
    ("POST", "/contacts/{id}/block", archive.block),
    ("GET", "/contacts/{id}/merge_history", merge.merge_history),
    ("GET", "/contacts/{id}/tags", contact_extras.list_tags),
    ("POST", "/contacts/{id}/tags", contact_extras.add_tag),
    ("DELETE", "/contacts/{id}/tags/{tag_id}", contact_extras.remove_tag),
    ("GET", "/contacts/{id}/notes", contact_extras.list_notes),
    ("POST", "/contacts/{id}/notes", contact_extras.add_note),
    ("GET", "/contacts/{id}/companies", belongings.companies_of),
    ("POST", "/contacts/{id}/companies", belongings.attach_company),
    ("DELETE", "/contacts/{id}/companies/{company_id}", belongings.detach_company),
    ("GET", "/contacts/{id}/subscriptions", belongings.subscriptions_of),
    ("POST", "/contacts/{id}/subscriptions", belongings.choose_subscription),
    ("DELETE", "/contacts/{id}/subscriptions/{subscription_id}", belongings.drop_subscription),
    ("GET", "/companies", belongings.list_companies),
    ("POST", "/companies", belongings.save_company),
    ("GET", "/subscription_types", belongings.list_types),
    ("GET", "/conversations", conversations.list_conversations),
    ("POST", "/conversations", conversations.create),
    ("POST", "/conversations/search", searches.search_conversations),
    ("POST", "/conversations/redact", participants.redact),
    ("GET", "/conversations/deleted", conversations.list_deleted),
    ("GET", "/conversations/attributes", conversation_attributes.list_attributes),
    ("POST", "/conversations/attributes", conversation_attributes.create_attribute),
    ("GET", "/conversations/{id}", conversations.get),
    ("PUT", "/conversations/{id}", conversations.update),
    ("DELETE", "/conversations/{id}", conversations.delete),
    ("POST", "/conversations/{id}/reply", replies.reply),
    ("POST", "/conversations/{id}/parts", parts.add),
    ("POST", "/conversations/{id}/merge", conversation_merge.merge),
    ("POST", "/conversations/{id}/customers", participants.attach),
    ("DELETE", "/conversations/{id}/customers/{contact_id}", participants.detach),
    ("POST", "/conversations/{id}/tags", participants.add_tag),
    ("DELETE", "/conversations/{id}/tags/{tag_id}", participants.remove_tag),
    ("POST", "/messages", messages.create),
    ("GET", "/teams", teams.list_teams),
    ("GET", "/teams/{id}", teams.get_team),
    ("GET", "/tags", tags.list_tags),
    ("POST", "/tags", tags.create_tag),
    ("GET", "/tags/{id}", tags.get_tag),
    ("DELETE", "/tags/{id}", tags.delete_tag),
    ("GET", "/data_attributes", attributes.list_attributes),
    ("POST", "/data_attributes", attributes.create_attribute),
    ("PUT", "/data_attributes/{id}", attributes.update_attribute),
)


class Sandbox(Starlette):
    """Starlette that lets a fault find the connection it is to cut (uvicorn keeps it on the object behind `send`)."""

    workspace: Workspace

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["sandbox.transport"] = getattr(getattr(send, "__self__", None), "transport", None)
        await super().__call__(scope, receive, send)


async def prepare(database: Database) -> None:
    """Create or update the sandbox's tables. It needs a database of its own."""
    await migrate(database, resources("leadline.sandbox") / "migrations", table="sandbox_migration")


def create(database: Database, settings: SandboxSettings) -> Sandbox:
    """The application over a prepared database. Its lifespan sends webhooks; run it with lifespan on."""
    workspace = Workspace(database, settings)
    outbox = Outbox(workspace)
    faults = Faults()
    door = Door(workspace, outbox, faults)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await workspace.load()
        async with outbox.running(), Snoozes(workspace, outbox).running():
            yield

    async def file(request: Request) -> Response:
        return await files.serve(workspace, request)

    routes = [
        Route(path, door.endpoint(handler, f"{method} {path}"), methods=[method]) for method, path, handler in API
    ]
    routes += [
        Route(f"/_sandbox{path}", door.control_endpoint(handler), methods=[method])
        for method, path, handler in _controls(Controls(faults))
    ]
    routes += Installs(workspace).routes()
    routes.append(Route("/files/{key}", file, methods=["GET"]))
    app = Sandbox(routes=routes, lifespan=lifespan, exception_handlers={HTTPException: _unknown, Exception: _broken})
    app.workspace = workspace
    return app


def _controls(controls: Controls) -> tuple[tuple[str, str, Handler], ...]:
    return (
        ("GET", "/control", controls.show),
        ("PUT", "/control", controls.change),
        ("POST", "/token/revoke", controls.revoke),
        ("GET", "/faults", controls.list_faults),
        ("POST", "/faults", controls.add_fault),
        ("DELETE", "/faults", controls.clear_faults),
        ("GET", "/calls", controls.calls),
        ("DELETE", "/calls", controls.clear_calls),
        ("GET", "/webhooks", controls.webhooks),
        ("DELETE", "/webhooks", controls.clear_webhooks),
        ("POST", "/webhooks/check", controls.check),
        ("POST", "/webhooks/{id}/redeliver", controls.redeliver),
        ("POST", "/contacts/{id}/origin", controls.set_origin),
        ("POST", "/messenger", controls.messenger),
        ("POST", "/bot", controls.bot),
        ("POST", "/teammate", controls.teammate),
    )


async def _unknown(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    text = "The requested resource was not found" if status == 404 else "This method is not allowed here"
    return error_response(ApiError(status, "not_found" if status == 404 else "client_error", text))


async def _broken(request: Request, error: Exception) -> Response:
    """Starlette raises the error again after this answer, so that the server logs it."""
    return error_response(ApiError(500, "server_error", "Something went wrong inside the sandbox; see its log"))
