"""Screenshots of a running provider, for people to look at: ``python -m tests.journeys.take_screenshots``.

Sign-in, consent and error page, Japanese and English, 320 px and desktop, into docs/screenshots; beside them the sample
relying party before and after a sign-in.
"""

from __future__ import annotations

import struct
import tempfile
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from examples.relying_party import create_relying_party
from idp.sandbox.installation import prepare_sandbox
from tests.journeys.pages_in_chromium import CONSENT, EVERY_PAGE, begin, press_on, stands_at
from tests.support.chromium import Person, running_chromium
from tests.support.headless_person import Request
from tests.support.running_provider import ROOT, RegisteredClient, RunningProvider, free_port, running_sandbox

DIRECTORY = ROOT / "docs" / "screenshots"
NAME = "図書館の予約サイト（見本）"
REDIRECT_URI = "https://reserve.library.example/callback"
WIDTHS = {"320": {"width": 320, "height": 640}, "desktop": {"width": 1280, "height": 800}}
LOCALES = {"ja": "ja-JP", "en": "en-GB"}


def main() -> None:
    """Take them all."""
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        directory = Path(temporary)
        prepare_sandbox(directory / "prototype", datetime.now(UTC))
        operator = {
            "name": "Example City",
            "contact": "mailto:id-support@city.example",
            "privacy_notice": "https://www.city.example/privacy",
            "purpose_of_use": "To let residents sign in to the city's online services",
        }
        with (
            running_sandbox(directory / "idp", directory / "prototype", operator=operator) as provider,
            running_chromium() as chromium,
        ):
            client = provider.add_client(REDIRECT_URI, name=NAME)
            for language in LOCALES:
                for width in WIDTHS:
                    take_pages(chromium, provider, client, language, width)
            take_relying_party(chromium, provider)


def take_pages(
    chromium: Browser, provider: RunningProvider, client: RegisteredClient, language: str, width: str
) -> None:
    """One person's way to the consent page; and a request that is refused."""
    person = Person(chromium, locale=LOCALES[language], viewport=WIDTHS[width])
    tab = person.new_tab()
    begin(tab, provider, Request(client, EVERY_PAGE))
    save(tab, f"sign-in-{language}-{width}")
    while stands_at(tab) != CONSENT:
        press_on(tab)
    save(tab, f"consent-{language}-{width}")
    tab.goto(provider.issuer + "/authorize?client_id=nobody")
    save(tab, f"error-{language}-{width}")
    person.close()


def take_relying_party(chromium: Browser, provider: RunningProvider) -> None:
    """The sample site with its button, and with the verified ID token."""
    with running_relying_party(provider) as origin:
        person = Person(chromium, locale="ja-JP", viewport=WIDTHS["desktop"])
        tab = person.context.new_page()
        tab.goto(origin)
        save(tab, "relying-party-before")
        tab.locator("a.button").click()
        while not tab.url.startswith(origin):
            press_on(tab)
        save(tab, "relying-party-after")
        person.context.close()


@contextmanager
def running_relying_party(provider: RunningProvider) -> Iterator[str]:
    """The example of the README."""
    port = free_port()
    client = provider.add_client(f"http://localhost:{port}/callback", name=NAME)
    assert client.client_secret is not None
    app = create_relying_party(provider.issuer, client.client_id, client.client_secret)
    server = make_server("127.0.0.1", port, app)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://localhost:{port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def save(tab: Page, name: str) -> None:
    """One page at its whole length."""
    path = DIRECTORY / f"{name}.png"
    path.write_bytes(compress_png(tab.screenshot(full_page=True, animations="disabled")))
    print(f"{path.relative_to(ROOT)}  {path.stat().st_size // 1024} KiB")


def compress_png(data: bytes) -> bytes:
    """The same picture in fewer bytes: Chromium packs for speed.

    Source: PNG Specification (Third Edition) §5: a signature, then chunks of length, type, data and CRC-32.
    """
    chunks, position = [], 8
    while position < len(data):
        (length,) = struct.unpack_from(">I", data, position)
        chunks.append((data[position + 4 : position + 8], data[position + 8 : position + 8 + length]))
        position += length + 12
    pixels = zlib.decompress(b"".join(body for kind, body in chunks if kind == b"IDAT"))
    packed = [chunk for chunk in chunks if chunk[0] in (b"IHDR", b"PLTE", b"tRNS")]
    packed += [(b"IDAT", zlib.compress(pixels, 9)), (b"IEND", b"")]
    return data[:8] + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in packed
    )


if __name__ == "__main__":
    main()
