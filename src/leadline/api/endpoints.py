"""The table of what the API does. Routes, description and the page docs/reference/api.md are made of it."""

from __future__ import annotations

from typing import NamedTuple

from leadline.api import send_shapes, shapes
from leadline.api.channels import ChannelDesk
from leadline.api.consents import ConsentDesk
from leadline.api.contacts import ContactDesk
from leadline.api.endpoint import Endpoint
from leadline.api.merges import MergeDesk
from leadline.api.messages import MessageDesk
from leadline.api.planning import Planning
from leadline.api.sends import SendDesk
from leadline.api.templates import TemplateDesk
from leadline.engine.keep import Keeper
from leadline.panel.sources import Sources
from leadline.people import People
from leadline.store.channels import ChannelStore
from leadline.store.database import Database


class Desks(NamedTuple):
    """Who does the work."""

    channels: ChannelDesk
    messages: MessageDesk
    contacts: ContactDesk
    sends: SendDesk
    merges: MergeDesk
    consents: ConsentDesk
    templates: TemplateDesk


def desks(database: Database, keeper: Keeper, store: ChannelStore, people: People, sources: Sources) -> Desks:
    """The desks, with what they share with the panel."""
    channels = ChannelDesk(store)
    reaches, corrections = sources.reaches, sources.corrections
    planning = Planning(database, channels, corrections, reaches, sources.proactive, sources.rosters)
    return Desks(
        channels=channels,
        messages=MessageDesk(database, channels),
        contacts=ContactDesk(database, people, corrections, reaches),
        sends=SendDesk(database, keeper, planning),
        merges=MergeDesk(sources.merging),
        consents=ConsentDesk(database, keeper, channels, corrections),
        templates=TemplateDesk(database, channels, corrections, reaches, people),
    )


def endpoints(desks: Desks) -> tuple[Endpoint, ...]:
    """Every endpoint, in the order of the page."""
    return (*_messages(desks), *_templates(desks), *_contacts(desks), *_merges(desks), *_consents(desks))


def _messages(desks: Desks) -> tuple[Endpoint, ...]:
    return (
        Endpoint(
            method="POST",
            path="/messages",
            name="sendMessage",
            summary="Send a text or an approved template to an address",
            scope="send",
            act=desks.sends.send,
            answer=send_shapes.Accepted,
            body=send_shapes.Send,
            status=202,
            fails=(409, 502),
            idempotent=True,
        ),
        Endpoint(
            method="GET",
            path="/messages",
            name="listMessages",
            summary="List messages and their states, the latest first",
            scope="read",
            act=desks.messages.listed,
            answer=shapes.Messages,
            query=shapes.Query,
        ),
        Endpoint(
            method="GET",
            path="/messages/{message_id}",
            name="getMessage",
            summary="Read one message and its state",
            scope="read",
            act=desks.messages.get,
            answer=shapes.Message,
            fails=(404,),
        ),
        Endpoint(
            method="GET",
            path="/channels",
            name="listChannels",
            summary="List the connected channels",
            scope="read",
            act=desks.channels.listed,
            answer=shapes.Channels,
        ),
    )


def _templates(desks: Desks) -> tuple[Endpoint, ...]:
    return (
        Endpoint(
            method="GET",
            path="/templates",
            name="listTemplates",
            summary="List the approved templates of a channel, and what each asks for",
            scope="send",
            act=desks.templates.listed,
            answer=send_shapes.Templates,
            query=send_shapes.TemplateQuery,
        ),
        Endpoint(
            method="POST",
            path="/templates/preview",
            name="previewTemplate",
            summary="Show a template filled in, with the values that the contact answers; sends nothing",
            scope="send",
            act=desks.templates.preview,
            answer=send_shapes.FilledTemplate,
            body=send_shapes.TemplatePreview,
            fails=(409, 502),
        ),
    )


def _contacts(desks: Desks) -> tuple[Endpoint, ...]:
    return (
        Endpoint(
            method="GET",
            path="/resolve",
            name="resolveAddress",
            summary="Find the contact that an address belongs to, with the reasons; changes nothing",
            scope="contacts",
            act=desks.contacts.resolve,
            answer=shapes.Resolution,
            query=shapes.Resolve,
            fails=(409, 502),
        ),
        Endpoint(
            method="GET",
            path="/contacts/{contact_id}/addresses",
            name="listAddresses",
            summary="List the addresses of a contact, and how it can be reached",
            scope="contacts",
            act=desks.contacts.addresses,
            answer=shapes.Addresses,
            fails=(404, 409, 502),
        ),
    )


def _merges(desks: Desks) -> tuple[Endpoint, ...]:
    return (
        Endpoint(
            method="POST",
            path="/merges/preview",
            name="previewMerge",
            summary="Show what a merge of two contacts would do; changes nothing",
            scope="merge",
            act=desks.merges.preview,
            answer=shapes.PreviewShape,
            body=shapes.Pair,
            fails=(404, 409, 502),
        ),
        Endpoint(
            method="POST",
            path="/merges",
            name="merge",
            summary="Merge two contacts as their preview showed it",
            scope="merge",
            act=desks.merges.merge,
            answer=shapes.MergeShape,
            body=shapes.Merge,
            fails=(404, 409, 502),
        ),
        Endpoint(
            method="GET",
            path="/merges/{merge_id}",
            name="getMerge",
            summary="Read a merge and its state",
            scope="merge",
            act=desks.merges.get,
            answer=shapes.MergeShape,
            fails=(404,),
        ),
        Endpoint(
            method="POST",
            path="/merges/{merge_id}/undo",
            name="undoMerge",
            summary="Undo a merge as far as that goes",
            scope="merge",
            act=desks.merges.undo,
            answer=shapes.MergeShape,
            fails=(404, 409, 502),
        ),
    )


def _consents(desks: Desks) -> tuple[Endpoint, ...]:
    return (
        Endpoint(
            method="GET",
            path="/consents",
            name="getConsents",
            summary="Read whether an address takes messages on a channel",
            scope="consents",
            act=desks.consents.read,
            answer=shapes.Consents,
            query=shapes.ConsentQuery,
        ),
        Endpoint(
            method="PUT",
            path="/consents",
            name="setConsent",
            summary="Set whether an address takes messages on a channel",
            scope="consents",
            act=desks.consents.set,
            answer=shapes.Consents,
            body=shapes.SetConsent,
        ),
    )
