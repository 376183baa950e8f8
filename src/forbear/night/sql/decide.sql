-- The strategy's first matching stage and its treatments; the conditions stand where the dollar names are.
create or replace temp table decided as
select *, ($hold) as held_by_strategy from (
select s.*,
    case stage $handler else '' end as handler,
    case when stage <> '' and stage = previous_stage then previous_since else $as_of end as stage_since,
    case when stage <> '' and stage = previous_stage then ($as_of - previous_since)::integer else 0 end
        as days_in_stage,
    case when stage = previous_stage then case when stage = '' then 'none' else 'same' end
         when previous_stage = '' then 'opened' when stage = '' then 'closed' else 'moved' end as change
from (select *, $stage as stage from told) s);

-- Each rule's place in `rules` where it holds, one pass for all rules.
create or replace temp table treatments as
select w.borrower_id, w.loan_id, w.stage, w.handler, r.channel, r.template, r.position
from (
    select borrower_key, borrower_id, loan_id, stage, handler, unnest(list_filter([$wanted], lambda place: place >= 0)) as place
    from decided where stage <> '' and not held_by_strategy) w
join rules r on r.place = w.place
order by w.borrower_key, r.position;

-- Every borrower who is late or in a stage tonight, and those who left one since the night before.
create or replace temp view cases as
select borrower_id, loan_id, stage, handler, previous_stage, change,
    case when stage = '' then null else stage_since end as stage_since,
    stage <> '' and held_by_strategy as held, $columns
from decided where stage <> '' or previous_stage <> '' or days_past_due > 0
union all by name
select y.borrower_id, '' as loan_id, '' as stage, '' as handler, y.stage as previous_stage, 'closed' as change,
    null::date as stage_since, false as held
from (select * from yesterday order by borrower_id) y
where y.borrower_id not in (select borrower_id from decided);
