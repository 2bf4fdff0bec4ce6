-- How the provider wants a message named where a later one quotes it; empty where its id does.
alter table outbound add column quote_ref text not null default '';
