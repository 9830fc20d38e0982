import msgspec
import pytest

from commerce.catalogue import NewProduct, NewVariant, Problem, handle_of, problems


def variant(sku: str, *options: str, currency: str = "USD", was: int | None = None) -> NewVariant:
    return NewVariant(
        sku=sku, price_minor=100, currency=currency, options=list(options), was_minor=was
    )


def test_a_sound_product_has_no_problems() -> None:
    shirt = NewProduct(
        title="Shirt",
        options=["Size"],
        variants=[variant("S", "Small", was=150), variant("L", "Large")],
    )

    assert problems(shirt) == []


def test_every_problem_names_its_place() -> None:
    shirt = NewProduct(
        title="Shirt",
        options=["Size", "Size"],
        variants=[
            variant("S", "Small", "Slim"),
            variant("S", "Small", "Slim", was=100),
            variant("L", currency="EUR"),
        ],
    )

    assert problems(shirt) == [
        Problem("$.options", "two options have the same name"),
        Problem("$.variants[0].sku", "the SKU S is there twice"),
        Problem("$.variants[0].options", "Small / Slim is there twice"),
        Problem("$.variants[1].sku", "the SKU S is there twice"),
        Problem("$.variants[1].options", "Small / Slim is there twice"),
        Problem("$.variants[1].was_minor", "the price before has to be higher than the price"),
        Problem("$.variants[2].options", "has 0 values for 2 options"),
        Problem("$.variants[2].currency", "EUR beside USD"),
    ]


@pytest.mark.parametrize(
    ("title", "handle"),
    [("Linen Shirt, red!", "linen-shirt-red"), ("Café crème", "cafe-creme"), ("茶杯", "")],
)
def test_a_handle_is_made_from_the_title(title: str, handle: str) -> None:
    assert handle_of(title) == handle


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sku", ""),
        ("sku", " M"),
        ("sku", "M\n"),
        ("price_minor", -1),
        ("price_minor", 10**12 + 1),
        ("currency", "usd"),
        ("currency", "USD\n"),
        ("available", -1),
        ("picture", "javascript:alert(1)"),
        ("picture", "//elsewhere.example"),
        ("picture", "/a.png\n"),
        ("options", ["a", "b", "c", "d"]),
        ("colour", "red"),
    ],
)
def test_a_value_that_no_variant_may_have_is_refused(field: str, value: object) -> None:
    body = {"sku": "M", "price_minor": 900, "currency": "USD"} | {field: value}

    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(body, NewVariant)
