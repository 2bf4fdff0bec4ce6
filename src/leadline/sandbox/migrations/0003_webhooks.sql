-- Notifications until they are delivered or given up, and what the control endpoints have changed.

create table webhook (
    seq bigint generated always as identity primary key,
    notification_id text not null,
    topic text not null,
    envelope jsonb not null,
    state text not null default 'pending' check (state in ('pending', 'delivered', 'given_up')),
    attempts int not null default 0,
    due_at timestamptz not null default clock_timestamp(),
    last_status int,
    last_error text
);
create index webhook_due on webhook (due_at) where state = 'pending';
create index webhook_notification on webhook (notification_id);

create table control (
    name text primary key,
    value jsonb not null
);
