"""The borrower's addresses. None holds personal data; what they name belongs to who is signed in, or isn't found."""

from django.urls import path

from forbear.web.portal import acts, asking, credit, due, owe, pages, paying, plans, records, visits, way_in

app_name = "portal"
urlpatterns = [
    path("", way_in.way_in, name="way_in"),
    path("l/<str:token>", way_in.way_in, name="link"),
    path("new-link", way_in.new_link, name="new_link"),
    path("draft/<int:number>", way_in.drop, name="drop_draft"),
    path("out", way_in.way_out, name="way_out"),
    path("home", pages.home, name="home"),
    path("who", pages.who, name="who"),
    path("owe", owe.owe, name="owe"),
    path("pay", paying.pay, name="pay"),
    path("pay/start", paying.start, name="pay_start"),
    path("receipt/<str:order_id>", paying.receipt, name="receipt"),
    path("settled", paying.settled, name="settled"),
    path("evidence", pages.evidence, name="evidence"),
    path("credit", credit.credit, name="credit"),
    path("due", due.due, name="due"),
    path("visits", visits.visits, name="visits"),
    path("visits/no", visits.no_visits, name="no_visits"),
    path("plan", plans.plan, name="plan"),
    path("plan/<int:plan_id>", plans.signed, name="signed"),
    path("plan/<int:plan_id>/paper", plans.paper, name="plan_paper"),
    path("plan/<int:plan_id>/end", plans.end, name="plan_end"),
    path("ask/<str:kind>", asking.ask, name="ask"),
    path("asked/<str:number>", asking.asked, name="asked"),
    path("rights", acts.rights, name="rights"),
    path("rights/channels", acts.channels, name="channels"),
    path("rights/wishes", acts.wishes, name="wishes"),
    path("rights/notice", acts.notice, name="notice"),
    path("paper/<str:code>", acts.document, name="document"),
    path("evidence/bundle", records.bundle, name="bundle"),
    path("rights/data", records.data, name="data"),
    path("evidence/story", records.story, name="story"),
    path("recording/<str:digest>", records.recording, name="recording"),
]
