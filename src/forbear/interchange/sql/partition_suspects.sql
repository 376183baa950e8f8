-- A quick look for rows that quarrel with a neighbour; only then are the exact checks worth their time.
-- The sorted tables are read in their own order, so these windows need no sort.
select
    (select count(*) from (
        select loan_key = lag(loan_key) over () and (number = lag(number) over () or due_on < lag(due_on) over ())
            as suspect
        from instalments_sorted) where suspect) as instalments,
    (select count(*) from (
        select hash(loan_key, payment_id) as name from payments_sorted group by name having count(*) > 1)) as payments;
