-- Keys of other systems. A key may have two tokens for a while: the new one, and the one it replaces.
create table api_key (
    workspace_id text not null,
    key_id bigint generated always as identity,
    name text not null,
    scopes text[] not null,
    created_at timestamptz not null default now(),
    used_at timestamptz,
    revoked_at timestamptz,
    primary key (workspace_id, key_id)
);
create unique index api_key_name on api_key (workspace_id, lower(name)) where revoked_at is null;

-- Of every token only the SHA-256 is kept: whoever reads this table cannot call the API with it.
create table api_token (
    workspace_id text not null,
    token_hash bytea not null,
    key_id bigint not null,
    ends_at timestamptz,
    primary key (workspace_id, token_hash),
    foreign key (workspace_id, key_id) references api_key on delete cascade
);
create index api_token_hash on api_token (token_hash);
create index api_token_key on api_token (workspace_id, key_id);
comment on column api_token.ends_at is 'null until another token takes its place';

create function note_api_key() returns trigger language plpgsql as $$
begin
    perform note_act(new.workspace_id, current_setting('leadline.actor', true),
        case tg_op when 'INSERT' then 'api_key.created' else 'api_key.revoked' end,
        new.key_id::text, jsonb_build_object('name', new.name, 'scopes', to_jsonb(new.scopes)));
    return null;
end $$;
create trigger note after insert on api_key for each row execute function note_api_key();
create trigger note_revoked after update of revoked_at on api_key for each row
    when (old.revoked_at is null and new.revoked_at is not null) execute function note_api_key();
