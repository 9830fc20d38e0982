"""The sample catalogue the demo seeds: products in Shopify CSV form, and their pictures."""

from importlib.resources import files
from importlib.resources.abc import Traversable

PACKAGE = __package__ or __name__

CATALOGUE: Traversable = files(PACKAGE) / "products.csv"
PICTURES: Traversable = files(PACKAGE) / "pictures"
