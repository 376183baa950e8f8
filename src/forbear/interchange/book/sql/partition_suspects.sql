-- A quick look for rows that quarrel with a neighbour; only then are the exact checks worth their time. The book's own
-- rows don't, so only what came is looked at. The sorted tables are read in their own order, so no window needs a sort.
-- instalments: numbers twice in a loan, or due dates out of order
select 1 from (
    select loan_key = lag(loan_key) over () and (number = lag(number) over () or due_on < lag(due_on) over ())
        as suspect
    from instalments_sorted)
where suspect;

-- payments: names twice in a loan
select hash(loan_key, payment_id) as name from payments_sorted group by name having count(*) > 1;
