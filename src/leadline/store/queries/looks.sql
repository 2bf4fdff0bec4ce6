-- name: written_by
-- What a customer wrote on a channel, for the demo's phone.
select arrival_id, content, extract(epoch from arrived_at)::float8 as at from arrival
where workspace_id = :workspace_id and channel_id = :channel_id and kind = 'message' and content->>'sender' = :sender
order by arrival_id;

-- name: senders
-- Everybody who wrote on a channel, the latest first.
select content->>'sender' as sender, max(arrival_id) as last from arrival
where workspace_id = :workspace_id and channel_id = :channel_id and kind = 'message'
group by 1 order by last desc;

-- name: latest_decision^
-- The decision on the latest message that went to a contact.
select d.*, a.content->>'text' as text from decision d
join arrival a on a.workspace_id = d.workspace_id and a.arrival_id = d.arrival_id
where d.workspace_id = :workspace_id and d.contact_id = :contact_id
order by d.arrival_id desc limit 1;

-- name: handles_of
select handle, evidence, author from link
where workspace_id = :workspace_id and contact_id = :contact_id and superseded_at is null
order by link_id;
