-- name: claimed_pieces
-- The parts that this arrival leads, once they are claimed.
select arrival_id, content from arrival
where workspace_id = :workspace_id and joined_by = :arrival_id
order by arrival_id;

-- name: group_was_delivered^
-- Whether this part is missing in a message that another part led before. One that is there already belongs to a new
-- message: references are short and used again.
select 1 as delivered
from arrival mine
join arrival other on other.workspace_id = mine.workspace_id and other.lane = mine.lane
    and other.piece_group = mine.piece_group
where mine.workspace_id = :workspace_id and mine.arrival_id = :arrival_id and mine.piece_group <> ''
    and other.joined_by is not null and other.arrived_at > now() - make_interval(secs => :within)
having count(*) > 0
    and not bool_or(other.content -> 'piece' -> 'number' = mine.content -> 'piece' -> 'number');

-- name: waiting_pieces
select other.arrival_id, other.content, extract(epoch from now() - other.arrived_at)::float8 as waited
from arrival mine
join arrival other on other.workspace_id = mine.workspace_id and other.lane = mine.lane
    and other.piece_group = mine.piece_group
where mine.workspace_id = :workspace_id and mine.arrival_id = :arrival_id and mine.piece_group <> ''
    and other.state = 'waiting' and other.arrived_at < mine.arrived_at + make_interval(secs => :within)
order by other.arrival_id;

-- name: claim_pieces!
-- The leader stays in its lane; the others are done with it.
update arrival
set joined_by = :arrival_id,
    state = case when arrival_id = :arrival_id then state else 'done' end,
    explanation = case when arrival_id = :arrival_id then explanation else 'part of message ' || :arrival_id end,
    settled_at = case when arrival_id = :arrival_id then settled_at else now() end,
    next_at = null
where workspace_id = :workspace_id and arrival_id = any(:arrival_ids::bigint[]) and state = 'waiting';
