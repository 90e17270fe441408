"""A virtual My Number Card: the JPKI application (公的個人認証AP) as a card answers it, command by command.

Owns: the application's files, access conditions, passwords with their tries and signatures (``application``), the cards
of the cast (``personalise``), and two ways to reach one: in a virtual PC/SC reader (``vpcd``) and at a loopback port
(``socket_card``).
Does not own: certificates and people (``idp.sandbox.pki``, ``idp.sandbox.cast``), what is signed (``idp.presenter``),
and no other application of the card: of the card's text and image applications nothing exists here, so the 12-digit
number cannot be read from it. The next generation's P-384 card has no published command format and is not here.
May import: the cast and its certificates, in ``personalise`` alone; pyca for the keys.
"""
