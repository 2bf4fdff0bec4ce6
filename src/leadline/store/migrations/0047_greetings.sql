-- What a channel said by itself to whom: the welcome once, the out-of-office text with pauses. arrival_id: the message it
-- answers, so that whoever works on that message again does not say it to the next one.
create table greeting (
    workspace_id text not null,
    channel_id bigint not null,
    handle text not null,
    kind text not null check (kind in ('welcome', 'out_of_office')),
    arrival_id bigint not null,
    said_at timestamptz not null default now(),
    primary key (workspace_id, channel_id, handle, kind)
);
