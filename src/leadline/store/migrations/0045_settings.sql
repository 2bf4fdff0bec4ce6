-- What a workspace, or one of its channels (channel_id 0: the workspace), does its own way; superseded, never
-- overwritten. A null value is the default again.
create table setting (
    workspace_id text not null,
    setting_id bigint generated always as identity,
    channel_id bigint not null default 0,
    name text not null,
    value jsonb,
    author text not null,
    source text not null default '',
    set_at timestamptz not null default now(),
    superseded_at timestamptz,
    primary key (workspace_id, setting_id)
);
create unique index setting_current on setting (workspace_id, channel_id, name) where superseded_at is null;
comment on column setting.source is 'console, command line, panel, api or environment';

-- Whoever keeps settings in memory hears of every change, whatever made it.
create function tell_setting_changed() returns trigger language plpgsql as $$
begin
    perform pg_notify('leadline_settings', '');
    return null;
end $$;
create trigger setting_changed after insert or update or delete or truncate on setting
    for each statement execute function tell_setting_changed();

create function note_setting() returns trigger language plpgsql as $$
begin
    perform note_act(new.workspace_id, current_setting('leadline.actor', true), 'setting.changed', new.name,
        jsonb_build_object('channel', nullif(new.channel_id, 0), 'after', new.value));
    return null;
end $$;
create trigger note after insert on setting for each row execute function note_setting();
