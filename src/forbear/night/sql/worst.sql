-- The loan that decides for each borrower; twin of core/borrower.py's worst.
create or replace temp table worst as
select * from (
    select a.*, row_number() over (
        partition by borrower_key
        order by days_past_due desc, past_due_amount desc, coalesce(n.days_to_due, 9999), loan_id) as place
    from arrears a left join next_due n using (loan_key)
    where a.days_past_due > 0 or n.days_to_due is not null)
where place = 1;
