-- An import writes into the search index itself: a queue of its own rows would cost it as much again.
drop trigger contact_queue on contact;
create trigger contact_queue after insert or update or delete on contact
    for each row when (current_setting('sandbox.importing', true) is distinct from 'on')
    execute function contact_queue();

-- What happened to contacts, for the feed of the Preview API. An import leaves no trace in it.
create table contact_activity (
    id bigint generated always as identity primary key,
    kind text not null,
    contact_id text not null,
    target_id text,
    created_at timestamptz not null default now()
);
create function contact_happened() returns trigger language plpgsql as $$
declare
    what text := case
        when tg_op = 'INSERT' then 'created'
        when tg_op = 'DELETE' then 'deleted'
        when new.merged_into is distinct from old.merged_into then 'merged'
        when new.role <> old.role then 'role_updated' end;
begin
    if what is not null then
        insert into contact_activity (kind, contact_id, target_id)
        values (what, coalesce(new.id, old.id), case when what = 'merged' then new.merged_into end);
    end if;
    return null;
end $$;
create trigger contact_happened after insert or delete or update of merged_into, role on contact
    for each row when (current_setting('sandbox.importing', true) is distinct from 'on')
    execute function contact_happened();

-- Where a conversation went that was merged away.
alter table conversation add column merged_into bigint;
