-- Messages that other systems asked for, by the name they gave the request: the same one again is the same message.
create table api_send (
    workspace_id text not null,
    key_id bigint not null,
    once text not null,
    fingerprint bytea not null,
    part_id text not null,
    created_at timestamptz not null default now(),
    primary key (workspace_id, key_id, once)
);
create index api_send_by_age on api_send (workspace_id, created_at);
comment on column api_send.fingerprint is 'SHA-256 of what was asked for';
