-- The lines of accounts: what is past due, what the next minimum asks beyond it, and the rest, which falls due on no day
-- that is known. What a snapshot shows of the payments is in its balance already and counts no more.
create or replace temp table instalments_sorted as
select * exclude (place) from (
    select *, row_number() over () as place from instalments_sorted
    union all by name
    select -1::bigint as row_at, loan_key, 1 as number, late_since as due_on, late_principal as principal,
        late_interest as interest, late_fee as fee, late_penalty as penalty, 1 as place
    from accounts_file where newest and late_since is not null
    union all by name
    select -1, loan_key, 2 as number, minimum_due_on as due_on, asked as principal, 0 as interest, 0 as fee,
        0 as penalty, 2 as place
    from (select *, late_principal + late_interest + late_fee + late_penalty as late,
            case when minimum_due_on >= as_of then greatest(0, minimum_left - late) else 0 end as asked
          from accounts_file where newest) where asked > 0
    union all by name
    select -1, loan_key, 3 as number, date '2199-12-31' as due_on, rest as principal, 0 as interest, 0 as fee,
        0 as penalty, 3 as place
    from (select *, late_principal + late_interest + late_fee + late_penalty as late,
            balance - late - case when minimum_due_on >= as_of then greatest(0, minimum_left - late) else 0 end as rest
          from accounts_file where newest) where rest > 0)
order by loan_key, place;

update payments_sorted set counted = 0
from (select loan_key, shown_until from accounts_file where newest) a
where a.loan_key = payments_sorted.loan_key and payments_sorted.paid_on <= a.shown_until;
