"""The button kit in Chromium: nothing cut off, edges where the system has the colours, a ring for the keyboard."""

import pytest
from playwright.sync_api import Browser, Page

from tests.support.running_provider import ROOT

KIT = ROOT / "docs" / "button"
ADDRESS = (KIT / "index.html").as_uri()

pytestmark = [pytest.mark.browser, pytest.mark.journey]


def show(chromium: Browser, **options: object) -> Page:
    page = chromium.new_page(**options)  # type: ignore[arg-type]
    page.goto(ADDRESS)
    return page


def heights(page: Page) -> list[float]:
    return [button.bounding_box()["height"] for button in page.locator(".mnc-button").all()]  # type: ignore[index]


def test_at_320_px_and_with_text_twice_as_large_nothing_is_cut_off(chromium: Browser) -> None:
    page = show(chromium, viewport={"width": 320, "height": 640})
    for size in ("100%", "200%"):
        page.add_style_tag(content=f"html {{ font-size: {size} }}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        assert page.evaluate("[...document.querySelectorAll('.mnc-button')].every(b => b.scrollWidth <= b.clientWidth)")
    page.close()


def test_every_size_is_one_that_a_finger_hits_and_grows_with_the_text(chromium: Browser) -> None:
    page = show(chromium, viewport={"width": 1280, "height": 800})
    before = heights(page)
    assert before[:3] == [44, 48, 56]
    assert len(before) == 24
    page.add_style_tag(content="html { font-size: 150% }")
    assert all(after >= 1.5 * height for after, height in zip(heights(page), before, strict=True))
    page.close()


def test_edges_are_drawn_where_the_system_has_the_colours(chromium: Browser) -> None:
    page = show(chromium, forced_colors="active")
    style = "getComputedStyle(document.querySelector('.mnc-button'))"
    assert page.evaluate(f"{style}.borderTopWidth") == "2px"
    assert page.evaluate(f"{style}.borderTopColor") == page.evaluate(f"{style}.color")
    page.close()


def test_the_keyboard_reaches_every_button_and_shows_where_it_is(chromium: Browser) -> None:
    page = show(chromium, viewport={"width": 1280, "height": 800})
    for _ in range(24):
        page.keyboard.press("Tab")
        outline = "getComputedStyle(document.activeElement).outlineWidth"
        assert page.evaluate("document.activeElement.className").startswith("mnc-button")
        assert page.evaluate(outline) == "4px"
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_picture_in_the_readme_is_of_this_page(chromium: Browser, scheme: str) -> None:
    page = show(chromium, viewport={"width": 1180, "height": 800}, color_scheme=scheme)
    fill = page.evaluate("getComputedStyle(document.querySelector('.mnc-button')).backgroundColor")
    assert fill == {"light": "rgb(0, 23, 193)", "dark": "rgb(197, 215, 251)"}[scheme]
    assert (KIT / f"all-{scheme}.png").stat().st_size > 10_000
    page.close()
