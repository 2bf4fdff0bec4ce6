-- How far Intercom's feed of what happened to contacts was read, where the workspace has one (Preview API).
create table activity_feed (
    workspace_id text primary key,
    cursor text not null
);

-- Two conversations of one contact on one channel, merged in Intercom: messages from both addresses go on in one.
alter table conversation add column joined_handles text[] not null default '{}';
comment on column conversation.joined_handles is 'addresses whose conversations were merged into this one, and its own';
