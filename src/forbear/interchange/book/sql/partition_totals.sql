-- Running totals, and when each instalment came to be paid in full. Joins run as written, so that the rows stay in
-- the order of instalments_sorted and payments_good.
-- Sums run over the whole partition in its own order; each loan's start is then taken away.
drop table reversals;

create or replace temp view instalments_run as
select row_at, loan_key, number, due_on, principal, interest, fee, penalty,
    sum(principal + interest + fee + penalty) over (rows unbounded preceding)::bigint as running
from instalments_sorted;

create or replace temp view payments_run as
select loan_key, paid_on, counted, sum(counted) over (rows unbounded preceding)::bigint as running
from payments_good where counted > 0;

create or replace temp table loan_totals as
select l.loan_key, l.calendar,
    coalesce(d.start, 0) as due_start, coalesce(d.until - d.start, 0)::bigint as due_total,
    coalesce(d.principal_total, 0)::bigint as principal_total, coalesce(d.first_number, 0) as first_number,
    coalesce(p.start, 0) as paid_start, coalesce(p.until - p.start, 0)::bigint as paid_total
from loans_keyed l
left join (
    select loan_key, min(running - principal - interest - fee - penalty) as start, max(running) as until,
        sum(principal) as principal_total, min(number) as first_number
    from instalments_run group by 1) d on d.loan_key = l.loan_key
left join (
    select loan_key, min(running - counted) as start, max(running) as until
    from payments_run group by 1) p on p.loan_key = l.loan_key
order by l.loan_key;

create or replace temp table paid_up as
select r.loan_key, r.running - t.paid_start as paid_to_date, r.paid_on
from payments_run r join loan_totals t on t.loan_key = r.loan_key;

-- Most instalments are paid to the cent by one payment, or not yet: both are found without a search.
create or replace temp table instalments as
select
    i.row_at, i.loan_key, i.number, i.due_on, coalesce(s.falls_due_on, i.due_on) as falls_due_on,
    i.principal, i.interest, i.fee, i.penalty, i.running - t.due_start as due_to_date,
    case when i.running = t.due_start then date '0001-01-01'
         when i.running - t.due_start > t.paid_total then date '9999-12-31'
         else p.paid_on end as settled_on
from instalments_run i
join loan_totals t on t.loan_key = i.loan_key
left join paid_up p on p.loan_key = i.loan_key and p.paid_to_date = i.running - t.due_start
left join shifts s on s.calendar = t.calendar and s.due_on = i.due_on;

-- The rest were paid together with others or in parts: the first payment that reaches far enough.
create or replace temp table paid_between as
select i.loan_key, i.number, p.paid_on
from (select loan_key, number, due_to_date from instalments where settled_on is null) i
asof join (
    select * from paid_up where loan_key in (select loan_key from instalments where settled_on is null)
) p on p.loan_key = i.loan_key and i.due_to_date <= p.paid_to_date;

update instalments set settled_on = b.paid_on
from paid_between b
where instalments.settled_on is null and b.loan_key = instalments.loan_key and b.number = instalments.number;

-- A partition's rows are many, and what is done with goes at once.
drop view payments_run;
drop view instalments_run;
drop table instalments_sorted;
drop table paid_up;
drop table paid_between;

-- What is paid comes first, then what is open by due date: a night then skips the row groups whose dates
-- tell that nothing in them can be late.
create or replace temp view instalments_file as
select * from instalments
order by case when settled_on = date '9999-12-31' then falls_due_on else date '0001-01-01' end, loan_key, number;
