"""Every sentence a person reads, in Japanese and English. Each key has both; a test holds that."""

from typing import Final

from mynumber_card_agent.transaction import Language

# key: (Japanese, English)
_TEXTS: Final[dict[str, tuple[str, str]]] = {
    "title": ("マイナンバーカード", "My Number Card"),
    "label_redirect_host": ("サインイン先", "You are signing in to"),
    "label_redirect_app": ("サインイン先(アプリ)", "You are signing in to an app"),
    "label_client_name": ("サービス名", "Service"),
    "label_client_name_unreviewed": ("サービス名(自称・未確認)", "Service (name not checked)"),
    "label_action": ("手続き", "What for"),
    "label_issuer": ("確認するところ", "Checked by"),
    "label_signed": ("カードが署名するもの", "What the card will sign"),
    "label_statement": ("同意する文", "The statement you sign"),
    "label_claims": ("渡される情報", "What will be released"),
    "label_client_id": ("サービスの識別子", "Service identifier"),
    "label_redirect_uri": ("戻り先のアドレス", "Return address"),
    "label_acr": ("確認の水準", "Level of sign-in"),
    "label_issued_at": ("開始時刻", "Requested at"),
    "label_expires_at": ("有効期限", "Valid until"),
    "label_txn": ("照会番号", "Reference"),
    "label_tries_left": ("暗証番号の残り回数", "PIN tries left"),
    "action_sign-in": ("サインイン", "Sign in"),
    "action_step-up": ("本人であることの再確認", "Confirm again that it is you"),
    "action_attach-credential": ("カードやスマートフォンの追加", "Add a card or phone to an account"),
    "action_merge": ("二つのアカウントの統合", "Merge two accounts"),
    "action_delete": ("アカウントの削除", "Delete your account"),
    "signed_user-authentication": (
        "この画面の内容と一度きりの番号(利用者証明用電子証明書)。氏名・住所や12桁の個人番号は読みません。",
        "What this window shows, and a number used once (user authentication certificate). Neither your name and "
        "address nor the 12-digit number is read.",
    ),
    "signed_digital-signature": (
        "この画面の内容と一度きりの番号(署名用電子証明書)。この証明書には氏名・住所・生年月日・性別が記載されていて、"
        "確認するところに送られます。12桁の個人番号は読みません。",
        "What this window shows, and a number used once (digital signature certificate). The certificate holds your "
        "name, address, birth date and gender and is sent to the provider. The 12-digit number is not read.",
    ),
    "ask_pin": ("利用者証明用の暗証番号(数字4桁)", "PIN for user authentication (4 digits)"),
    "button_sign": ("署名する", "Sign"),
    "button_cancel": ("やめる", "Cancel"),
    "button_close": ("閉じる", "Close"),
    "scroll_first": ("最後まで読むと入力できます。", "Read to the end, then you can type."),
    "waiting_for_card": ("カードを読み取り機に置いてください。", "Put the card on the reader."),
    "signing": ("署名しています。カードを離さないでください。", "Signing. Leave the card on the reader."),
    "asking_provider": ("確認しています。", "Checking."),
    "done": ("ブラウザーに戻ってください。", "Go on in your browser."),
    "last_try_warning": (
        "暗証番号の残りは1回です。もう一度間違えるとカードがロックされ、市区町村の窓口でしか解除できません。"
        "それでも続けますか。",
        "One PIN try is left. Another wrong PIN locks the card, and only the municipal office can unlock it. "
        "Go on all the same?",
    ),
    "type_to_insist": ("続けるには insist と入力してください: ", "Type insist to go on: "),
    "wrong_pin_remark": ("暗証番号が違います。残り{tries_left}回です。", "Wrong PIN. Tries left: {tries_left}."),
    "pin_form_remark": ("数字4桁を入力してください。", "Type four digits."),
    "sign_again_remark": (
        "署名を確認できませんでした。もう一度お願いします。", "The signature could not be verified. Please sign again."
    ),
    "choose_browser": (
        "サインインを始めたブラウザーを選んでください(次回から同じものを使います)。",
        "In which browser did you begin? (It is remembered.)",
    ),
    "default_browser": ("既定のブラウザー", "The default browser"),
    "choice": ("番号: ", "Number: "),
    "reference": ("問い合わせ番号: {reference}", "Reference: {reference}"),
    # One for each outcome.
    "outcome_no_reader": (
        "カードの読み取り機が見つかりません。つないでから、もう一度始めてください。",
        "No card reader was found. Connect one and start again.",
    ),
    "outcome_no_card": (
        "カードが置かれませんでした。もう一度始めてください。", "No card was put on the reader. Start again."
    ),
    "outcome_wrong_card": (
        "このカードはマイナンバーカードではありません。", "This is not a My Number Card."
    ),
    "outcome_no_certificate": (
        "このカードには利用者証明用電子証明書がありません。市区町村の窓口で発行を受けられます。",
        "This card holds no user authentication certificate. The municipal office can issue one.",
    ),
    "outcome_wrong_pin": ("暗証番号が違います。", "The PIN is wrong."),
    "outcome_locked": (
        "暗証番号がロックされています。市区町村の窓口で解除を受けてください。",
        "The PIN is locked. The municipal office can unlock it.",
    ),
    "outcome_removed": (
        "途中でカードが離れました。もう一度始めてください。", "The card was taken away too early. Start again."
    ),
    "outcome_timeout": ("時間切れです。もう一度始めてください。", "Time ran out. Start again."),
    "outcome_last_try": (
        "暗証番号の残りが1回なので止めました。もう一度間違えるとカードがロックされます。",
        "Stopped, because one PIN try is left: another wrong PIN locks the card.",
    ),
    "outcome_pin_form": (
        "暗証番号は数字4桁です。カードには送っていません。", "The PIN has four digits. Nothing was sent to the card."
    ),
    "outcome_card_failed": (
        "カードとのやりとりに失敗しました。置き直して、もう一度始めてください。",
        "Talking to the card failed. Put it on again and start again.",
    ),
    "outcome_unsupported_key": (
        "このカードの鍵の種類には、このプログラムはまだ対応していません。",
        "This program does not yet support this card's kind of key.",
    ),
    "outcome_reader_busy": (
        "ほかのプログラムがカードを使っています。終わってから、もう一度始めてください。",
        "Another program is using the card. Start again when it has finished.",
    ),
    "outcome_unknown_issuer": (
        "設定されていない相手へのリンクです。どこにも接続していません。",
        "This link is for a provider that is not configured here. Nothing was contacted.",
    ),
    "outcome_invalid_link": ("カードのリンクではありません。", "This is not a card link."),
    "outcome_not_a_sandbox": (
        "模擬カードと暗号化しない接続は、試験用の相手にしか使えません。",
        "A simulated card and an unencrypted connection are for a sandbox only, and this provider is none.",
    ),
    "outcome_invalid_answer": (
        "相手の答えが決まりに合わないため、署名せずに止めました。",
        "The provider's answer breaks the rules, so nothing was signed.",
    ),
    "outcome_card_refused": ("カードは受け付けられませんでした。", "The card was not accepted."),
    "outcome_request_refused": (
        "このサインインは続けられません。サービスに戻って、もう一度始めてください。",
        "This sign-in cannot go on. Go back to the service and start again.",
    ),
    "outcome_unavailable": (
        "いまは確認できません。カードのせいではありません。しばらくしてからもう一度お試しください。",
        "It cannot be checked just now. Nothing is wrong with your card. Try again later.",
    ),
    "outcome_unreachable": ("相手に接続できません。", "The provider cannot be reached."),
    "outcome_untrusted_server": (
        "接続先が本物だと確かめられないため、止めました。",
        "Stopped: the server could not prove that it is the provider.",
    ),
    "outcome_cancelled": ("やめました。署名はしていません。", "Cancelled. Nothing was signed."),
    "outcome_busy": (
        "別のサインインの画面が開いています。先にそちらを終えてください。",
        "Another sign-in window is open. Finish that one first.",
    ),
    "outcome_no_dialog": (
        "暗証番号をたずねる画面を開けません。端末から実行するか、tkinter を入れてください。",
        "There is no way to ask for the PIN: run it in a terminal, or install tkinter.",
    ),
    "outcome_no_browser": (
        "ブラウザーを開けません。--browser で指定してください。", "No browser could be opened. Name one with --browser."
    ),
    "outcome_configuration": ("設定に誤りがあります。", "The configuration is at fault."),
    # The provider's codes that ask something of the person; others get the outcome's sentence alone.
    "code_expired": (
        "電子証明書の有効期限が切れています。市区町村の窓口で更新できます。",
        "The certificate has expired. The municipal office can renew it.",
    ),
    "code_revoked": (
        "電子証明書が失効しています。市区町村の窓口にお問い合わせください。",
        "The certificate has been revoked. Ask the municipal office.",
    ),
    "code_on_hold": (
        "電子証明書の利用が一時停止されています。解除されるとまた使えます。市区町村の窓口またはマイナンバー総合フリーダイヤルにご確認ください。",
        "The certificate is on hold. It can be used again once the hold has been lifted. "
        "Ask your municipal office or the My Number toll-free line.",
    ),
    "code_not_yet_valid": ("電子証明書はまだ有効ではありません。", "The certificate is not valid yet."),
    "code_untrusted_issuer": (
        "このカードの発行元は、ここでは受け付けられません。", "The issuer of this card is not accepted here."
    ),
    "code_wrong_purpose": (
        "別の用途の電子証明書が示されました。", "A certificate for another purpose was presented."
    ),
    "code_different_person": (
        "このアカウントの持ち主のカードではありません。", "This is not the card of this account's owner."
    ),
    "code_attributes_unreadable": (
        "電子証明書に記載された氏名・住所・生年月日・性別を受け取れませんでした。ほかの方法がないか、サービスにおたずねください。",
        "The name, address, birth date or gender in the certificate could not be taken. Ask the service for "
        "another way.",
    ),
    "code_suspended": (
        "このアカウントは停止されています。運営者にお問い合わせください。",
        "This account is suspended. Ask the operator.",
    ),
    "code_bad_signature": ("署名を確認できませんでした。", "The signature could not be verified."),
    "code_already_opened": (
        "同じリンクが別のところで開かれたため、中止されました。心当たりがなければご注意ください。",
        "The same link was opened elsewhere, so it was ended. Be wary if that was not you.",
    ),
    # In other words where the digital signature certificate is asked for.
    "label_redirect_host_digital-signature": ("情報を渡す相手", "Your information goes to"),
    "label_redirect_app_digital-signature": ("情報を渡す相手(アプリ)", "Your information goes to an app"),
    "label_tries_left_digital-signature": ("署名用パスワードの残り回数", "Signing password tries left"),
    "ask_pin_digital-signature": (
        "署名用パスワード(英数字6〜16文字。小文字は大文字として扱います)",
        "Signing password (6 to 16 letters and digits; small letters are taken as capitals)",
    ),
    "last_try_warning_digital-signature": (
        "署名用パスワードの残りは1回です。もう一度間違えるとロックされ、市区町村の窓口での手続きが必要になります。"
        "それでも続けますか。",
        "One try of the signing password is left. Another wrong one locks it, and the municipal office has to unlock "
        "it. Go on all the same?",
    ),
    "wrong_pin_remark_digital-signature": (
        "署名用パスワードが違います。残り{tries_left}回です。", "Wrong signing password. Tries left: {tries_left}."
    ),
    "pin_form_remark_digital-signature": (
        "英字と数字で6〜16文字を入力してください。", "Type 6 to 16 letters and digits."
    ),
    "outcome_no_certificate_digital-signature": (
        "このカードには署名用電子証明書がありません。15歳未満の方や、発行を希望しなかった方のカードには入っていません。"
        "市区町村の窓口でおたずねください。",
        "This card holds no digital signature certificate. Cards of people under fifteen, and of those who did not "
        "want one, have none. Ask the municipal office.",
    ),
    "outcome_wrong_pin_digital-signature": ("署名用パスワードが違います。", "The signing password is wrong."),
    "outcome_locked_digital-signature": (
        "署名用パスワードがロックされています。市区町村の窓口で解除を受けてください。",
        "The signing password is locked. The municipal office can unlock it.",
    ),
    "outcome_last_try_digital-signature": (
        "署名用パスワードの残りが1回なので止めました。もう一度間違えるとロックされます。",
        "Stopped, because one try of the signing password is left: another wrong one locks it.",
    ),
    "outcome_pin_form_digital-signature": (
        "署名用パスワードは英字と数字で6〜16文字です。カードには送っていません。",
        "The signing password has 6 to 16 letters and digits. Nothing was sent to the card.",
    ),
}  # fmt: skip


def has_text(key: str) -> bool:
    """Whether there is a sentence of this key."""
    return key in _TEXTS


def say(key: str, language: Language, **values: object) -> str:
    """A sentence in one language, with its values."""
    japanese, english = _TEXTS[key]
    text = japanese if language == "ja" else english
    return text.format(**values) if values else text


def say_for(purpose: str, key: str, language: Language, **values: object) -> str:
    """The same, in the words for a purpose where it has its own."""
    own = f"{key}_{purpose}"
    return say(own if own in _TEXTS else key, language, **values)
