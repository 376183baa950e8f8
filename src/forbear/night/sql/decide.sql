-- Every borrower who is late or in a stage tonight, and those who left one since the night before: the facts, and
-- the strategy's first matching stage..
with $facts,

known as ($desk_facts),

$scored

$arms

staged as (select *, $stage as stage from choosing),

decided as (
    select *, ($hold) as held_by_strategy from (
        select *, ($in_holdout) as in_holdout,
            case stage $handler else '' end as handler,
            case when stage <> '' and stage = previous_stage then previous_since else $as_of end as stage_since,
            case when stage <> '' and stage = previous_stage then ($as_of - previous_since)::integer else 0 end
                as days_in_stage,
            case when stage = previous_stage then case when stage = '' then 'none' else 'same' end
                 when previous_stage = '' then 'opened' when stage = '' then 'closed' else 'moved' end as change
        from staged)),

cases as (
    select borrower_id, loan_id, stage, handler, previous_stage, change,
        case when stage = '' then null else stage_since end as stage_since,
        stage <> '' and held_by_strategy as held, $columns
    from decided where stage <> '' or previous_stage <> '' or days_past_due > 0
    union all by name
    select borrower_id, '' as loan_id, '' as stage, '' as handler, stage as previous_stage,
        'closed' as change, null::date as stage_since, false as held
    from (
        select * from yesterday where borrower_id not in (select borrower_id from decided) order by borrower_id))

select * from cases
