-- The treatments that a case's stage has and whose condition holds; each rule's place in `rules` is its number.
select w.borrower_id, w.loan_id, w.stage, w.handler, r.channel, r.template, r.position
from (
    select * from read_parquet($cases, hive_partitioning = false, file_row_number = true)
    where stage <> '' and not held) w
join rules r on r.in_stage = w.stage
where case r.place $wanted else false end
order by w.file_row_number, r.position
