-- A conversation that a teammate began has no message of the customer yet.
alter table conversation alter column last_inbound_at drop not null;
alter table conversation alter column last_inbound_at drop default;
alter table conversation add column reply_ref text not null default '';
alter table conversation add column reply_ref_at timestamptz;
create index conversation_handle on conversation (workspace_id, handle, channel_id);
comment on column conversation.reply_ref is 'what the provider wants to see in an answer; emptied when it is used';

-- Parts of one message: the leader is delivered, the others are done and name it.
alter table arrival add column piece_group text not null default '';
alter table arrival add column joined_by bigint;
create index arrival_pieces on arrival (workspace_id, lane, piece_group) where piece_group <> '';
comment on column arrival.joined_by is 'the arrival this one is delivered with; its own number on the leader';

alter table outbound add column handle text not null default '';
alter table outbound add column contact_id text not null default '';
alter table outbound add column stopped boolean not null default false;
create index outbound_to on outbound (workspace_id, channel_id, (message ->> 'to'));
create index outbound_contact on outbound (workspace_id, contact_id) where contact_id <> '';
comment on column outbound.stopped is 'Leadline did not give it to the provider: opted out, or the window is closed';

-- Who refuses messages on which channel, and since when; superseded, never overwritten.
create table consent (
    workspace_id text not null,
    consent_id bigint generated always as identity,
    channel_id bigint not null,
    handle text not null,
    about text not null check (about in ('everything', 'marketing')),
    state text not null check (state in ('out', 'in')),
    source text not null,
    word text not null default '',
    arrival_id bigint not null,
    since timestamptz not null default now(),
    superseded_at timestamptz,
    primary key (workspace_id, consent_id)
);
create unique index consent_current on consent (workspace_id, channel_id, handle, about) where superseded_at is null;

-- What the provider has approved beforehand, as it was listed last.
create table template (
    workspace_id text not null,
    channel_id bigint not null,
    name text not null,
    language text not null,
    ref text not null,
    document jsonb not null,
    synced_at timestamptz not null default now(),
    primary key (workspace_id, channel_id, name, language, ref)
);

-- What is asked of a channel's provider from time to time. claimed_at keeps processes from asking at once.
create table channel_round (
    workspace_id text not null,
    channel_id bigint not null,
    kind text not null check (kind in ('poll', 'templates')),
    reached_at timestamptz,
    ran_at timestamptz,
    claimed_at timestamptz,
    trouble text not null default '',
    primary key (workspace_id, channel_id, kind)
);
comment on column channel_round.reached_at is 'everything that came before this is kept';

-- Pictures of customers, under addresses that nobody can guess.
create table avatar (
    workspace_id text not null,
    key text not null,
    handle text not null,
    content_type text not null,
    content bytea not null,
    created_at timestamptz not null default now(),
    primary key (workspace_id, key)
);
create index avatar_key on avatar (key);
