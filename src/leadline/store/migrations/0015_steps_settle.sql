-- settles_at: from then on a call that was begun can take no effect any more, so its outcome may be looked up.
-- since: Intercom's time when the step was first begun. tries: how often it was begun; only the latest may be undone.
-- place: whose conversation is being opened, so that anybody who finds it can put it on record.
alter table step add column settles_at timestamptz not null default now();
alter table step add column since double precision not null default 0;
alter table step add column tries int not null default 1;
alter table step add column place jsonb;
update step set since = extract(epoch from begun_at) - 600 where done_at is null;

-- What was fetched for a message, kept until it is written: the provider may not have it a second time.
create table fetched (
    workspace_id text not null,
    arrival_id bigint not null,
    number int not null,
    name text not null default '',
    content_type text not null default '',
    content bytea not null,
    line text not null default '',
    fetched_at timestamptz not null default now(),
    primary key (workspace_id, arrival_id, number)
);
alter table fetched alter column content set storage external;
comment on column fetched.line is 'what stands in the message instead of a file that could not be had';
