-- What a workspace's own reviewed pairs have taught, and whether merging unattended was switched on.

create table duplicate_rules (
    workspace_id text primary key,
    version text not null,
    weights jsonb not null,
    pairs int not null,
    author text not null,
    learnt_at timestamptz not null default now()
);
comment on column duplicate_rules.weights is 'tenths of a point by code, as in identity/same_person_rules.py';

create table duplicate_auto (
    workspace_id text primary key,
    least int not null,
    shown float8 not null,
    pairs int not null,
    author text not null,
    switched_at timestamptz not null default now()
);
comment on column duplicate_auto.shown is 'share of reviewed pairs with so many points that were one person, when it was switched on';
