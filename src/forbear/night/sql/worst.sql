-- The loan that decides for each borrower; twin of core/borrower.py's worst. Most borrowers have one late loan.
create or replace temp view in_sight as
select a.*, coalesce(n.days_to_due, 9999) as days_to_due
from arrears a left join next_due n using (loan_key)
where a.days_past_due > 0 or ($looks_ahead and n.days_to_due is not null);

create or replace temp table outranked as
select loan_key from (
    select loan_key, row_number() over (
        partition by borrower_key order by days_past_due desc, past_due_amount desc,
            case when days_past_due > 0 then 0 else days_to_due end, loan_id) as place
    from in_sight
    where borrower_key in (select borrower_key from in_sight group by 1 having count(*) > 1))
where place > 1;

create or replace temp table worst as
select * from in_sight where loan_key not in (select loan_key from outranked);
