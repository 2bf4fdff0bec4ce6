-- Which teammate began to write to whom, until the answer is theirs.
create table awaited_answer (
    workspace_id text not null,
    channel_id bigint not null,
    handle text not null,
    admin_id text not null,
    begun_at timestamptz not null default now(),
    primary key (workspace_id, channel_id, handle)
);
