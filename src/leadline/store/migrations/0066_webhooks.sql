-- Other systems are told of what happened. An event is written by the transaction that it tells of, and only where a
-- webhook of the workspace wants it: nothing is told that was rolled back, and nothing that was committed is left out.
create table webhook (
    workspace_id text not null,
    webhook_id bigint generated always as identity,
    name text not null,
    address bytea not null,
    secret bytea not null,
    former_secret bytea,
    former_until timestamptz,
    events text[] not null,
    with_text boolean not null,
    created_at timestamptz not null default now(),
    primary key (workspace_id, webhook_id)
);
create unique index webhook_name on webhook (workspace_id, lower(name));
comment on column webhook.address is 'sealed, as the secrets are: some systems put a password into it';
comment on column webhook.former_secret is 'signs beside the new one until former_until';

-- No foreign key to webhook: removing one must never fail the work of a message.
create table webhook_event (
    workspace_id text not null,
    event_id uuid not null default gen_random_uuid(),
    number bigint generated always as identity,
    webhook_id bigint not null,
    kind text not null,
    about text not null,
    contact_id text not null,
    former_id text not null,
    handle text not null,
    content jsonb not null,
    at timestamptz not null default now(),
    tries int not null default 0,
    due_at timestamptz not null default now(),
    sent_at timestamptz,
    given_up_at timestamptz,
    trouble text not null default '',
    primary key (workspace_id, event_id)
);
create unique index webhook_event_once on webhook_event (workspace_id, webhook_id, kind, about);
create index webhook_event_due on webhook_event (workspace_id, webhook_id, due_at, number)
    where sent_at is null and given_up_at is null;
create index webhook_event_given_up on webhook_event (workspace_id, webhook_id, given_up_at)
    where given_up_at is not null;
create index webhook_event_by_age on webhook_event (workspace_id, at);
comment on column webhook_event.about is 'what it tells of: the same thing is told once';

create function webhook_wanted(workspace text, what text) returns boolean language sql stable as $$
    select exists (select from webhook where workspace_id = workspace and what = any(events))
$$;

create function tell_webhooks(workspace text, what text, about text, contact text, former text, handle text,
    content jsonb, more jsonb) returns void language plpgsql as $$
begin
    insert into webhook_event (workspace_id, webhook_id, kind, about, contact_id, former_id, handle, content)
    select w.workspace_id, w.webhook_id, what, tell_webhooks.about, coalesce(contact, ''), coalesce(former, ''),
        coalesce(tell_webhooks.handle, ''),
        tell_webhooks.content || case when w.with_text then more else '{}' end
    from webhook w where w.workspace_id = workspace and what = any(w.events)
    on conflict do nothing;
    if found then
        perform pg_notify('leadline_webhooks', '');
    end if;
end $$;

-- A message in several parts is told once, by the part that leads, when all of it is in Intercom.
create function tell_received() returns trigger language plpgsql as $$
declare
    contact text;
    conversation text;
    written text;
begin
    if not webhook_wanted(new.workspace_id, 'message.received') then
        return null;
    end if;
    select contact_id into contact from decision
    where workspace_id = new.workspace_id and arrival_id = new.arrival_id;
    select conversation_id into conversation from step
    where workspace_id = new.workspace_id and owner = 'arrival:' || new.arrival_id and conversation_id <> ''
    order by step limit 1;
    select string_agg(content ->> 'text', case when content -> 'piece' ->> 'total' > '0' then '' else E'\n' end
        order by (content -> 'piece' ->> 'number')::int) into written
    from arrival where workspace_id = new.workspace_id and joined_by = new.arrival_id;
    perform tell_webhooks(new.workspace_id, 'message.received', new.arrival_id::text, contact, null, new.lane,
        jsonb_build_object('message_id', 'in-' || new.arrival_id, 'channel_id', new.channel_id,
            'contact_id', coalesce(contact, ''), 'conversation_id', coalesce(conversation, ''), 'state', 'received'),
        jsonb_build_object('text', coalesce(written, new.content ->> 'text', ''), 'address', new.lane));
    return null;
end $$;
create trigger tell_received after update of state on arrival for each row
    when (new.state = 'done' and old.state <> 'done' and new.kind = 'message'
        and coalesce(new.joined_by, new.arrival_id) = new.arrival_id)
    execute function tell_received();

-- Names are those of the API. A report that overtakes the provider's answer tells both: that it was sent, and that it is there.
create function tell_outbound() returns trigger language plpgsql as $$
declare
    what jsonb;
    more jsonb;
begin
    if not exists (select from webhook where workspace_id = new.workspace_id) then
        return null;
    end if;
    what := jsonb_build_object(
        'message_id', case when new.part_id like 'begun:%' then 'out-' || new.part_id
            else 'out-' || new.conversation_id || '.' || new.part_id end,
        'piece', new.piece, 'channel_id', new.channel_id, 'contact_id', new.contact_id,
        'conversation_id', new.conversation_id);
    more := jsonb_build_object('text', coalesce(new.message ->> 'text', ''), 'address', new.handle);
    if new.state = 'failed' then
        perform tell_webhooks(new.workspace_id, 'message.failed', new.outbound_id || '/' || now(), new.contact_id,
            null, new.handle, what || jsonb_build_object('state', 'failed', 'reason', new.reason), more);
        return null;
    end if;
    if old.state not in ('sent', 'delivered', 'read') then
        perform tell_webhooks(new.workspace_id, 'message.sent', new.outbound_id, new.contact_id, null, new.handle,
            what || '{"state": "sent"}', more);
    end if;
    if new.state <> 'sent' then
        perform tell_webhooks(new.workspace_id, 'message.delivered', new.outbound_id, new.contact_id, null, new.handle,
            what || '{"state": "delivered"}', more);
    end if;
    return null;
end $$;
create trigger tell_outbound after update of state on outbound for each row
    when (new.state <> old.state and new.state in ('sent', 'delivered', 'read', 'failed'))
    execute function tell_outbound();

-- A lead has its first link in the transaction that puts it on record; several addresses are still one contact.
create function tell_created() returns trigger language plpgsql as $$
begin
    if exists (select from link where workspace_id = new.workspace_id and contact_id = new.contact_id
            and superseded_at is null and link_id < new.link_id) then
        return null;
    end if;
    perform tell_webhooks(new.workspace_id, 'contact.created', new.contact_id, new.contact_id, null, new.handle,
        jsonb_build_object('contact_id', new.contact_id, 'role', new.role),
        jsonb_build_object('address', new.handle));
    return null;
end $$;
create trigger tell_created after insert on link for each row
    when (new.evidence = 'created' and new.role = 'lead') execute function tell_created();

create function tell_merged() returns trigger language plpgsql as $$
begin
    perform tell_webhooks(new.workspace_id, 'contact.merged', new.merge_id::text, new.into_id, new.from_id, null,
        jsonb_build_object('merge_id', new.merge_id, 'contact_id', new.into_id, 'former_id', new.from_id,
            'state', 'merged'), '{}');
    return null;
end $$;
create trigger tell_merged after insert on merge for each row
    when (new.state = 'merged' and new.way <> 'reroute') execute function tell_merged();
create trigger tell_settled after update of state on merge for each row
    when (new.state = 'merged' and old.state in ('planned', 'calling') and new.way <> 'reroute')
    execute function tell_merged();

-- What erasing a person leaves behind, a hash with arrival 0, is no new refusal.
create function tell_opted_out() returns trigger language plpgsql as $$
declare
    contact text;
begin
    if not webhook_wanted(new.workspace_id, 'contact.opted_out') then
        return null;
    end if;
    select contact_id into contact from link
    where workspace_id = new.workspace_id and handle = new.handle and superseded_at is null;
    perform tell_webhooks(new.workspace_id, 'contact.opted_out',
        concat_ws('/', new.channel_id, new.about, coalesce(contact, new.handle), now()), contact, null, new.handle,
        jsonb_build_object('contact_id', coalesce(contact, ''), 'channel_id', new.channel_id, 'about', new.about, 'state', 'out'),
        jsonb_build_object('address', new.handle));
    return null;
end $$;
create trigger tell_opted_out after insert on consent for each row
    when (new.state = 'out' and new.superseded_at is null and new.arrival_id is distinct from 0)
    execute function tell_opted_out();
