-- name: webhooks
select w.*,
    (select count(*) from webhook_event e where e.workspace_id = w.workspace_id and e.webhook_id = w.webhook_id
        and e.sent_at is null and e.given_up_at is null) as waiting,
    (select count(*) from webhook_event e where e.workspace_id = w.workspace_id and e.webhook_id = w.webhook_id
        and e.given_up_at is not null) as given_up,
    coalesce((select e.trouble from webhook_event e where e.workspace_id = w.workspace_id
        and e.webhook_id = w.webhook_id and e.sent_at is null and e.given_up_at is null and e.trouble <> ''
        order by e.due_at desc limit 1), '') as trouble
from webhook w where w.workspace_id = :workspace_id order by w.webhook_id;

-- name: webhook_by_id^
select * from webhook where workspace_id = :workspace_id and webhook_id = :webhook_id;

-- name: webhook_named^
-- By its number or its name; nobody else changes it meanwhile.
select * from webhook
where workspace_id = :workspace_id and (webhook_id::text = :name or lower(name) = lower(:name))
order by webhook_id::text = :name desc limit 1 for update;

-- name: next_webhook^
select nextval(pg_get_serial_sequence('webhook', 'webhook_id')) as webhook_id;

-- name: add_webhook!
-- Nothing where another one has this name.
insert into webhook (workspace_id, webhook_id, name, address, secret, events, with_text) overriding system value
values (:workspace_id, :webhook_id, :name, :address, :secret, :events, :with_text)
on conflict (workspace_id, lower(name)) do nothing;

-- name: change_webhook!
update webhook set address = :address, events = :events, with_text = :with_text
where workspace_id = :workspace_id and webhook_id = :webhook_id;

-- name: rotate_webhook!
update webhook set secret = :secret, former_secret = :former_secret,
    former_until = now() + make_interval(secs => :grace)
where workspace_id = :workspace_id and webhook_id = :webhook_id;

-- name: remove_webhook!
with gone as (
    delete from webhook_event where workspace_id = :workspace_id and webhook_id = :webhook_id
)
delete from webhook where workspace_id = :workspace_id and webhook_id = :webhook_id;

-- name: replay_webhook_events!
-- What was given up, and where a span is named everything that happened in it.
update webhook_event set sent_at = null, given_up_at = null, tries = 0, due_at = now(), trouble = ''
where workspace_id = :workspace_id and webhook_id = :webhook_id
    and (given_up_at is not null or (:since::float8 is not null and sent_at is not null
        and at > now() - make_interval(secs => :since::float8)));

-- name: replay_webhook_event!
-- One that was sent or given up.
update webhook_event set sent_at = null, given_up_at = null, tries = 0, due_at = now(), trouble = ''
where workspace_id = :workspace_id and webhook_id = :webhook_id and number = :number
    and (sent_at is not null or given_up_at is not null);

-- name: pause_webhook!
update webhook set paused_at = case when :paused then coalesce(paused_at, now()) end
where workspace_id = :workspace_id and webhook_id = :webhook_id;

-- name: webhook_deliveries
-- The newest first; of those before a number, where one is named.
select number, event_id, kind, contact_id, at, tries, due_at, sent_at, given_up_at, trouble from webhook_event
where workspace_id = :workspace_id and webhook_id = :webhook_id
    and (:before::bigint is null or number < :before::bigint)
order by number desc limit :count;

-- name: wake_webhooks!
select pg_notify('leadline_webhooks', '');

-- name: webhooks_waiting
-- Those that have an event to be sent and are not paused, and the seconds until the first one is due.
select w.workspace_id, w.webhook_id, extract(epoch from first.due_at - now())::float8 as wait from webhook w
cross join lateral (
    select e.due_at from webhook_event e
    where e.workspace_id = w.workspace_id and e.webhook_id = w.webhook_id and e.sent_at is null
        and e.given_up_at is null
    order by e.due_at limit 1) first
where w.workspace_id = any(:workspace_ids::text[]) and w.paused_at is null;

-- name: claim_webhook_event^
-- The next one, put off until it may be tried again: whoever dies over it has lost nothing, and nobody else sends it now.
update webhook_event set tries = tries + 1,
    due_at = now() + make_interval(secs => (:pauses::float8[])[least(tries + 1, cardinality(:pauses::float8[]))])
where workspace_id = :workspace_id and event_id = (
    select event_id from webhook_event
    where workspace_id = :workspace_id and webhook_id = :webhook_id and sent_at is null and given_up_at is null
        and due_at <= now()
    order by due_at, number limit 1 for update skip locked)
returning event_id, kind, at, content, tries;

-- name: webhook_event_sent!
update webhook_event set sent_at = now(), trouble = '' where workspace_id = :workspace_id and event_id = :event_id;

-- name: webhook_event_unsent!
update webhook_event set trouble = :trouble, given_up_at = case when tries >= :most then now() end
where workspace_id = :workspace_id and event_id = :event_id and sent_at is null;

-- name: webhooks_given_up
-- Webhooks that missed events for good in the last seven days.
select w.webhook_id, w.name, count(*) as events from webhook w
join webhook_event e on e.workspace_id = w.workspace_id and e.webhook_id = w.webhook_id
where w.workspace_id = :workspace_id and e.given_up_at > now() - interval '7 days'
group by w.webhook_id, w.name order by w.webhook_id;
