"""Goal: no column of a table holds a person's name, number, address or words that a copy of the database would show."""

import pytest
from django.apps import apps
from django.core.exceptions import FieldError
from django.db import connection, models, transaction

from forbear.interchange.home.lender import HomeError
from forbear.store.models import Borrower, ContactPoint, Hold, PersonalValue, Staff, Vulnerability
from forbear.store.sealed_field import Sealed, open_column
from tests.factories.desk import make_borrower

IDS = "names of rows, files and things elsewhere, made by a program"
CODES = "words out of a list of ours, settings, and the lender's own names for products, teams and texts"
FIGURES = "amounts, days, counts and codes"
DIGESTS = "digests, signatures and public keys"
COMPANIES = "what is public of a company, an agency or a court"
STAFF = "how the lender's and the agencies' people sign in and are chosen"
COARSE = (
    "the part of the country, the district, the language and the time zone: rules and routes of many borrowers at "
    "once ask for them"
)
KEYED = "sealed with a key of its own, `factors`"
LINES = "evidence: codes and commitments; what is personal lies sealed beside it"
ADDRESSES = "addresses of pages and programs"

#: Every column of text or JSON that is in the clear, and why that shows nobody.
IN_THE_CLEAR = {
    "AccountChange": {CODES: "role before what state"},
    "Agency": {
        COMPANIES: "name_zh name_en registration telephone address",
        CODES: "code suspended_reason_code suspended_reason_params state suspended_for file schedule regions products",
    },
    "ApiKey": {CODES: "name scopes creditors", DIGESTS: "prefix digest"},
    "AssignmentList": {CODES: "team state", IDS: "lines left"},
    "Attachment": {DIGESTS: "sha256", CODES: "media_type"},
    "Borrower": {
        IDS: "borrower_id",
        COARSE: "language region timezones preferred_language",
        DIGESTS: "feed_digest",
    },
    "BorrowerLedger": {FIGURES: "lines", DIGESTS: "digest"},
    "CachedKpis": {FIGURES: "name found"},
    "Case": {IDS: "worst_loan", CODES: "stage handler strategy arms", FIGURES: "facts"},
    "Complaint": {CODES: "came_by category root_cause redress currency", IDS: "referred_ref"},
    "Consent": {CODES: "channel purpose source", DIGESTS: "point"},
    "Contact": {
        CODES: "reason_code reason_params channel purpose party template template_version language planned state "
        "outcome provider arms",
        IDS: "contact_id loans code claimed_by provider_ref",
        DIGESTS: "point_digest recording",
    },
    "ContactPoint": {CODES: "kind party source", COARSE: "area", DIGESTS: "digest"},
    "Conversation": {CODES: "result willingness situation disclosed", IDS: "effects"},
    "CreditRecord": {
        CODES: "reason_code reason_params kind currency",
        IDS: "borrower_id loan_id",
        FIGURES: "said was",
    },
    "CreditReport": {
        CODES: "form",
        IDS: "book_version file",
        DIGESTS: "sha256",
        FIGURES: "counts totals gaps",
    },
    "DailySeal": {LINES: "line", DIGESTS: "signature"},
    "Document": {IDS: "code about", CODES: "kind language", DIGESTS: "sha256"},
    "DueChange": {IDS: "loan_id"},
    "Event": {IDS: "event_id borrower", CODES: "kind", LINES: "line", DIGESTS: "hash"},
    "EvidenceChain": {IDS: "borrower", DIGESTS: "hash"},
    "Factor": {CODES: "kind name", DIGESTS: "credential public_key", KEYED: "secret"},
    "ExperimentStop": {CODES: "experiment", IDS: "actor"},
    "Feedback": {DIGESTS: "token"},
    "FieldEvent": {IDS: "event_id", CODES: "kind"},
    "Finding": {CODES: "kind source"},
    "FormDraft": {ADDRESSES: "path page"},
    "Heartbeat": {CODES: "name"},
    "Hold": {IDS: "loans placed_by", CODES: "kind source"},
    "Idempotency": {IDS: "key", DIGESTS: "request"},
    "ImportedRow": {CODES: "file", DIGESTS: "digest said"},
    "Inbound": {
        CODES: "provider kind channel party intent asked team sorted_as",
        IDS: "provider_ref read_by",
        DIGESTS: "point_digest attachments",
    },
    "Instruction": {
        IDS: "number loan_id reference",
        CODES: "kind currency source state",
        FIGURES: "before most plan_lines",
    },
    "Lawsuit": {
        IDS: "loans",
        CODES: "way state currency ended_reason_code",
        COMPANIES: "court docket",
        DIGESTS: "bundle",
    },
    "LawsuitDeadline": {CODES: "kind clause"},
    "LawsuitStep": {CODES: "state", STAFF: "by", DIGESTS: "papers"},
    "Loan": {IDS: "loan_id", CODES: "product currency bucket creditor", COMPANIES: "bought_from"},
    "MissingRecording": {},
    "Notice": {IDS: "loan_id", CODES: "kind"},
    "Payment": {IDS: "payment_id reverses"},
    "PaymentOrder": {
        IDS: "order_id provider_ref payment_id",
        CODES: "currency state provider",
        ADDRESSES: "page",
    },
    "Permit": {IDS: "permit_id", CODES: "body", FIGURES: "facts"},
    "PersonalValue": {CODES: "field", DIGESTS: "salt"},
    "Placement": {IDS: "loans", CODES: "ended_reason_code currency stratum"},
    "PlacementList": {IDS: "seed", CODES: "terms state"},
    "Plan": {IDS: "loans", CODES: "currency state", FIGURES: "lines terms"},
    "PortalLink": {DIGESTS: "digest", CODES: "went_to"},
    "PortalSession": {DIGESTS: "digest"},
    "Promise": {IDS: "loans", CODES: "currency state"},
    "ProposedPlacement": {
        CODES: "reason_code reason_params currency stratum state",
        IDS: "loans",
        FIGURES: "worth",
    },
    "ProviderThrottle": {CODES: "provider"},
    "PublishedNight": {IDS: "version", FIGURES: "counts"},
    "RateLimitBucket": {DIGESTS: "who"},
    "RecoveryCode": {DIGESTS: "digest"},
    "RefusedRule": {CODES: "rule"},
    "ReportedPayment": {IDS: "known payments", CODES: "way state", DIGESTS: "proofs"},
    "Request": {
        IDS: "number loans line opened_by",
        CODES: "kind third_party hold_kind source state outcome",
        DIGESTS: "attachments",
        FIGURES: "granted",
    },
    "Review": {CODES: "verdict marks", FIGURES: "weights"},
    "RouteSearch": {CODES: "state said"},
    "Sale": {
        IDS: "number",
        COMPANIES: "buyer registration telephone address",
        CODES: "state",
        DIGESTS: "passport",
    },
    "SaleLoan": {CODES: "state why"},
    "SavedView": {CODES: "listing name query team"},
    "ScoreModel": {CODES: "version text state guardrail", FIGURES: "card"},
    "SearchTerm": {DIGESTS: "term", CODES: "source"},
    "SentForm": {DIGESTS: "digest", ADDRESSES: "led_to"},
    "Settlement": {IDS: "loans", CODES: "currency state"},
    "Staff": {
        DIGESTS: "password certificate",
        STAFF: "username first_name last_name email role number team languages skills creditors line sso",
        CODES: "locked_reason_code locked_reason_params",
    },
    "StaffText": {IDS: "text_id provider_ref", CODES: "channel state provider detail"},
    "Statement": {FIGURES: "totals", DIGESTS: "sha256"},
    "StatementLine": {IDS: "payment_id loan_id", CODES: "currency"},
    "StrategyStep": {CODES: "text text_version guardrail"},
    "StrategyVersion": {
        CODES: "name version text base_text state trial_state trial_base trial_said",
        FIGURES: "trial",
    },
    "Treatment": {IDS: "loan_id", CODES: "stage channel template state arms"},
    "UnappliedPayment": {IDS: "payment_id loan_named loans holds", CODES: "why state source"},
    "Unmasking": {CODES: "purpose"},
    "Visit": {
        IDS: "visit_id loans visitors",
        CODES: "state stopped_reason_code stopped_reason_params why outcome lacks conflicts",
        DIGESTS: "recordings",
    },
    "VisitRoute": {CODES: "state", FIGURES: "stops details"},
    "Vulnerability": {CODES: "measures told_by", STAFF: "recorded_by"},
    "WebhookDelivery": {IDS: "event_id", CODES: "kind answer"},
    "WebhookEndpoint": {ADDRESSES: "url", CODES: "kinds"},
    "WriteOff": {CODES: "why state"},
}


def test_every_column_is_sealed_or_says_why_not():
    """A new column of text or JSON is in the clear only when somebody has written down what it holds."""
    found = {
        model.__name__: {
            field.name
            for field in model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField | models.JSONField | models.BinaryField)
            and not isinstance(field, Sealed)
        }
        for model in apps.get_app_config("store").get_models()
    }
    named = {
        model: {name for names in reasons.values() for name in names.split()}
        for model, reasons in IN_THE_CLEAR.items()
    }
    wrong = {
        model: sorted(columns ^ named.get(model, set()))
        for model, columns in found.items()
        if columns != named.get(model, set())
    }
    assert wrong == {}
    assert not named.keys() - found.keys()


def test_days_and_places_of_people_are_sealed():
    assert isinstance(Borrower._meta.get_field("born_on"), Sealed)
    assert isinstance(ContactPoint._meta.get_field("latitude"), Sealed)


@pytest.mark.database
@pytest.mark.django_db
class TestInTheDatabase:
    """What is written by the program, and what stands in the table."""

    def test_a_value_is_in_the_clear_for_the_program_and_sealed_in_the_table(self):
        make_borrower("B1", phone="+8613812345678")
        Borrower.objects.update(name="欧阳小明", born_on="1990-01-31")
        ContactPoint.objects.update(latitude=39_904_200, area="朝阳")
        row = _columns("select name, born_on from store_borrower")[0]
        point = _columns("select value, latitude from store_contactpoint")[0]
        assert all(value.startswith("s1:") for value in (*row, *point))
        assert "欧阳" not in str(row)
        borrower, found = Borrower.objects.get(), ContactPoint.objects.get()
        assert (borrower.name, str(borrower.born_on)) == ("欧阳小明", "1990-01-31")
        assert (found.value, found.latitude, found.area) == ("+8613812345678", 39_904_200, "朝阳")
        assert Borrower.objects.values_list("name", flat=True).get() == "欧阳小明"

    def test_equal_values_look_different(self):
        for name in ("B1", "B2"):
            make_borrower(name)
        Borrower.objects.update(name="王小明")
        Borrower.objects.filter(pk="B2").update(name="王小明")
        first, second = _columns("select name from store_borrower")
        assert first != second

    def test_empty_values_stay_empty_and_are_found(self):
        make_borrower("B1")
        Borrower.objects.update(name="", born_on=None)
        assert _columns("select name, born_on from store_borrower") == [("", None)]
        assert Borrower.objects.filter(name="", born_on=None).exists()
        assert not Borrower.objects.exclude(name="").exists()
        assert not Vulnerability.objects.exclude(kinds=[], words="").exists()

    @pytest.mark.parametrize(
        "wanted",
        [{"name": "王小明"}, {"name__icontains": "王"}, {"name__in": ["王"]}, {"born_on__year": 1990}],
    )
    def test_nobody_is_looked_for_by_a_sealed_value(self, wanted):
        with pytest.raises(FieldError):
            Borrower.objects.filter(**wanted).exists()

    def test_a_value_of_another_column_or_in_the_clear_is_refused(self):
        make_borrower("B1", phone="+8613812345678")
        with connection.cursor() as cursor:
            cursor.execute("update store_borrower set name = (select value from store_contactpoint)")
        with pytest.raises(HomeError):
            Borrower.objects.get()
        with connection.cursor() as cursor:
            cursor.execute("update store_borrower set name = 'Mallory'")
        with pytest.raises(HomeError):
            Borrower.objects.get()

    def test_evidence_may_be_sealed_again_and_nothing_else(self):
        value = "s1:" + "A" * 60
        assert open_column(Hold, "reason", "") == ""
        with pytest.raises(HomeError):
            open_column(Hold, "reason", value)
        assert open_column(PersonalValue, "value", value) == value

    def test_a_number_of_the_lenders_own_people_is_sealed(self):
        Staff.objects.create_user(username="zhou", role="lead", number="Z1", phone="+8613911112222")
        with transaction.atomic(), pytest.raises(FieldError):
            Staff.objects.filter(phone="+8613911112222").exists()
        assert _columns("select phone from store_staff")[0][0].startswith("s1:")


def _columns(text: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(text)
        return list(cursor.fetchall())
