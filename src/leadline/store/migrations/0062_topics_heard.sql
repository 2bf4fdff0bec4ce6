-- When Intercom's webhooks last brought each topic: the only way to tell which ones the app has chosen.
create table topic_heard (
    workspace_id text not null,
    topic text not null,
    heard_at timestamptz not null default now(),
    primary key (workspace_id, topic)
);
