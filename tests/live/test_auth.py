import pytest

from live.auth import BadToken, ExpiredToken, Passwords, Tokens, TooManyTries, Tries

NOW = 1_800_000_000.0


def tokens(secret: bytes = b"k" * 32) -> Tokens:
    return Tokens(secret, hours=1)


def test_a_token_says_who_its_bearer_is() -> None:
    token, issued = tokens().issue(account="acc_1", name="小林", role="host", now=NOW)

    claims = tokens().read(token, NOW + 10)

    assert claims == issued
    assert (claims.sub, claims.name, claims.role) == ("acc_1", "小林", "host")
    assert claims.exp == int(NOW) + 3600


def test_a_token_expires() -> None:
    token, claims = tokens().issue(account="acc_1", name="Lin", role="viewer", now=NOW)

    assert tokens().read(token, claims.exp - 1) == claims
    with pytest.raises(ExpiredToken):
        tokens().read(token, claims.exp)


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é" * 10, "\x00", "e30.e30.e30"])
def test_what_is_no_token_is_a_bad_one(token: str) -> None:
    with pytest.raises(BadToken):
        tokens().read(token, NOW)


def test_a_token_of_another_shop_is_a_bad_one_even_when_expired() -> None:
    token, _ = tokens(b"o" * 32).issue(account="acc_1", name="Lin", role="admin", now=0)

    with pytest.raises(BadToken):
        tokens().read(token, NOW)


def test_a_token_that_claims_an_unknown_role_is_a_bad_one() -> None:
    token, _ = tokens().issue(
        account="acc_1",
        name="Lin",
        role="emperor",  # type: ignore[arg-type]  # what a forger would try
        now=NOW,
    )

    with pytest.raises(BadToken):
        tokens().read(token, NOW)


async def test_only_the_right_password_matches() -> None:
    passwords = Passwords()
    stored = await passwords.hash("correct horse")

    assert await passwords.check("correct horse", stored) is True
    assert await passwords.check("battery staple", stored) is False
    assert await passwords.check("correct horse", None) is False
    assert await passwords.check("correct horse", "not a hash") is False
    assert await passwords.check("nobody has this password", None) is False


def test_an_address_may_try_ten_times_and_then_one_more_every_six_seconds() -> None:
    tries = Tries()
    for _ in range(10):
        tries.take("203.0.113.7", 0.0)

    with pytest.raises(TooManyTries) as refusal:
        tries.take("203.0.113.7", 0.0)

    assert refusal.value.retry_after_s == pytest.approx(6.0)
    tries.take("198.51.100.1", 0.0)
    tries.take("203.0.113.7", 6.1)
