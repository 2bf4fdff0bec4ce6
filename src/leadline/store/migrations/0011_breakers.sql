-- Who is away: Intercom for a workspace, or the provider of a channel. One row each, also after it came back.
create table breaker (
    workspace_id text not null,
    breaker text not null,
    reason text not null,
    explanation text not null,
    opened_at timestamptz not null default now(),
    closed_at timestamptz,
    tries int not null default 0,
    probe_at timestamptz not null,
    primary key (workspace_id, breaker)
);
comment on column breaker.breaker is 'intercom, or channel:<its number>; lanes that wait for it name it in blocked_on';
comment on column breaker.tries is 'how often a message was tried since it opened';

-- Calls of a window that nobody has learnt about yet.
alter table rate_budget add column per_window int not null default 0;
