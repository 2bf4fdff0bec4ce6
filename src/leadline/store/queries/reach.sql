-- name: standing^
-- What this customer refuses on the channel and who said so, and when the last message of theirs came.
select
    (
        select max(source) from consent
        where consent.workspace_id = :workspace_id and consent.channel_id = :channel_id
            and consent.handle = any(:names::text[]) and about = 'everything' and state = 'out' and superseded_at is null
    ) as refused_by,
    exists (
        select 1 from consent
        where consent.workspace_id = :workspace_id and consent.channel_id = :channel_id
            and consent.handle = any(:names::text[]) and about = 'marketing' and state = 'out' and superseded_at is null
    ) as no_marketing,
    (
        select extract(epoch from max(last_inbound_at))::float8 from conversation
        where conversation.workspace_id = :workspace_id and conversation.channel_id = :channel_id
            and conversation.handle = :handle
    ) as last_inbound, extract(epoch from now())::float8 as now;

-- name: given_since^
-- How many messages the provider took for this customer, or may have taken, since then.
select count(*) as given from outbound
where workspace_id = :workspace_id and channel_id = :channel_id and message ->> 'to' = :sender
    and state in ('sending', 'unknown', 'sent', 'delivered', 'read') and created_at >= to_timestamp(:since);

-- name: conversations_of_contact
-- One row for each channel and address of the contact, with the latest conversation.
select distinct on (channel_id, handle) conversation_id, channel_id, handle, sender, ended_at
from conversation
where workspace_id = :workspace_id and contact_id = :contact_id
order by channel_id, handle, ended_at is null desc, opened_at desc;

-- name: latest_conversation^
-- Where one address is talked to on one channel: the open conversation, or else the last one.
select conversation_id, contact_id, sender, ended_at from conversation
where workspace_id = :workspace_id and handle = :handle and channel_id = :channel_id
order by ended_at is null desc, opened_at desc limit 1;

-- name: open_conversation_of^
-- Where the customer is talked to under any of these addresses, the latest first.
select conversation_id, contact_id from conversation
where workspace_id = :workspace_id and channel_id = :channel_id and handle = any(:handles::text[])
    and ended_at is null
order by last_inbound_at desc nulls last limit 1;

-- name: supersede_consents
update consent set superseded_at = now()
where workspace_id = :workspace_id and channel_id = :channel_id and handle = any(:handles::text[])
    and about = :about and superseded_at is null and state <> :state
returning handle;

-- name: record_consents!
-- Nothing where the address stands so already.
insert into consent (workspace_id, channel_id, handle, about, state, source, word, arrival_id)
select :workspace_id, :channel_id, unnest(:handles::text[]), :about, :state, :source, :word, :arrival_id
on conflict (workspace_id, channel_id, handle, about) where superseded_at is null do nothing;

-- name: consent_of_arrival
select handle, about, state, source, word from consent
where workspace_id = :workspace_id and arrival_id = :arrival_id order by consent_id;

-- name: refusals_of
-- Which of these addresses refuse messages on the channel, and who said so.
select handle, source from consent
where workspace_id = :workspace_id and channel_id = :channel_id and handle = any(:handles::text[])
    and about = 'everything' and superseded_at is null and state = 'out';

-- name: refused_channels
-- The channels on which the contact refuses messages, by name.
select distinct channel.name
from consent
join link on link.workspace_id = consent.workspace_id and link.handle = consent.handle
    and link.superseded_at is null
join channel on channel.workspace_id = consent.workspace_id and channel.channel_id = consent.channel_id
where consent.workspace_id = :workspace_id and link.contact_id = :contact_id
    and consent.superseded_at is null and consent.state = 'out' and consent.about = 'everything'
order by channel.name;
