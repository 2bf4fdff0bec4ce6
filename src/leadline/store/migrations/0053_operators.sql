-- People who use the console. They belong to the installation; a seat says what one may do in a workspace.
create table operator (
    operator_id bigint generated always as identity primary key,
    email text not null,
    password_hash text,
    created_at timestamptz not null default now()
);
comment on column operator.password_hash is 'argon2id; null until a password was chosen';
create unique index operator_email on operator (lower(email));

create table seat (
    workspace_id text not null,
    operator_id bigint not null references operator on delete cascade,
    role text not null,
    primary key (workspace_id, operator_id)
);
create index seat_operator on seat (operator_id);

-- Of every token only the SHA-256 is kept: whoever reads this table cannot sign in with it.
create table operator_session (
    token_hash bytea primary key,
    session_id bigint generated always as identity unique,
    operator_id bigint not null references operator on delete cascade,
    begun_at timestamptz not null default now(),
    seen_at timestamptz not null default now(),
    ends_at timestamptz not null,
    address text not null,
    browser text not null
);
create index operator_session_operator on operator_session (operator_id);

create table operator_link (
    token_hash bytea primary key,
    workspace_id text not null,
    operator_id bigint references operator on delete cascade,
    ends_at timestamptz not null
);
comment on column operator_link.operator_id is 'who chooses a password with it; null: the first owner';

create table sign_in_try (
    subject bytea primary key,
    failures integer not null,
    last_at timestamptz not null,
    open_at timestamptz not null
);
comment on column sign_in_try.subject is 'SHA-256 of the e-mail address or the network address that tries';
