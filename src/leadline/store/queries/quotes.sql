-- name: words_of^
-- A message of either side by the provider's id of it: what a customer wrote, or what was sent to them.
select 'customer' as author, content ->> 'text' as text,
    coalesce(content #>> '{attachments,0,name}', content #>> '{attachments,0,content_type}', '') as file
from arrival
where workspace_id = :workspace_id and source = :source and dedupe = :provider_id and kind = 'message'
union all
select 'business', message ->> 'text',
    coalesce(message #>> '{attachments,0,name}', message #>> '{attachments,0,content_type}', '')
from outbound
where workspace_id = :workspace_id and channel_id = :channel_id and provider_ids @> array[:provider_id]
limit 1;

-- name: last_choices^
-- The choices that the last message to this customer on this channel listed by numbers, if it listed any.
select message -> 'choices' as choices
from outbound
where workspace_id = :workspace_id and channel_id = :channel_id and message ->> 'to' = :sender and not stopped
    and (conversation_id, part_id) = (
        select conversation_id, part_id from outbound
        where workspace_id = :workspace_id and channel_id = :channel_id and message ->> 'to' = :sender and not stopped
        order by created_at desc limit 1
    )
    and message ->> 'numbered' = 'true' and message ? 'choices'
limit 1;
