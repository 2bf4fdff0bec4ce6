-- How a workspace is connected: by the environment, by an access token, or by installing the app (OAuth).
alter table workspace add column way text not null default 'environment'
    check (way in ('environment', 'token', 'oauth'));
alter table workspace add column url text not null default '';
alter table workspace add column token bytea;
alter table workspace add column client_secret bytea;
alter table workspace add column connected_by text not null default '';
alter table workspace add column connected_at timestamptz not null default now();
alter table workspace add column removed_at timestamptz;
comment on column workspace.token is 'encrypted; null where the environment has it';
comment on column workspace.client_secret is 'encrypted, of the workspace''s own app; null where the installation''s signs';

-- Processes that run connect it, change over to the new token, or let it go at once.
create function tell_workspace_changed() returns trigger language plpgsql as $$
begin
    perform pg_notify('leadline_workspaces', '');
    return null;
end $$;
create trigger workspace_changed after update of token, client_secret, url, removed_at on workspace
    for each statement execute function tell_workspace_changed();

create function note_workspace() returns trigger language plpgsql as $$
begin
    perform note_act(new.workspace_id, current_setting('leadline.actor', true),
        case when new.removed_at is not null then 'workspace.removed' else 'workspace.connected' end, new.workspace_id,
        jsonb_build_object('name', new.name, 'way', new.way));
    return null;
end $$;
create trigger note after update on workspace for each row
    when (old.connected_at <> new.connected_at or old.removed_at is distinct from new.removed_at)
    execute function note_workspace();
