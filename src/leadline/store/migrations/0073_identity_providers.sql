-- People may sign in with an account that they have elsewhere (OpenID Connect). A provider belongs to a workspace: whom it
-- vouches for is let into that one and into no other, whatever other seats they have.
create table identity_provider (
    workspace_id text not null,
    provider_id bigint generated always as identity,
    key text not null,
    name text not null,
    issuer text not null,
    client_id text not null,
    client_secret bytea not null,
    domains text[] not null default '{}',
    role text,
    passwords boolean not null default true,
    created_at timestamptz not null default now(),
    primary key (workspace_id, provider_id)
);
create unique index identity_provider_key on identity_provider (key);
create unique index identity_provider_name on identity_provider (workspace_id, lower(name));
comment on column identity_provider.key is 'part of the address that the provider sends people back to; made of workspace and issuer';
comment on column identity_provider.role is 'what people of the domains become without an invitation; null: only who is invited comes in';
comment on column identity_provider.passwords is 'false: nobody enters this workspace by a password';

-- Whose account it is, by the name that never changes there. Without an operator: somebody who was taken out.
create table operator_identity (
    workspace_id text not null,
    provider_id bigint not null,
    subject text not null,
    operator_id bigint references operator on delete set null,
    email text not null,
    linked_at timestamptz not null default now(),
    used_at timestamptz not null default now(),
    primary key (workspace_id, provider_id, subject),
    foreign key (workspace_id, provider_id) references identity_provider on delete cascade
);
create unique index operator_identity_person on operator_identity (workspace_id, provider_id, operator_id);
create index operator_identity_operator on operator_identity (operator_id);
comment on column operator_identity.email is 'as the provider had it when the account was linked';

-- Who was taken out does not come back by the domain of their address; an invitation takes them off.
create table turned_away (
    workspace_id text not null,
    email text not null,
    at timestamptz not null default now(),
    primary key (workspace_id, email)
);

-- What a browser was sent away with comes back once.
create table sign_in_return (
    state_hash bytea primary key,
    ends_at timestamptz not null
);

alter table operator_session add column provider_workspace text;
alter table operator_session add column provider_id bigint;
alter table operator_session add foreign key (provider_workspace, provider_id)
    references identity_provider (workspace_id, provider_id) on delete cascade;
create index operator_session_provider on operator_session (provider_workspace, provider_id) where provider_id is not null;
comment on column operator_session.provider_id is 'who vouched for this person; null: they have a password';

-- Whether a session, as it was begun, leads into a workspace.
create function leads_into(session operator_session, workspace text) returns boolean language sql stable as $$
    select not exists (select from workspace w where w.workspace_id = workspace and w.removed_at is not null)
        and case when session.provider_id is null
            then not exists (select from identity_provider p where p.workspace_id = workspace and not p.passwords)
            else session.provider_workspace = workspace end
$$;

-- A paused webhook is told nothing until it is resumed; what happens meanwhile waits for it.
alter table webhook add column paused_at timestamptz;
create index webhook_event_by_number on webhook_event (workspace_id, webhook_id, number);
