-- Companies and subscriptions of contacts, and where a contact came from, which decides whether it may be merged.

create table company (
    id text primary key,
    company_id text not null unique,
    name text not null,
    created_at bigint not null,
    updated_at bigint not null
);

create table subscription_type (
    id bigint generated always as identity (start with 37001) primary key,
    name text not null,
    consent_type text not null check (consent_type in ('opt_in', 'opt_out'))
);
insert into subscription_type (name, consent_type) values ('Announcements', 'opt_out'), ('Newsletter', 'opt_in');

alter table contact
    add column company_ids jsonb not null default '[]',
    add column subscriptions jsonb not null default '{}', -- id → opt_in or opt_out, only what the contact chose
    add column origin text not null default 'api'
        check (origin in ('api', 'facebook', 'external_channel', 'mailing_list'));

drop view contact_row;
create view contact_row as
select c.*, (select coalesce(jsonb_agg(n.id order by n.id desc), '[]') from note n where n.contact_id = c.id) as note_ids
from contact c;
