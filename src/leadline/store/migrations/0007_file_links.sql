-- Addresses of teammates' files that go out as links: Intercom's own hold for half an hour only.
create table file_link (
    workspace_id text not null,
    key text not null,
    conversation_id text not null,
    part_id text not null,
    place text not null,
    created_at timestamptz not null default now(),
    primary key (workspace_id, key)
);
create index file_link_key on file_link (key);
comment on column file_link.place is 'the address at Intercom without what expires in it';
