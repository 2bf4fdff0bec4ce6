-- What is known about one handle beside its link. last_at, name: of its last message; name: the last one that was told.
create table handle (
    workspace_id text not null,
    handle text not null,
    name text not null default '',
    last_at timestamptz,
    shared boolean not null default false,
    own_lead boolean not null default false,
    primary key (workspace_id, handle)
);
comment on column handle.shared is 'people said that several persons use it';
comment on column handle.own_lead is 'people said that it is nobody known: its next message makes a lead';

-- This handle is not this contact. author leadline: a guard said so, which only keeps a new lead from being that one.
create table distinct_pair (
    workspace_id text not null,
    handle text not null,
    contact_id text not null,
    author text not null,
    noted_at timestamptz not null default now(),
    primary key (workspace_id, handle, contact_id)
);
create index distinct_pair_contact on distinct_pair (workspace_id, contact_id);

-- What people corrected. before: the standing of every handle concerned, which an undo puts back.
create table correction (
    workspace_id text not null,
    correction_id bigint generated always as identity,
    kind text not null check (kind in ('detach', 'attach', 'share', 'unshare', 'undo')),
    handle text not null,
    handles text[] not null,
    from_id text not null default '',
    into_id text not null default '',
    author text not null,
    before jsonb not null,
    ended text[] not null default '{}',
    undoes bigint,
    undone_at timestamptz,
    corrected_at timestamptz not null default now(),
    primary key (workspace_id, correction_id)
);
create index correction_handles on correction using gin (handles);
comment on column correction.ended is 'conversations that this correction ended';

-- A sender proved that a phone is his. Kept also where the phone is linked to somebody else: then it is a suggestion.
create table attestation (
    workspace_id text not null,
    phone text not null,
    handle text not null,
    arrival_id bigint,
    attested_at timestamptz not null default now(),
    primary key (workspace_id, phone, handle)
);
create index attestation_handle on attestation (workspace_id, handle);

-- The lane `name` goes on in another one: a sender turned out to have both addresses.
create table lane_join (
    workspace_id text not null,
    name text not null,
    lane text not null,
    primary key (workspace_id, name)
);
create index lane_join_lane on lane_join (workspace_id, lane);

alter table arrival add column also text[] not null default '{}';
comment on column arrival.also is 'other lanes of the same sender';

alter table link add column doubt text not null default '';
comment on column link.doubt is 'reason codes of the doubt it was made with; empty when certain or confirmed';

alter table decision add column evidence jsonb;
comment on column decision.evidence is 'what was decided from, without text of the customer; null for older decisions';

-- One row per workspace: when its links were last compared with Intercom.
create table sweep (
    workspace_id text primary key,
    begun_at timestamptz not null,
    done_at timestamptz,
    checked int not null default 0,
    moved int not null default 0
);
