-- The journal of merges: written before Intercom is asked, settled after it answered, looked up after a crash.

create table merge (
    workspace_id text not null,
    merge_id bigint generated always as identity,
    from_id text not null,
    into_id text not null,
    way text not null check (way in ('merge', 'promote', 'reroute')),
    author text not null,
    state text not null
        check (state in ('planned', 'calling', 'merged', 'refused', 'cancelled', 'undoing', 'undone')),
    code text not null default '',
    explanation text not null default '',
    snapshot bytea,
    moved jsonb not null default '{}',
    due_at timestamptz not null default now(),
    planned_at timestamptz not null default now(),
    called_at timestamptz,
    settled_at timestamptz,
    undo_author text not null default '',
    undo_contact_id text not null default '',
    undo_report jsonb,
    undone_at timestamptz,
    erased_at timestamptz,
    primary key (workspace_id, merge_id)
);
comment on column merge.snapshot is 'encrypted JSON: both contacts whole, as they were before; null once forgotten';
comment on column merge.moved is 'handles and conversations that followed, for the way back';
-- One merge of a contact at a time, and one for ever where Intercom made the contact disappear.
create unique index merge_open on merge (workspace_id, from_id) where state in ('planned', 'calling');
create unique index merge_done on merge (workspace_id, from_id)
    where way <> 'reroute' and state in ('merged', 'undoing', 'undone');
create index merge_into on merge (workspace_id, into_id);

-- No link and no conversation is ever written for a contact that was merged away, whoever writes it and however late.
-- The lock makes a writer wait for a merge that is being recorded, and the record wait for writers that came before.
create function merge_lock(workspace text, contact text) returns bigint language sql immutable as $$
    select hashtextextended(workspace || '/' || contact, 7303)
$$;

create function merge_survivor(workspace text, contact text) returns text language plpgsql as $$
declare
    survivor text := contact;
    hop text;
begin
    for hops in 1..5 loop
        select into_id into hop from merge
        where workspace_id = workspace and from_id = survivor and way <> 'reroute'
            and state in ('merged', 'undoing', 'undone');
        exit when not found;
        survivor := hop;
    end loop;
    return survivor;
end $$;

create function follow_merge() returns trigger language plpgsql as $$
begin
    perform pg_advisory_xact_lock_shared(merge_lock(new.workspace_id, new.contact_id));
    new.contact_id := merge_survivor(new.workspace_id, new.contact_id);
    return new;
end $$;

create function follow_merge_with_role() returns trigger language plpgsql as $$
declare
    survivor text;
begin
    perform pg_advisory_xact_lock_shared(merge_lock(new.workspace_id, new.contact_id));
    survivor := merge_survivor(new.workspace_id, new.contact_id);
    if survivor <> new.contact_id then
        new.contact_id := survivor;
        new.role := 'user'; -- Intercom merges into nothing else
    end if;
    return new;
end $$;

create trigger follow_merge before insert or update of contact_id on conversation
    for each row execute function follow_merge();
create trigger follow_merge before insert or update of contact_id on link
    for each row execute function follow_merge_with_role();
