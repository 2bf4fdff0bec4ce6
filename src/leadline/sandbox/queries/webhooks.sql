-- name: add_webhook!
insert into webhook (notification_id, topic, envelope) values (:notification_id, :topic, :envelope);

-- name: claim_webhooks
-- A process that dies while sending leaves its claim to run out; the notification then goes out again.
update webhook set attempts = attempts + 1, due_at = clock_timestamp() + make_interval(secs => :lease)
where seq in (
    select seq from webhook where state = 'pending' and due_at <= clock_timestamp()
    order by seq limit :most for update skip locked
)
returning seq, notification_id, topic, envelope, attempts;

-- name: next_webhook^
select extract(epoch from min(due_at) - clock_timestamp())::float as wait from webhook where state = 'pending';

-- name: webhook_result!
update webhook set state = :state, last_status = :status, last_error = :error,
    due_at = clock_timestamp() + make_interval(secs => :delay)
where seq = :seq;

-- name: repeat_webhook!
insert into webhook (notification_id, topic, envelope)
select w.notification_id, w.topic, w.envelope
from (select * from webhook where notification_id = :notification_id order by seq limit 1) w,
    generate_series(1, :times);

-- name: list_webhooks
select seq, notification_id, topic, state, attempts, last_status, last_error, envelope
from webhook where (:topic::text is null or topic = :topic) order by seq desc limit :most;

-- name: clear_webhooks!
delete from webhook where state <> 'pending' or :everything;
