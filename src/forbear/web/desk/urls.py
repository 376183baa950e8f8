"""The desk's addresses."""

from django.urls import path

from forbear.web.desk import acts, agreements, case, compliance, draft_rule, insight, queue

app_name = "desk"
urlpatterns = [
    path("", queue.queue, name="queue"),
    path("next", queue.hand_out, name="next"),
    path("case/<str:borrower_id>/", case.case, name="case"),
    path("case/<str:borrower_id>/call", acts.call, name="call"),
    path("case/<str:borrower_id>/message", acts.message, name="message"),
    path("case/<str:borrower_id>/outcome", acts.outcome, name="outcome"),
    path("case/<str:borrower_id>/promise", acts.promise, name="promise"),
    path("case/<str:borrower_id>/promise/<int:promise_id>/drop", acts.drop_promise, name="drop_promise"),
    path("case/<str:borrower_id>/plan", agreements.plan, name="plan"),
    path("case/<str:borrower_id>/plan/take", agreements.take_plan, name="take_plan"),
    path("case/<str:borrower_id>/plan/<int:plan_id>/end", agreements.stop_plan, name="stop_plan"),
    path("case/<str:borrower_id>/settle", agreements.settle, name="settle"),
    path("case/<str:borrower_id>/ask", agreements.ask, name="ask"),
    path("approvals", agreements.approvals, name="approvals"),
    path("approvals/<str:what>/<int:agreement_id>", agreements.sign, name="sign"),
    path("requests", agreements.requests, name="requests"),
    path("requests/<str:number>", agreements.one_request, name="request"),
    path("case/<str:borrower_id>/hold", acts.hold, name="hold"),
    path("case/<str:borrower_id>/hold/<int:hold_id>/lift", acts.lift, name="lift"),
    path("case/<str:borrower_id>/personal", acts.show_personal, name="personal"),
    path("dashboard", insight.dashboard, name="dashboard"),
    path("kpi/<str:key>", insight.kpi, name="kpi"),
    path("floor", insight.floor, name="floor"),
    path("floor/<int:case_id>/assign", insight.assign, name="assign"),
    path("outbox", insight.outbox, name="outbox"),
    path("outbox/<str:contact_id>", insight.settle, name="settle_contact"),
    path("refusals", compliance.refusals, name="refusals"),
    path("rules", compliance.rules, name="rules"),
    path("rules/try", draft_rule.draft_rule, name="draft_rule"),
    path("penalties", compliance.penalties, name="penalties"),
    path("penalties/<int:difference_id>", compliance.one_penalty, name="penalty"),
    path("penalties/<int:difference_id>/settle", compliance.settle_penalty, name="settle_penalty"),
]
