-- name: person_reaches^
-- One step from these contacts and addresses: addresses linked to them now or talked to, contacts they are linked to,
-- and contacts that were merged into or out of theirs.
select
    array(
        select l.handle from link l where l.workspace_id = :workspace_id and l.contact_id = any(:contacts::text[])
            and l.superseded_at is null
        union select v.handle from conversation v
            where v.workspace_id = :workspace_id and v.contact_id = any(:contacts::text[])
        union select unnest(:handles::text[])
    ) as handles,
    array(
        select l.contact_id from link l where l.workspace_id = :workspace_id and l.handle = any(:handles::text[])
            and l.superseded_at is null
        union select m.from_id from merge m where m.workspace_id = :workspace_id and m.way <> 'reroute'
            and m.state = 'merged' and m.into_id = any(:contacts::text[])
        union select m.into_id from merge m where m.workspace_id = :workspace_id and m.way <> 'reroute'
            and m.state = 'merged' and m.from_id = any(:contacts::text[])
        union select unnest(:contacts::text[])
    ) as contacts;

-- name: person_talks^
with talks as (
    select conversation_id, sender from conversation
    where workspace_id = :workspace_id and (contact_id = any(:contacts::text[]) or handle = any(:handles::text[]))
), sent as (
    select outbound_id, provider_ids, message ->> 'to' as sender from outbound
    where workspace_id = :workspace_id and (contact_id = any(:contacts::text[]) or handle = any(:handles::text[])
        or conversation_id in (select conversation_id from talks))
)
select
    array(select conversation_id from talks) as conversations,
    array(select outbound_id from sent) as outbound,
    array(select distinct unnest(provider_ids) from sent) as provider_ids,
    array(select sender from talks union select sender from sent where sender is not null) as senders,
    array(
        select merge_id from merge where workspace_id = :workspace_id
            and (from_id = any(:contacts::text[]) or into_id = any(:contacts::text[])
                or undo_contact_id = any(:contacts::text[]))
    ) as merges,
    array(
        select name from lane_join where workspace_id = :workspace_id and lane = any(:handles::text[])
        union select lane from lane_join where workspace_id = :workspace_id and name = any(:handles::text[])
    ) as lanes;

-- name: person_arrivals^
with theirs as (
    select arrival_id, raw_id, lane, content ->> 'sender' as sender from arrival
    where workspace_id = :workspace_id and (
        lane = any(:lanes::text[]) or also && :lanes::text[]
        or (kind = 'status' and (content ->> 'outbound_id' = any(:outbound::text[])
            or content ->> 'provider_id' = any(:provider_ids::text[]) or content ->> 'sender' = any(:senders::text[])))
        or (kind = 'merge' and (content ->> 'merge_id')::bigint = any(:merges::bigint[]))
        or (kind = 'notification' and (content ->> 'conversation_id' = any(:conversations::text[])
            or content -> 'contact_ids' ?| :contacts::text[])))
)
select array(select arrival_id from theirs order by arrival_id) as arrivals,
    array(select distinct raw_id from theirs) as raws,
    array(select distinct lane from theirs) as lanes,
    array(select distinct sender from theirs where sender is not null) as senders;

-- name: person_owners^
-- Whose writes to Intercom: owners are made of numbers and ids, see conversations/.
select array(
    select distinct owner from step where workspace_id = :workspace_id and (
        conversation_id = any(:conversations::text[])
        or substring(owner from '^(?:arrival|consent):(\d+)')::bigint = any(:arrivals::bigint[])
        or substring(owner from '^outbound:([^:]+)') = any(:outbound::text[])
        or substring(owner from '^stopped:([^:]+)') = any(:conversations::text[])
        or substring(owner from '^merge:(\d+)')::bigint = any(:merges::bigint[]))
) as owners;

-- name: person_names^
-- What they are called where that is on record.
select array(
    select content -> 'profile' ->> 'name' from arrival
    where workspace_id = :workspace_id and arrival_id = any(:arrivals::bigint[])
    union select content -> 'profile' ->> 'email' from arrival
    where workspace_id = :workspace_id and arrival_id = any(:arrivals::bigint[])
    union select name from handle where workspace_id = :workspace_id and handle = any(:handles::text[])
    union select email from directory_entry where workspace_id = :workspace_id and contact_id = any(:contacts::text[])
    union select candidate ->> field from decision, jsonb_array_elements(document -> 'candidates') candidate,
        unnest(array['name', 'email', 'phone']) field
    where workspace_id = :workspace_id and candidate ->> 'contact_id' = any(:contacts::text[])
) as names;

-- name: raws_that_hold
-- Webhooks that hold any of these in clear; also those whose bytes are packed, which are looked into outside.
select raw_id, case when substring(body from 1 for 2) = '\x1f8b' then body end as packed from raw
where workspace_id = :workspace_id and (
    substring(body from 1 for 2) = '\x1f8b'
    or exists (select 1 from unnest(:needles::bytea[]) needle
        where position(needle in body) > 0
            or position(needle in convert_to(headers::text || url, 'UTF8')) > 0));

-- name: unreadable_that_hold
-- What could not be read has no sender; its webhook or what was kept of it may name them. An unsigned message that was
-- never found in its provider's list made nobody a sender.
select arrival_id from arrival
where workspace_id = :workspace_id and kind in ('unreadable', 'unlisted') and (
    raw_id = any(:raws::uuid[])
    or exists (select 1 from unnest(:needles::text[]) needle where position(needle in content::text || explanation) > 0));

-- name: contacts_by_email
select contact_id from directory_entry where workspace_id = :workspace_id and email = lower(:email);

-- name: decisions_that_name
select arrival_id, document, evidence from decision
where workspace_id = :workspace_id and exists (
    select 1 from unnest(:words::text[]) word
    where position(word in document::text) > 0 or position(word in coalesce(evidence::text, '')) > 0);

-- name: rewrite_decision!
update decision set document = :document, evidence = :evidence
where workspace_id = :workspace_id and arrival_id = :arrival_id;

-- name: refusals_to_keep
select consent_id, handle from consent
where workspace_id = :workspace_id and handle = any(:handles::text[]) and state = 'out' and superseded_at is null;

-- name: keep_refusal!
-- The refusal goes on under what stands in place of the address.
insert into consent (workspace_id, channel_id, handle, about, state, source, arrival_id, since)
select workspace_id, channel_id, :mark, about, 'out', source, 0, since from consent
where workspace_id = :workspace_id and consent_id = :consent_id
on conflict (workspace_id, channel_id, handle, about) where superseded_at is null do nothing;

-- name: lock_lanes
-- In the order in which they are made ready, so that neither can wait for the other. held: a worker has leased it.
select lane, holder is not null and due_at > now() as held from lane
where workspace_id = :workspace_id and lane = any(:lanes::text[]) order by lane for update;

-- name: person_waits^
-- Whether a message of theirs is on its way.
select 1 as waits from arrival where workspace_id = :workspace_id and arrival_id = any(:arrivals::bigint[])
    and state = 'waiting' and kind in ('message', 'begun') limit 1;

-- name: has_forgotten^
select 1 as forgotten from consent
where workspace_id = :workspace_id and handle > 'forgotten:' and handle < 'forgotten;' and superseded_at is null limit 1;
