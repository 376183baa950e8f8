-- What facts read of a person (language, region, timezone, has_phone, has_email, age_years).
create or replace temp table persons as
select borrower_key, language, region, timezone, has_phone, has_email, born_on
from people where borrower_key in (select borrower_key from worst);
