-- Every primary key starts with workspace_id and no join crosses workspaces, so the schema shards by workspace.

create table workspace (
    workspace_id text primary key,
    name text not null default '',
    region text not null default '',
    admin_id text not null default '',
    formatted_phone boolean,
    created_at timestamptz not null default now()
);

create table channel (
    workspace_id text not null references workspace,
    channel_id bigint generated always as identity,
    provider text not null,
    name text not null,
    key text not null,
    account text not null default '',
    address text not null default '',
    settings bytea not null,
    created_at timestamptz not null default now(),
    removed_at timestamptz,
    primary key (workspace_id, channel_id)
);
create index channel_key on channel (key) where removed_at is null;
comment on column channel.key is '128 random bits of the webhook address';
comment on column channel.settings is 'encrypted JSON; credentials never stand here in clear';

-- What came through the door, byte for byte.
create table raw (
    workspace_id text not null,
    raw_id uuid not null,
    channel_id bigint,
    method text not null,
    url text not null,
    headers jsonb not null,
    body bytea not null,
    received_at timestamptz not null default now(),
    primary key (workspace_id, raw_id)
);

-- One thing to do about what came: a customer message, a delivery status, a notification of Intercom.
create table arrival (
    workspace_id text not null,
    arrival_id bigint generated always as identity,
    raw_id uuid not null,
    channel_id bigint,
    source text not null,
    dedupe text not null,
    kind text not null,
    lane text not null,
    content jsonb not null,
    state text not null default 'waiting' check (state in ('waiting', 'done', 'parked', 'dropped')),
    attempts int not null default 0,
    reason text not null default '',
    explanation text not null default '',
    next_at timestamptz,
    arrived_at timestamptz not null default now(),
    settled_at timestamptz,
    primary key (workspace_id, arrival_id),
    unique (workspace_id, source, dedupe)
);
create index arrival_waiting on arrival (workspace_id, lane, arrival_id) where state = 'waiting';
create index arrival_parked on arrival (workspace_id, arrival_id) where state = 'parked';

-- open: the lane's one job is waiting or running. Set with the message, cleared by the job that saw the lane empty.
create table lane (
    workspace_id text not null,
    lane text not null,
    open boolean not null,
    primary key (workspace_id, lane)
);

create table link (
    workspace_id text not null,
    link_id bigint generated always as identity,
    handle text not null,
    contact_id text not null,
    role text not null,
    evidence text not null,
    author text not null,
    arrival_id bigint,
    linked_at timestamptz not null default now(),
    superseded_at timestamptz,
    primary key (workspace_id, link_id)
);
create unique index link_current on link (workspace_id, handle) where superseded_at is null;
create index link_contact on link (workspace_id, contact_id) where superseded_at is null;

create table decision (
    workspace_id text not null,
    arrival_id bigint not null,
    contact_id text not null,
    code text not null,
    policy text not null,
    document jsonb not null,
    decided_at timestamptz not null default now(),
    primary key (workspace_id, arrival_id)
);

-- The conversation Leadline continues for a handle on a channel; sender is the raw form replies go to.
create table conversation (
    workspace_id text not null,
    conversation_id text not null,
    channel_id bigint not null,
    handle text not null,
    contact_id text not null,
    sender text not null,
    last_inbound_at timestamptz not null default now(),
    opened_at timestamptz not null default now(),
    ended_at timestamptz,
    primary key (workspace_id, conversation_id)
);
create unique index conversation_current on conversation (workspace_id, handle, channel_id) where ended_at is null;
create index conversation_contact on conversation (workspace_id, contact_id);

-- A write to Intercom: begun before the call, done after it, so that a crash between is looked up, never repeated.
create table step (
    workspace_id text not null,
    owner text not null,
    step int not null,
    kind text not null,
    conversation_id text not null default '',
    part_id text not null default '',
    body text not null default '',
    begun_at timestamptz not null default now(),
    done_at timestamptz,
    primary key (workspace_id, owner, step)
);
create index step_part on step (workspace_id, conversation_id, part_id);

-- One call to a provider's API. A teammate's reply may need several.
create table outbound (
    workspace_id text not null,
    outbound_id text not null,
    conversation_id text not null,
    part_id text not null,
    piece int not null,
    channel_id bigint not null,
    message jsonb not null,
    author text not null default '',
    state text not null,
    provider_ids text[] not null default '{}',
    reason text not null default '',
    code text not null default '',
    detail text not null default '',
    created_at timestamptz not null default now(),
    changed_at timestamptz not null default now(),
    primary key (workspace_id, outbound_id),
    unique (workspace_id, conversation_id, part_id, piece)
);
create index outbound_provider on outbound using gin (provider_ids);

-- Calls left in Intercom's current window, shared by all processes. Unlogged: worth nothing after a crash.
create unlogged table rate_budget (
    workspace_id text primary key,
    remaining int not null,
    resets_at timestamptz not null
);
