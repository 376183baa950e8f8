"""The desk's addresses."""

from django.urls import path

from forbear.web.desk import acts, case, compliance, queue

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
    path("case/<str:borrower_id>/hold", acts.hold, name="hold"),
    path("case/<str:borrower_id>/hold/<int:hold_id>/lift", acts.lift, name="lift"),
    path("case/<str:borrower_id>/personal", acts.show_personal, name="personal"),
    path("refusals", compliance.refusals, name="refusals"),
    path("rules", compliance.rules, name="rules"),
]
