"""Goal: a letter prints every sign it holds, on any machine, and nothing in it is taken for markup."""

from dataclasses import replace
from datetime import date
from io import BytesIO

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from forbear.core.base.problem import Problem
from forbear.interchange.documents.letters import TABLES_HERE, Letter, Slip, Table, lacking_signs, letter_pdf
from tests.profile import examples

LETTER = Letter(
    language="zh",
    sender="丰禾消费金融",
    sender_rows=("示范路 1 号", "+86 10 0000 0000"),
    to=("陈小雨", "示例街道 12 号", "100000"),
    on=date(2026, 3, 10),
    reference="A1B2C3D4",
    subject="欠款情况告知书",
    body="陈小雨：\n\n截至2026年3月10日，您有 ¥1,234.56 逾期未还。\n\n一、还款；\n二、申请分期。",
    code="K7P2-9QXM",
    verify_url="http://localhost:8000/verify",
)


def words(pdf: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_everything_it_says_is_on_the_paper(language):
    table = Table("明细", (("项目", "未还"), ("第 3 期", "¥617.28")))
    pdf = letter_pdf(replace(LETTER, language=language, tables=(table,)))
    told = words(pdf).replace(" ", "")
    for part in ("丰禾消费金融", "陈小雨", "K7P2-9QXM", "A1B2C3D4", "¥1,234.56", "第3期", "¥617.28"):
        assert part in told
    assert ("2026年3月10日" if language == "zh" else "10March2026") in told


def test_the_same_letter_gives_the_same_bytes():
    assert letter_pdf(LETTER) == letter_pdf(LETTER)


def test_the_fonts_are_inside_so_no_machine_needs_them():
    fonts = {
        name
        for page in PdfReader(BytesIO(letter_pdf(LETTER))).pages
        for name in page["/Resources"]["/Font"].values()
    }
    embedded = [font.get_object()["/DescendantFonts"][0].get_object() for font in fonts]
    assert embedded
    assert all("/FontFile3" in font["/FontDescriptor"].get_object() for font in embedded)


def test_the_page_is_drawn_and_not_blank():
    page = pypdfium2.PdfDocument(letter_pdf(LETTER))[0]
    pixels = page.render(scale=0.5).to_pil().convert("L")
    dark = sum(count for shade, count in enumerate(pixels.histogram()) if shade < 128)
    assert dark > 500


def test_every_sign_of_gbk_can_be_printed():
    signs = "".join(
        text
        for first in range(0x81, 0xFF)
        for second in range(0x40, 0xFF)
        if (text := bytes([first, second]).decode("gbk", "ignore")) and len(text) == 1 and text > "\x7f"
    )
    assert len(signs) > 21_000
    # the one sign that Noto Sans CJK has not: approximately equal, as Japan writes it
    assert lacking_signs(signs) in ([], ["≒"])


def test_a_sign_that_cannot_be_printed_is_told():
    wrong = letter_pdf(replace(LETTER, body="您好😀"))
    assert isinstance(wrong, Problem)
    assert "U+1F600" in str(wrong)


_MARKUP = st.text(alphabet="#$*_`@<>[]{}\\/=+-~\"'()ab1 \n", max_size=200)


@given(_MARKUP)
@settings(max_examples=examples(60))
def test_what_looks_like_markup_is_printed_as_it_is(text):
    pdf = letter_pdf(replace(LETTER, body=f"a\n\n{text}\n\nz"))
    assert isinstance(pdf, bytes)
    printed = "".join(words(pdf).split())
    for sign in "#$*`@[]{}\\~":
        assert printed.count(sign) == text.count(sign)


def test_tables_stand_where_the_body_says_and_the_form_at_the_end():
    body = f"First.\n\n{TABLES_HERE}\n\nLast."
    slip = Slip(
        "Answer", "Loan 1", "Check:", ((0, "I dispute it:"), (1, "not mine")), "Mail to:", ("The lender",)
    )
    told = words(
        letter_pdf(replace(LETTER, body=body, tables=(Table("", (("A", "B"), ("Row", "1"))),), slip=slip))
    )
    assert "[" not in told
    places = [told.index(words) for words in ("First", "Row", "Last", "Answer", "not mine", "Mail to")]
    assert places == sorted(places)


def test_the_picture_leads_to_the_page_that_checks_the_letter():
    assert LETTER.check_address == "http://localhost:8000/verify?q=K7P29QXM"
    assert replace(LETTER, code="").check_address == ""
    plain, pictured = letter_pdf(replace(LETTER, code="")), letter_pdf(LETTER)
    assert dark(pictured) > dark(plain) + 1_000


def dark(pdf: bytes) -> int:
    """How many pixels of the first page are dark at 72 dpi."""
    picture = pypdfium2.PdfDocument(pdf)[0].render().to_numpy()
    return int((picture[..., 0] < 90).sum())


@pytest.mark.parametrize("code", ["NWCM-HRRQ", "WWWW-WWWW"])
def test_a_wide_code_is_never_broken_over_two_lines(code):
    assert code in words(letter_pdf(replace(LETTER, language="en", code=code)))
