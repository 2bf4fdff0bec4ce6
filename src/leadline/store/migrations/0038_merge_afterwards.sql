-- What a person chose in the preview, and what the survivor looked like when it was read back after the merge.
alter table merge
    add column take text[] not null default '{}',
    add column keep_lost boolean not null default false,
    add column compared_at timestamptz,
    add column differences text[] not null default '{}';
comment on column merge.take is 'fields whose value of the lead replaces the survivor''s: written just before the merge';
comment on column merge.keep_lost is 'whether what is lost is kept as a note on the survivor';
comment on column merge.compared_at is 'when the survivor was read back and compared with the preview; null until then';
comment on column merge.differences is 'sentences: where the survivor is not as the preview said';
-- What was merged before was never compared, and is not compared now.
update merge set compared_at = settled_at where settled_at is not null;
