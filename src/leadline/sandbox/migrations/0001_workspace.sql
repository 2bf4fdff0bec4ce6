-- One database is one workspace: contacts, conversations with their parts, admins, tags, attributes, files.

create table admin (
    id bigint primary key,
    name text not null,
    email text not null,
    job_title text not null default '',
    created_at bigint not null
);

create table contact (
    id text primary key,
    role text not null check (role in ('user', 'lead')),
    external_id text,
    email text,
    email_domain text generated always as (nullif(split_part(lower(email), '@', 2), '')) stored,
    phone text,
    formatted_phone text,
    name text,
    created_at bigint not null,
    updated_at bigint not null,
    archived boolean not null default false,
    blocked boolean not null default false,
    merged_into text references contact on delete cascade,
    merged_at bigint,
    custom_attributes jsonb not null default '{}',
    tags jsonb not null default '{}',
    fields jsonb not null default '{}'
);
-- Archived and merged contacts keep their external_id: a create with it is refused, as Intercom does.
create unique index contact_external_id on contact (external_id);
create unique index contact_user_email on contact (lower(email)) where role = 'user';
create index contact_order on contact (created_at, id);
create index contact_merged_into on contact (merged_into) where merged_into is not null;

create table note (
    id bigint generated always as identity primary key,
    contact_id text not null references contact on delete cascade,
    admin_id bigint not null,
    body text not null,
    created_at bigint not null
);
create index note_of on note (contact_id, id);

create table tag (
    id bigint generated always as identity primary key,
    name text not null
);
create unique index tag_name on tag (lower(name));

create table data_attribute (
    id bigint generated always as identity primary key,
    model text not null,
    name text not null,
    data_type text not null,
    description text not null default '',
    options jsonb not null default '[]',
    messenger_writable boolean not null default false,
    archived boolean not null default false,
    admin_id text not null,
    created_at bigint not null,
    updated_at bigint not null,
    unique (model, name)
);

create sequence message_id start 403918330;

create table conversation (
    id bigint generated always as identity (start with 1001) primary key,
    title text,
    state text not null default 'open' check (state in ('open', 'closed', 'snoozed')),
    read boolean not null default false,
    priority text not null default 'none',
    admin_assignee_id bigint not null default 0,
    team_assignee_id bigint not null default 0,
    created_at bigint not null,
    updated_at bigint not null,
    waiting_since bigint,
    snoozed_until bigint,
    first_contact_reply_at bigint,
    contact_ids jsonb not null,
    teammate_ids jsonb not null default '[]',
    tags jsonb not null default '{}',
    custom_attributes jsonb not null default '{}',
    source jsonb not null
);
create index conversation_order on conversation (created_at, id);
create index conversation_contact on conversation using gin (contact_ids);

create table deleted_conversation (
    id bigint primary key,
    deleted_at bigint not null
);

create table part (
    id bigint generated always as identity (start with 5001) primary key,
    conversation_id bigint not null references conversation on delete cascade,
    part_type text not null,
    body text,
    author_type text not null,
    author_id text not null,
    created_at bigint not null,
    updated_at bigint not null,
    assigned_to jsonb,
    attachments jsonb not null default '[]',
    app_package_code text,
    state text not null,
    redacted boolean not null default false,
    metadata jsonb not null default '{}'
);
create index part_of on part (conversation_id, id);
create index part_author on part (author_id) where author_type = 'contact';

create table file (
    key text primary key,
    name text not null,
    content_type text not null,
    body bytea not null
);

create view contact_row as
select c.*, (select coalesce(jsonb_agg(n.id order by n.id desc), '[]') from note n where n.contact_id = c.id) as note_ids
from contact c;
