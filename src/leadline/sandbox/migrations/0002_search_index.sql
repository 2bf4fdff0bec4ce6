-- What searches see. Every write queues the new document; a search first takes over what is older than the lag.
-- So a search never blocks a write, sees the state of `lag` seconds ago, and with no lag sees every committed write.

create table contact_index (id text primary key, doc jsonb not null);
create table contact_pending (
    seq bigint generated always as identity primary key,
    id text not null,
    doc jsonb, -- null takes it out of the index
    at timestamptz not null default clock_timestamp()
);
create table conversation_index (id bigint primary key, doc jsonb not null);
create table conversation_pending (
    seq bigint generated always as identity primary key,
    id bigint not null,
    doc jsonb, -- null takes it out of the index
    at timestamptz not null default clock_timestamp()
);
create index contact_pending_id on contact_pending (id);
create index conversation_pending_id on conversation_pending (id);
create index contact_pending_at on contact_pending (at);
create index conversation_pending_at on conversation_pending (at);

create index contact_index_phone on contact_index ((doc ->> 'phone'));
create index contact_index_formatted_phone on contact_index ((doc ->> 'formatted_phone'));
create index contact_index_email on contact_index (lower(doc ->> 'email'));
create index contact_index_external_id on contact_index ((doc ->> 'external_id'));
create index contact_index_created on contact_index ((coalesce((doc ->> 'created_at')::bigint, 0)), id);
create index contact_index_updated on contact_index ((coalesce((doc ->> 'updated_at')::bigint, 0)), id);
create index contact_index_attributes on contact_index using gin ((doc -> 'custom_attributes') jsonb_path_ops);
create index conversation_index_contacts on conversation_index using gin ((doc -> 'contact_ids'));
create index conversation_index_updated on conversation_index ((coalesce((doc ->> 'updated_at')::bigint, 0)), id);
create index conversation_index_created on conversation_index ((coalesce((doc ->> 'created_at')::bigint, 0)), id);

-- Archived, merged and deleted ones leave the index with the next search, whatever the lag.
create function contact_queue() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' or new.archived or new.merged_into is not null then
        delete from contact_pending where id = coalesce(old.id, new.id);
        insert into contact_pending (id, at) values (coalesce(old.id, new.id), '-infinity');
    else
        insert into contact_pending (id, doc) values (new.id, (to_jsonb(new) - 'fields') || new.fields);
    end if;
    return null;
end $$;
create trigger contact_queue after insert or update or delete on contact
    for each row execute function contact_queue();

create function conversation_queue() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        delete from conversation_pending where id = old.id;
        insert into conversation_pending (id, at) values (old.id, '-infinity');
    else
        insert into conversation_pending (id, doc)
            values (new.id, to_jsonb(new) || jsonb_build_object('open', new.state <> 'closed'));
    end if;
    return null;
end $$;
create trigger conversation_queue after insert or update or delete on conversation
    for each row execute function conversation_queue();

-- plpgsql, so that each statement has its own snapshot and sees what the lock's last holder committed.
create function catch_up_contacts(lag double precision) returns void language plpgsql as $$
declare
    cutoff timestamptz := clock_timestamp() - make_interval(secs => lag);
begin
    if not exists (select 1 from contact_pending where at <= cutoff) then
        return;
    end if;
    perform pg_advisory_xact_lock(7301);
    with due as (delete from contact_pending where at <= cutoff returning seq, id, doc),
        latest as (select distinct on (id) id, doc from due order by id, seq desc),
        gone as (delete from contact_index i using latest l where i.id = l.id and l.doc is null)
    insert into contact_index (id, doc)
        select id, doc from latest where doc is not null
        on conflict (id) do update set doc = excluded.doc;
end $$;

create function catch_up_conversations(lag double precision) returns void language plpgsql as $$
declare
    cutoff timestamptz := clock_timestamp() - make_interval(secs => lag);
begin
    if not exists (select 1 from conversation_pending where at <= cutoff) then
        return;
    end if;
    perform pg_advisory_xact_lock(7302);
    with due as (delete from conversation_pending where at <= cutoff returning seq, id, doc),
        latest as (select distinct on (id) id, doc from due order by id, seq desc),
        gone as (delete from conversation_index i using latest l where i.id = l.id and l.doc is null)
    insert into conversation_index (id, doc)
        select id, doc from latest where doc is not null
        on conflict (id) do update set doc = excluded.doc;
end $$;
