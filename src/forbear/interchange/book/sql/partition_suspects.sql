-- A quick look for rows that quarrel with a neighbour; only then are the exact checks worth their time. The book's own
-- rows don't, so only what came is looked at. The sorted tables are read in their own order, so no window needs a sort.
-- instalments: numbers twice in a loan; due dates in another order than the numbers
select coalesce(bool_or(same and twice), false), coalesce(bool_or(same and earlier), false) from (
    select loan_key = lag(loan_key) over () as same, number = lag(number) over () as twice,
        due_on < lag(due_on) over () as earlier
    from instalments_sorted);

-- payments: names twice in a loan
select exists (
    select hash(loan_key, payment_id) as name from payments_sorted group by name having count(*) > 1);
