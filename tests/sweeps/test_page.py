"""The page, as text and in a browser."""

import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gan_lightning.sweeps.page import embedded, page
from gan_lightning.sweeps.result import sweep_result
from gan_lightning.sweeps.write import write_sweep

EVIL = "</script><script>document.title='taken'</script><img src=x onerror=alert(1)>\"'&"
BROWSER, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
needs_a_browser = pytest.mark.skipif(
    BROWSER is None or DRIVER is None, reason="no chromium and chromedriver are installed"
)


def filled(sweep: Path, job: Callable[..., Path]) -> Path:
    """Two settings of two seeds, one of which failed, and one with a hostile value."""
    for number, (n_critic, seed, share) in enumerate([(5, 0, 0.9), (5, 1, 0.8), (1, 0, 0.3), (10, 0, 0.5)]):
        job(number, share, n_critic=n_critic, seed=seed, lr=1e-3)
    job(4, None, "failed", EVIL, n_critic=1, seed=1, lr=1e-3)
    job(5, 0.1, n_critic=EVIL, seed=0, lr=1e-2)
    return write_sweep(sweep)


def test_nothing_in_embedded_json_can_end_the_script() -> None:
    text = embedded({"name": EVIL})
    assert not set(text) & set("<>&")
    assert json.loads(text) == {"name": EVIL}


def test_every_name_is_escaped_and_everything_is_in_the_file(sweep: Path, job: Callable[..., Path]) -> None:
    html = filled(sweep, job).read_text()
    assert html.count("<script") == html.count("</script>") == 2
    assert "<img src=x" not in html and "onerror=alert(1)&gt;" in html
    sources = re.findall(r'(?:src|href)="([^"]{0,20})', html)
    assert sources and all(source.startswith("data:") for source in sources)
    assert "http:" not in html.replace("http://www.w3.org/2000/svg", "") and "https:" not in html


def test_failures_floors_and_the_rule_are_on_the_page(sweep: Path, job: Callable[..., Path]) -> None:
    for number, (n_critic, share) in enumerate([(5, 0.9), (5, 0.8), (1, 0.3), (1, 0.2)]):
        job(number, share, n_critic=n_critic, seed=number % 2)
    job(4, None, "diverged", "the weights are not finite", n_critic=2, seed=0)
    html = page(sweep_result(sweep), {"heat_map_a_b.png": b"\x89PNG"})
    assert "4_n_critic=2,seed=0</b>: <span" in html and "the weights are not finite" in html
    assert "floor: real samples" in html and "0.99" in html
    assert "Welch" in html and "4 of 5 runs finished" in html
    assert "data:image/png;base64,iVBORw==" in html


def test_a_sweep_that_has_measured_nothing_has_a_page(sweep: Path) -> None:
    html = write_sweep(sweep).read_text()
    assert "No figure has been measured yet" in html


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Any]:
    """A fresh headless Chromium that notes what it asks of the network."""
    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service

    options = Options()
    options.binary_location = str(BROWSER)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        for flag in [*FLAGS, f"--user-data-dir={profile}", "--window-size=1280,900"]:
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        service = Service(str(DRIVER), log_output=os.devnull)
        driver = webdriver.Chrome(options=options, service=service)
        yield driver
        driver.quit()


def column(browser: Any, index: int) -> list[str]:
    rows = "[...document.querySelectorAll('#settings tbody tr:not([hidden])')]"
    return list(browser.execute_script(f"return {rows}.map(row => row.cells[{index}].innerText)"))


@needs_a_browser
def test_in_a_browser_the_page_sorts_filters_shows_figures_and_asks_for_nothing(
    sweep: Path, job: Callable[..., Path], browser: Any
) -> None:
    path = filled(sweep, job)
    browser.get(path.as_uri())
    assert browser.title == "sweep"  # the hostile value ran nothing
    assert column(browser, 0)[:4] == ["5", "10", "1", EVIL]  # best first

    first = browser.find_element("css selector", "#settings thead button")
    first.send_keys("\ue007")  # Enter
    assert column(browser, 0)[:3] == ["1", "5", "10"]  # as numbers
    assert first.find_element("xpath", "..").get_attribute("aria-sort") == "ascending"
    first.send_keys(" ")
    assert [name for name in column(browser, 0) if name.isdigit()] == ["10", "5", "1"]

    field = browser.find_element("id", "filter")
    field.send_keys("n_critic=10")
    assert column(browser, 0) == ["10"]
    assert browser.find_element("id", "count").text == "1 of 4 settings"
    assert len(browser.find_elements("css selector", "#plot path")) == 1
    field.clear()
    field.send_keys(" ")
    assert len(column(browser, 0)) == 4

    browser.find_element("css selector", "[data-axis=seconds]").click()
    assert "seconds" in browser.find_element("css selector", "#plot svg").get_attribute("aria-label")
    script = """
    const svg = document.querySelector("#plot svg"), box = svg.getBoundingClientRect();
    const end = document.querySelector("#plot path:last-of-type").getPointAtLength(1e6);
    const factor = box.width / svg.viewBox.baseVal.width;
    const place = {clientX: box.left + end.x * factor, clientY: box.top + end.y * factor};
    svg.dispatchEvent(new PointerEvent("pointermove", place));
    return document.querySelector(".tip").textContent;
    """
    assert browser.execute_script(script) == "0_n_critic=5,seed=0,lr=1e-3: 0.9000 at iteration 200, 20 s"

    for width in (1280, 390):
        metrics = {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": False}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width

    assert [entry for entry in browser.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")] == []
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    sent = [event["params"] for event in events if event["method"] == "Network.requestWillBeSent"]
    asked = [
        one["request"]["url"] for one in sent if one["documentURL"].startswith("file:")
    ]  # not Chromium's start page
    assert path.as_uri() in asked
    assert [url for url in asked if not url.startswith("data:") and url != path.as_uri()] == []
