-- A provider that will not deliver because the customer opted out tells it in the answer to a message of ours, so that
-- no arrival stands behind such a refusal.
alter table consent alter column arrival_id drop not null;
comment on column consent.arrival_id is 'the message or report that said so; null where the answer to a message did';
