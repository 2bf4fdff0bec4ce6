-- What an import from another product found on contacts and what it linked, so that it goes on after a crash and can be
-- taken back; and settings of named schedules, which several channels share.

create table import (
    workspace_id text not null,
    import_id int not null,
    author text not null,
    asked jsonb not null,
    applies boolean not null,
    state text not null check (state in ('reading', 'settling', 'done', 'undoing', 'undone')),
    cursor text not null default '',
    met int not null default 0,
    total int not null default 0,
    begun_at timestamptz not null default now(),
    ended_at timestamptz,
    primary key (workspace_id, import_id)
);
comment on column import.applies is 'false: a dry run, which links nothing';
comment on column import.cursor is 'the page of contacts to go on with';
comment on column import.met is 'contacts that were read, of how many stands in total';

-- One row for each address on each contact. An empty outcome: not decided yet.
create table import_claim (
    workspace_id text not null,
    import_id int not null,
    handle text not null,
    contact_id text not null,
    attribute text not null,
    role text not null,
    channel text not null,
    value text not null,
    outcome text not null default '',
    other_id text not null default '',
    link_id bigint,
    found_at timestamptz not null default now(),
    primary key (workspace_id, import_id, handle, contact_id, attribute)
);
create index import_claim_found on import_claim (workspace_id, found_at);
create index import_claim_open on import_claim (workspace_id, import_id, handle) where outcome = '';
create index import_claim_linked on import_claim (workspace_id, import_id, handle) where link_id is not null;
comment on column import_claim.other_id is 'the contact that the address belongs to instead';
comment on column import_claim.link_id is 'the link that the import made';

alter table setting add column schedule text not null default '';
comment on column setting.schedule is 'the schedule whose value it is; empty for the workspace and its channels';
drop index setting_current;
create unique index setting_current on setting (workspace_id, channel_id, schedule, name) where superseded_at is null;

create or replace function note_setting() returns trigger language plpgsql as $$
begin
    perform note_act(new.workspace_id, current_setting('leadline.actor', true), 'setting.changed', new.name,
        jsonb_build_object('channel', nullif(new.channel_id, 0), 'schedule', nullif(new.schedule, ''),
            'after', new.value));
    return null;
end $$;
