-- What facts read of a person (language, region, timezone, has_phone, has_email, age_years).
select borrower_key, language, region, timezone, has_phone, has_email, born_on from $people where $owing
