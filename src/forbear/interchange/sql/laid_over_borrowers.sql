-- Borrowers of a delta over those of the book; see laid_over.sql.
create temp view new_borrowers as
select * from kept_borrowers
union all by name
select -1 as row_at, * exclude (borrower_key, owing_from, settled_last, has_phone, has_email) from base_borrowers b
where b.borrower_id not in (select borrower_id from kept_borrowers);
