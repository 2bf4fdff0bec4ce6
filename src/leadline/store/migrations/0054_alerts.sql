-- Who is told when something needs a person, what was found, and what each was told.
create table alert_target (
    workspace_id text not null,
    target_id bigint generated always as identity,
    kind text not null,
    name text not null,
    address bytea not null,
    secret bytea,
    kinds text[] not null default '{}',
    quiet_from time,
    quiet_to time,
    zone text not null default 'UTC',
    created_at timestamptz not null default now(),
    primary key (workspace_id, target_id)
);
comment on column alert_target.kind is 'mail, slack or webhook';
comment on column alert_target.address is 'sealed: an address of Slack is a credential';
comment on column alert_target.kinds is 'of alerts; empty for all';

create table alert (
    workspace_id text not null,
    alert_id bigint generated always as identity,
    kind text not null,
    subject text not null,
    sentence text not null,
    opened_at timestamptz not null default now(),
    resolved_at timestamptz,
    primary key (workspace_id, alert_id)
);
create unique index alert_open on alert (workspace_id, kind, subject) where resolved_at is null;

create table alert_word (
    workspace_id text not null,
    alert_id bigint not null,
    target_id bigint not null,
    what text not null,
    tries integer not null default 0,
    due_at timestamptz not null default now(),
    sent_at timestamptz,
    trouble text not null default '',
    primary key (workspace_id, alert_id, target_id, what),
    foreign key (workspace_id, alert_id) references alert on delete cascade,
    foreign key (workspace_id, target_id) references alert_target on delete cascade
);
comment on column alert_word.what is 'opened or resolved';
create index alert_word_due on alert_word (workspace_id, due_at) where sent_at is null;

create function note_alert_target() returns trigger language plpgsql as $$
declare
    row record := coalesce(new, old);
begin
    perform note_act(row.workspace_id, current_setting('leadline.actor', true),
        case tg_op when 'INSERT' then 'alert.added' when 'DELETE' then 'alert.removed' else 'alert.changed' end,
        row.target_id::text, jsonb_build_object('name', row.name, 'kind', row.kind));
    return null;
end $$;
create trigger note after insert or update or delete on alert_target for each row execute function note_alert_target();
