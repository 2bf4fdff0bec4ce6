-- The key in a webhook's address is found by a keyed hash and kept encrypted: whoever reads the database or a dump
-- cannot write to a channel. The rows are changed at the first start that knows LEADLINE_SECRET_KEY.
alter table channel add column address_key bytea;
comment on column channel.key is 'keyed hash of the 128 random bits of the webhook address';
comment on column channel.address_key is 'these bits, encrypted';

update raw set url = regexp_replace(url, '/(in|status)/[0-9a-f]{32}', '/\1/…') where url ~ '/(in|status)/[0-9a-f]{32}';
update arrival set content = jsonb_set(content, '{url}',
    to_jsonb(regexp_replace(content ->> 'url', '/(in|status)/[0-9a-f]{32}', '/\1/…')))
where kind = 'unreadable' and content ? 'url';
update outbound set message = message - 'status_url' where message ? 'status_url';
