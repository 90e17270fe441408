"""Who a person is to whom: one ``sub`` a sector, the same after restarts and rotations."""

from pathlib import Path

from idp.settings.secret_file import create_key_file
from tests.support.provider import Provider


def test_two_sectors_have_two_subs_and_one_sector_has_one(provider: Provider) -> None:
    first = provider.relying_party(redirect_uris=["https://one.example/cb"])
    same_sector = provider.relying_party(redirect_uris=["https://one.example/other"])
    other_sector = provider.relying_party(redirect_uris=["https://two.example/cb"])
    subs = [party.sub(party.sign_in(provider.browser())) for party in (first, same_sector, other_sector)]
    assert subs[0] == subs[1] != subs[2]
    assert first.sub(first.sign_in(provider.browser(), "taro")) not in subs


def test_the_sub_is_the_same_after_a_restart(provider: Provider) -> None:
    party, browser = provider.relying_party(), provider.browser()
    tokens = party.sign_in(browser)
    again = provider.restart()
    try:
        returning = party.at(again.app)
        assert returning.sub(returning.sign_in(again.browser())) == party.sub(tokens)
        assert returning.claims(tokens["id_token"])["nonce"]
        assert returning.userinfo(tokens["access_token"]).status_code == 200
    finally:
        again.close()


def test_a_sign_in_that_was_begun_before_a_restart_is_finished_after_it(provider: Provider) -> None:
    party, browser = provider.relying_party(), provider.browser()
    browser.authorize(party.request())
    again = provider.restart()
    try:
        elsewhere = again.browser()
        elsewhere.cookies = browser.cookies
        elsewhere.get(browser.path)
        elsewhere.use_sandbox_card()
        assert party.code(elsewhere.agree())
    finally:
        again.close()


def test_after_a_key_rotation_old_tokens_verify_and_new_ones_have_the_new_key(provider: Provider) -> None:
    party = provider.relying_party()
    before = party.sign_in(provider.browser())
    provider.parts.key_rotation.rotate("ES256", provider.clock())
    provider.clock.advance(provider.settings.keys.announce_seconds + 60)
    provider.refresh_lists()
    after = party.sign_in(provider.browser())
    assert party.sub(before) == party.sub(after)
    assert before["id_token"].split(".")[0] != after["id_token"].split(".")[0]


def test_after_a_look_up_key_rotation_everybody_is_the_same_person(provider: Provider, tmp_path: Path) -> None:
    party = provider.relying_party()
    before = party.sub(party.sign_in(provider.browser()))
    old = provider.settings.identity.lookup_key[0]
    new_file = tmp_path / "new-lookup-key"
    create_key_file(new_file)
    both = f'[{{id = "newer", file = "{new_file}"}}, {{id = "{old.id}", file = "{old.file}"}}]'
    rotated = provider.restart(IDP_IDENTITY__LOOKUP_KEY=both)
    try:
        returning = party.at(rotated.app)
        assert returning.sub(returning.sign_in(rotated.browser())) == before
        assert rotated.count_rows("accounts") == 1
        # Found under the old key, rewritten under the new one: the old key may go now.
        assert rotated.count_rows("credentials", "lookup_key_id = 'newer'") == 1
        alone = rotated.restart(IDP_IDENTITY__LOOKUP_KEY=f'[{{id = "newer", file = "{new_file}"}}]')
        rotated = alone
        returning = party.at(alone.app)
        assert returning.sub(returning.sign_in(alone.browser())) == before
    finally:
        rotated.close()
