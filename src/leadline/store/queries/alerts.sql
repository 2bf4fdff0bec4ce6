-- name: alert_targets
select target_id, kind, name, address, secret, kinds, quiet_from, quiet_to, zone, created_at,
    (select max(sent_at) from alert_word w where w.workspace_id = t.workspace_id and w.target_id = t.target_id) as told_at,
    coalesce((select w.trouble from alert_word w where w.workspace_id = t.workspace_id and w.target_id = t.target_id
        order by w.alert_id desc, w.what desc limit 1), '') as trouble
from alert_target t where workspace_id = :workspace_id order by target_id;

-- name: next_alert_target^
select nextval(pg_get_serial_sequence('alert_target', 'target_id')) as target_id;

-- name: add_alert_target!
insert into alert_target
    (workspace_id, target_id, kind, name, address, secret, kinds, quiet_from, quiet_to, zone)
overriding system value
values (:workspace_id, :target_id, :kind, :name, :address, :secret, :kinds::text[], :quiet_from::time, :quiet_to::time,
    :zone);

-- name: remove_alert_target!
delete from alert_target where workspace_id = :workspace_id and target_id = :target_id;

-- name: open_alert^
-- The number of a new one; nothing where it is open already, then with the newest words.
insert into alert as a (workspace_id, kind, subject, sentence) values (:workspace_id, :kind, :subject, :sentence)
on conflict (workspace_id, kind, subject) where resolved_at is null do update set sentence = excluded.sentence
where a.sentence <> excluded.sentence
returning case when xmax = 0 then alert_id end as alert_id;

-- name: open_alerts
select alert_id, kind, subject, sentence, opened_at from alert
where workspace_id = :workspace_id and resolved_at is null order by alert_id;

-- name: resolve_alert!
update alert set resolved_at = now() where workspace_id = :workspace_id and alert_id = :alert_id;

-- name: recent_alerts
select alert_id, kind, subject, sentence, opened_at, resolved_at,
    (select count(*) from alert_word w where w.workspace_id = a.workspace_id and w.alert_id = a.alert_id
        and w.sent_at is not null) as sent
from alert a where workspace_id = :workspace_id order by alert_id desc limit :count;

-- name: plan_alert_words!
-- Each target that wants this kind, once. What came back within the quiet minutes after it was last told waits for
-- their end; so nobody is told every minute of what comes and goes.
insert into alert_word (workspace_id, alert_id, target_id, what, due_at)
select t.workspace_id, a.alert_id, t.target_id, 'opened', greatest(now(), coalesce((
    select max(w.sent_at) + make_interval(secs => :again) from alert_word w
    join alert before on before.workspace_id = w.workspace_id and before.alert_id = w.alert_id
    where w.workspace_id = t.workspace_id and w.target_id = t.target_id and w.what = 'opened'
        and before.kind = a.kind and before.subject = a.subject), now()))
from alert a join alert_target t on t.workspace_id = a.workspace_id and (t.kinds = '{}' or a.kind = any(t.kinds))
where a.workspace_id = :workspace_id and a.alert_id = :alert_id
on conflict do nothing;

-- name: plan_resolved_words!
-- For those who were told that it began: nobody else needs to know that it is over.
insert into alert_word (workspace_id, alert_id, target_id, what)
select workspace_id, alert_id, target_id, 'resolved' from alert_word
where workspace_id = :workspace_id and alert_id = :alert_id and what = 'opened' and sent_at is not null
on conflict do nothing;

-- name: forget_unsent_words!
delete from alert_word
where workspace_id = :workspace_id and alert_id = :alert_id and what = 'opened' and sent_at is null;

-- name: due_alert_words
select w.alert_id, w.target_id, w.what, w.tries, a.kind, a.subject, a.sentence, a.opened_at, a.resolved_at
from alert_word w join alert a on a.workspace_id = w.workspace_id and a.alert_id = w.alert_id
where w.workspace_id = :workspace_id and w.sent_at is null and w.due_at <= now()
order by w.alert_id, w.what limit 100;

-- name: sent_alert_word!
update alert_word set sent_at = now(), trouble = ''
where workspace_id = :workspace_id and alert_id = :alert_id and target_id = :target_id and what = :what;

-- name: unsent_alert_word!
update alert_word set tries = tries + 1, trouble = :trouble, due_at = now() + make_interval(secs => :pause)
where workspace_id = :workspace_id and alert_id = :alert_id and target_id = :target_id and what = :what;

-- name: forget_alerts!
delete from alert where workspace_id = :workspace_id and resolved_at < now() - interval '90 days';

-- name: failing_sends^
-- Of the last hour: how many replies were given to a provider, and how many of them failed or are unknown.
select count(*) filter (where state <> 'queued') as sent,
    count(*) filter (where state in ('failed', 'unknown')) as failed
from outbound where workspace_id = :workspace_id and created_at > now() - interval '1 hour';
