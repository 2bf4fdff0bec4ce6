-- Written whenever somebody asks whether webhooks can be kept: only a write that was committed can tell.
create table pulse (
    workspace_id text primary key,
    at timestamptz not null default now()
);
