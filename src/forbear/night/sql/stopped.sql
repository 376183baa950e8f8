-- Days of a pause that fall into the time since the oldest unpaid due date, overlaps counted once.
with clipped as (
    select p.loan_key, greatest(p.starts_on, l.oldest_unpaid_due_on) as starts_on,
        least(p.ends_on, $as_of) as ends_on
    from late l join $pauses p on p.loan_key = l.loan_key),
furthest as (
    select *, max(ends_on) over (partition by loan_key order by starts_on, ends_on
        rows between unbounded preceding and 1 preceding) as covered_to
    from clipped where ends_on > starts_on)
select loan_key, sum(greatest(0, ends_on - greatest(starts_on, coalesce(covered_to, starts_on))))::integer as days
from furthest group by loan_key
