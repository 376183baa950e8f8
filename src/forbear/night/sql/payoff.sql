-- What settles a loan on $as_of; twin of core/loans/payoff.py. `due_total` and `paid` are of all its instalments and money,
-- `to_come` is the interest, fees and penalty of instalments that fall due later, `quoted`, `balance`, `quoted_on` and
-- `quoted_until` are the lender's own figures, `paid_since` the money after these. `past_due` and `charges` are 0 for a
-- loan that is not late.
create or replace temp macro payoff_of(
    due_total, paid, to_come, quoted, balance, quoted_on, quoted_until, paid_since, past_due, charges
) as
    case when quoted_on <= $as_of and quoted_until >= $as_of and quoted is not null
             then greatest(0, quoted - coalesce(paid_since, 0))
         when quoted_on <= $as_of and balance is not null
             then greatest(past_due, balance - coalesce(paid_since, 0) + charges)
         else greatest(0, due_total - paid - coalesce(to_come, 0)) end::bigint;
