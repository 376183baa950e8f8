-- Borrowers of a delta over those of the book; see laid_over.sql.
select * from {kept_borrowers}
union all by name
select * from {before} b
where b.borrower_id not in (select borrower_id from {kept_borrowers})
