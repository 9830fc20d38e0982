from pathlib import Path

from live.embedded import Services
from tests.live.shops import open_web


async def test_a_guest_comes_in_with_a_name_and_is_a_viewer(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        answer = await web.nobody.post("/api/auth/guest", {"name": "小林"})
        guest = await web.guest("小林")

        assert answer.status_code == 201
        assert answer.json()["user"] == {
            "id": answer.json()["user"]["id"],
            "name": "小林",
            "role": "viewer",
        }
        assert (await guest.get("/api/me")).json() == {
            "id": guest.id,
            "name": "小林",
            "role": "viewer",
        }


async def test_a_guest_without_a_name_gets_one(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        answer = await web.nobody.post("/api/auth/guest")

        assert answer.status_code == 201
        name = answer.json()["user"]["name"]
        assert name.startswith("Guest ")
        assert len(name) == len("Guest 1234")


async def test_who_registers_can_sign_in_whatever_the_capitals(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        wanted = {"email": "Ann@Example.com", "password": "correct horse", "name": "Ann"}
        registered = await web.nobody.post("/api/auth/register", wanted)
        signed_in = await web.nobody.post(
            "/api/auth/login", {"email": "ann@example.COM", "password": "correct horse"}
        )

        assert registered.status_code == 201
        assert signed_in.status_code == 200
        assert signed_in.json()["user"] == registered.json()["user"]
        assert signed_in.json()["user"]["email"] == "ann@example.com"
        assert signed_in.json()["user"]["role"] == "viewer"


async def test_an_address_has_one_account(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        wanted = {"email": "ann@example.com", "password": "correct horse", "name": "Ann"}
        await web.nobody.post("/api/auth/register", wanted)
        again = await web.nobody.post(
            "/api/auth/register", {**wanted, "password": "battery staple"}
        )
        signed_in = await web.nobody.post(
            "/api/auth/login", {"email": "ann@example.com", "password": "correct horse"}
        )

        assert (again.status_code, again.json()["code"]) == (409, "email_taken")
        assert signed_in.status_code == 200


async def test_an_unknown_address_and_a_wrong_password_are_told_alike(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        wanted = {"email": "ann@example.com", "password": "correct horse", "name": "Ann"}
        await web.nobody.post("/api/auth/register", wanted)
        wrong = await web.nobody.post(
            "/api/auth/login", {"email": "ann@example.com", "password": "wrong"}
        )
        unknown = await web.nobody.post(
            "/api/auth/login", {"email": "bob@example.com", "password": "wrong"}
        )

        assert (wrong.status_code, wrong.json()["code"]) == (401, "wrong_credentials")
        assert wrong.json() | {"request_id": ""} == unknown.json() | {"request_id": ""}


async def test_only_an_admin_opens_a_hosts_account(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        wanted = {
            "email": "mei@example.com",
            "password": "correct horse",
            "name": "Mei",
            "role": "host",
        }
        by_nobody = await web.nobody.post("/api/auth/register", wanted)
        by_host = await (await web.member("host")).post("/api/auth/register", wanted)
        by_admin = await (await web.member("admin")).post("/api/auth/register", wanted)

        assert (by_nobody.status_code, by_nobody.json()["code"]) == (403, "forbidden")
        assert (by_host.status_code, by_host.json()["code"]) == (403, "forbidden")
        assert (by_admin.status_code, by_admin.json()["user"]["role"]) == (201, "host")


async def test_guessing_passwords_is_slowed_down(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        guess = {"email": "ann@example.com", "password": "guess"}
        answers = [await web.nobody.post("/api/auth/login", guess) for _ in range(11)]

        assert [answer.status_code for answer in answers] == [401] * 10 + [429]
        assert answers[-1].json()["code"] == "too_many_tries"
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 6
