"""Every workflow of the gallery does what its page says, in the real engine, with no network but a server of the test."""

import csv
import io
import re

import pytest
from openpyxl import load_workbook

from jobs.states import JobStatus
from tests.engine.lab import error_of, outputs, statuses, value
from tests.gallery.office import Office, content, given_by, services, the_entry
from workflows.gallery import SLUGS

pytestmark = pytest.mark.django_db

ASKED_BY = {
    "GET /register.example/companies/NL81234567": "register",
    "POST /crm.example/api/customers": "account",
    "POST /crm.example/api/customers/C-1042/billing": "billing_account",
    "PUT /crm.example/api/customers/C-1042/services/(training|migration)": "order",
    "GET /crm.example/api/customers/C-1042": "state",
    r"GET /shop.example/prices.json\?currency=EUR": "feed",
    "POST /chat.example/hooks/prices": "tell",
    "POST /mail.example/messages": "mail",
    "GET /shop.example/healthz": "health",
    "POST /tickets.example/issues": "ticket",
    "POST /duty.example/calls": "call",
}


@pytest.fixture
def office(db, settings):
    settings.OUTBOUND_PRIVATE_HOSTS = ["127.0.0.0/8"]
    return Office()


def rows_of(file):
    return list(csv.DictReader(io.StringIO(content(file).decode())))


def sheets_of(file):
    workbook = load_workbook(io.BytesIO(content(file)))
    return {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in workbook}


@pytest.mark.parametrize("slug", SLUGS)
def test_with_its_samples_it_completes_and_gives_what_its_page_says(office, slug):
    entry = the_entry(slug)
    with services(entry.pins, ASKED_BY) as server:
        job = office.run(slug, server)
    assert (job.status, error_of(job)) == (JobStatus.COMPLETED, None)
    assert given_by(job) == entry.gives
    asked = [f"{seen.method} {seen.target}" for seen in server.seen]
    assert {
        key for pattern, key in ASKED_BY.items() for each in asked if re.fullmatch(pattern, each)
    } == entry.pins.keys()


def test_the_invoice_check_says_what_is_wrong_with_each_invoice(office):
    found = outputs(office.run("invoice-check"))
    sheets = sheets_of(found["workbook"])
    assert [row[0] for row in sheets["Payable"][1:]] == ["R-9001", "R-9002", "R-9006"]
    assert [(row[0], row[5]) for row in sheets["To clarify"][1:]] == [
        ("R-9003", "EUR 22.00 above the order"),
        ("R-9004", "the order was given to Bergmann Paper"),
        ("R-9005", "there is no order PO-3399"),
        ("R-9007", "the invoice number is there twice"),
        ("R-9007", "the invoice number is there twice"),
    ]
    assert "R-9005 of Castello Catering: there is no order PO-3399\n" in content(found["questions"]).decode()


def test_the_clean_up_tidies_names_addresses_and_numbers_and_keeps_what_it_set_aside(office):
    sheets = sheets_of(outputs(office.run("spreadsheet-cleanup"))["workbook"])
    assert [row[0] for row in sheets["Clean"][1:]] == [
        "Ada Novak",
        "Jonas Weber",
        "Mira Costa",
        "Sven van Dijk",
    ]
    assert sheets["Clean"][1][2] == "ada.novak@example.com"
    assert [row[3] for row in sheets["Clean"][1:]] == [
        "+49301234567", "+491715550101", "+351215550199", "+491715550177",
    ]  # fmt: skip
    assert [row[1] for row in sheets["Doubles"][1:]] == ["Novak and Sons"]
    assert [row[0] for row in sheets["Unusable"][1:]] == ["Tomás Ruiz", "Lena Hoffmann"]


def test_the_clean_up_leaves_doubles_in_when_it_is_told_so(office):
    assert given_by(office.run("spreadsheet-cleanup", merge=False))["clean"] == 5


def test_the_monthly_report_adds_up_by_what_was_chosen(office):
    found = outputs(office.run("monthly-report", by="product"))
    sheets = sheets_of(found["workbook"])
    assert sheets["Groups"] == [
        ["group", "quantity", "amount", "share"],
        ["Chair", 17, 3383, 41.7],
        ["Desk", 6, 2520, 31.1],
        ["Lamp", 49, 2205, 27.2],
    ]
    assert "| Chair | 17 | EUR 3,383.00 |" in content(found["report"]).decode()


def test_the_monthly_report_refuses_a_month_without_a_row(office):
    error = error_of(office.run("monthly-report", month="2025-01"))
    assert (error["code"], error["reason"]) == ("step_failed", "nothing_in_month")
    assert error["message"] == "None of the 3 files has a row of 2025-01."


def test_the_reminders_get_firmer_and_dearer_the_later_it_is(office):
    entry = the_entry("payment-reminders")
    with services(entry.pins, ASKED_BY) as server:
        found = outputs(office.run("payment-reminders", server))
    assert [
        (row["invoice"], row["days"], row["stage"], row["amount"]) for row in rows_of(found["overview"])
    ] == [
        ("2026-1101", "16", "second", "420.0"),
        ("2026-1088", "38", "last", "1295.5"),
        ("2026-1064", "65", "last", "655.0"),
    ]
    assert "was due on 08 October 2026." in content(found["letters"][1]).decode()
    assert len(server.seen) == len({seen.headers["idempotency-key"] for seen in server.seen}) == 3


def test_reminders_that_cannot_be_sent_do_not_keep_the_job_from_ending(office):
    with services({}, {}) as server:
        given = given_by(office.run("payment-reminders", server))
    assert (given["sent"], given["not_sent"]) == (0, 3)


def test_without_an_overdue_item_no_reminder_is_written(office):
    job = office.run("payment-reminders", as_of="2026-10-01", grace=30)
    assert given_by(job) == {"overdue": 0, "amount": 0, "sent": 0, "not_sent": 0}
    assert "send" not in statuses(job)


def test_a_company_that_the_register_does_not_know_is_refused_before_anything_is_ordered(office):
    entry = the_entry("customer-onboarding")
    gone = {**entry.pins, "register": {"status": 404, "headers": {}, "body": ""}}
    with services(gone, ASKED_BY) as server:
        given = given_by(office.run("customer-onboarding", server))
    assert given["result"] == "refused"
    assert [seen.method for seen in server.seen] == ["GET"]


def test_a_register_that_is_down_is_noted_and_the_customer_is_welcomed(office):
    entry = the_entry("customer-onboarding")
    reached = {pattern: key for pattern, key in ASKED_BY.items() if key != "register"}
    with services(entry.pins, reached) as server:
        given = given_by(office.run("customer-onboarding", server))
    assert (given["result"], given["customer"]) == ("welcomed", "C-1042")
    assert given["register"] == "The register could not be asked. Look it up by hand."


def test_the_price_list_proposes_less_than_theirs_but_never_less_than_the_lowest_price(office):
    entry = the_entry("price-monitoring")
    with services(entry.pins, ASKED_BY) as server:
        found = outputs(office.run("price-monitoring", server))
    assert [(row["sku"], row["finding"], row["proposal"]) for row in rows_of(found["list"])] == [
        ("LMP-10", "undercut", "36.49"),
        ("CHR-20", "undercut", "185"),
        ("DSK-30", "we are cheaper", ""),
        ("SHL-40", "not sold there", ""),
    ]


@pytest.mark.parametrize("changed", [{}, {"chat_url": None}], ids=["the chat is down", "no address"])
def test_prices_are_compared_though_nobody_can_be_told(office, changed):
    entry = the_entry("price-monitoring")
    reached = {pattern: key for pattern, key in ASKED_BY.items() if key != "tell"}
    with services(entry.pins, reached) as server:
        given = given_by(office.run("price-monitoring", server, **changed))
    assert (given["undercut"], given["told"]) == (2, False)


def test_an_alert_that_a_person_wrote_is_weighed_too(office):
    entry = the_entry("incident-triage")
    with services(entry.pins, ASKED_BY) as server:
        job = office.run("incident-triage", server, alert="The shop is slow\nsince noon", affected=60)
    assert given_by(job)["urgency"] == "recovered"
    assert given_by(job)["called"] is False
    assert value(job, "facts") == {"service": "unknown", "summary": "The shop is slow"}


def test_a_service_that_stays_away_is_looked_at_three_times(office):
    entry = the_entry("incident-triage")
    down = {**entry.pins, "health": {"status": 503, "headers": {}, "body": "no"}}
    with services(down, ASKED_BY) as server:
        job = office.run("incident-triage", server, alert="checkout error", affected=None)
    assert given_by(job)["urgency"] == "major"
    assert value(job, "watch") == [503, 503, 503]
