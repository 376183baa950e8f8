"""Every table, one file per thing."""

from forbear.store.models.agency import (
    Agency,
    Feedback,
    Finding,
    Placement,
    PlacementList,
    ProposedPlacement,
    RecordingRequest,
    Statement,
    StatementLine,
)
from forbear.store.models.agreement import Conversation, DueChange, Plan, Promise
from forbear.store.models.api import ApiKey, Idempotency, RateLimitBucket, WebhookDelivery, WebhookEndpoint
from forbear.store.models.borrower import Borrower, Consent, ContactPoint, Hold, Notice
from forbear.store.models.bureau import CreditRecord, CreditReport
from forbear.store.models.case import AssignmentList, Case, PublishedNight, Treatment
from forbear.store.models.complaint import Complaint
from forbear.store.models.contact import (
    Contact,
    Inbound,
    MissingRecording,
    Permit,
    ProviderThrottle,
    RefusedRule,
    ReplyAlarm,
)
from forbear.store.models.court import Lawsuit, LawsuitDeadline, LawsuitStep
from forbear.store.models.evidence import (
    Attachment,
    DailySeal,
    Event,
    EventAttachment,
    EvidenceChain,
    EvidenceLeaf,
    PersonalValue,
)
from forbear.store.models.factor import Factor, RecoveryCode
from forbear.store.models.figure import CachedKpis
from forbear.store.models.form import FormDraft, SentForm
from forbear.store.models.health import Heartbeat
from forbear.store.models.imported import IMPORTED, ImportedRow
from forbear.store.models.instruction import Instruction
from forbear.store.models.ledger import BorrowerLedger
from forbear.store.models.loan import Loan, Payment, PenaltyDifference, ReportedPayment, UnappliedPayment
from forbear.store.models.portal import (
    Document,
    PaymentOrder,
    PortalLink,
    PortalSession,
)
from forbear.store.models.request import OF_HOLD, OF_THIRD_PARTY, Request, Settlement
from forbear.store.models.review import Review
from forbear.store.models.sale import Sale, SaleLoan, WriteOff
from forbear.store.models.saved_view import SavedView
from forbear.store.models.score import ScoreModel
from forbear.store.models.search import SearchTerm
from forbear.store.models.staff import AccountChange, Staff
from forbear.store.models.staff_text import StaffText
from forbear.store.models.strategy import ExperimentStop, StrategyStep, StrategyVersion
from forbear.store.models.unmasking import UnmaskAlarm, Unmasking
from forbear.store.models.visit import Alarm, FieldEvent, RouteSearch, Visit, VisitRoute
from forbear.store.models.vulnerability import Vulnerability

__all__ = [
    "IMPORTED",
    "OF_HOLD",
    "OF_THIRD_PARTY",
    "AccountChange",
    "Agency",
    "Alarm",
    "ApiKey",
    "AssignmentList",
    "Attachment",
    "Borrower",
    "BorrowerLedger",
    "CachedKpis",
    "Case",
    "Complaint",
    "Consent",
    "Contact",
    "ContactPoint",
    "Conversation",
    "CreditRecord",
    "CreditReport",
    "DailySeal",
    "Document",
    "DueChange",
    "Event",
    "EventAttachment",
    "EvidenceChain",
    "EvidenceLeaf",
    "ExperimentStop",
    "Factor",
    "Feedback",
    "FieldEvent",
    "Finding",
    "FormDraft",
    "Heartbeat",
    "Hold",
    "Idempotency",
    "ImportedRow",
    "Inbound",
    "Instruction",
    "Lawsuit",
    "LawsuitDeadline",
    "LawsuitStep",
    "Loan",
    "MissingRecording",
    "Notice",
    "Payment",
    "PaymentOrder",
    "PenaltyDifference",
    "Permit",
    "PersonalValue",
    "Placement",
    "PlacementList",
    "Plan",
    "PortalLink",
    "PortalSession",
    "Promise",
    "ProposedPlacement",
    "ProviderThrottle",
    "PublishedNight",
    "RateLimitBucket",
    "RecordingRequest",
    "RecoveryCode",
    "RefusedRule",
    "ReplyAlarm",
    "ReportedPayment",
    "Request",
    "Review",
    "RouteSearch",
    "Sale",
    "SaleLoan",
    "SavedView",
    "ScoreModel",
    "SearchTerm",
    "SentForm",
    "Settlement",
    "Staff",
    "StaffText",
    "Statement",
    "StatementLine",
    "StrategyStep",
    "StrategyVersion",
    "Treatment",
    "UnappliedPayment",
    "UnmaskAlarm",
    "Unmasking",
    "Visit",
    "VisitRoute",
    "Vulnerability",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WriteOff",
]
