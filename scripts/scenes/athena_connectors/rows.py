"""What each place of the scene holds, the same on every machine."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

COUNTRIES = ("AT", "BE", "CH", "DE", "FR", "IT", "NL", "PL")
CUSTOMERS, ORDERS, VISITS, INVOICES, SHIPMENTS = 20_000, 50_000, 1_000_000, 20_000, 20_000
SEED = 2
PLACES = {
    "sales.public.customers": "customers",
    "sales.public.visits": "visits",
    "lake.orders": "orders",
    "erp.shop.invoices": "invoices",
    "logistics.freight.shipments": "shipments",
}
"""The tables by the names that queries have for them."""


def tables() -> dict[str, pa.Table]:
    """The rows of `customers` and `visits` (Snowflake), `orders` (the lake), `invoices` (Oracle), `shipments`."""
    random = np.random.default_rng(SEED)
    day, moment = date(2020, 1, 1), np.datetime64("2025-12-01", "ms")

    def customer(rows: int) -> pa.Array:
        return pa.array(random.integers(1, CUSTOMERS + 1, size=rows))

    countries, since = random.integers(len(COUNTRIES), size=CUSTOMERS), random.integers(2100, size=CUSTOMERS)
    later = random.integers(20 * 86_400_000, size=VISITS).astype("timedelta64[ms]")
    given = {
        "customers": {
            "name": [f"Customer {number}" for number in range(1, CUSTOMERS + 1)],
            "country": [COUNTRIES[index] for index in countries],
            "since": [day + timedelta(days=int(days)) for days in since],
            "credit": _decimals(random.integers(10**8, size=CUSTOMERS), 2),
        },
        "orders": {"customer": customer(ORDERS), "amount": _decimals(random.integers(10**6, size=ORDERS), 2)},
        "visits": {
            "customer": customer(VISITS),
            "visited": pa.array(moment + later),
            "spent": _decimals(random.integers(10**5, size=VISITS), 2),
            "page": pa.array([f"/articles/{number}" for number in random.integers(100_000, size=VISITS)]),
        },
        "invoices": {
            "customer": customer(INVOICES),
            "amount": _decimals(random.integers(10**6, size=INVOICES), 2),
            "state": [("open", "paid", "late")[index] for index in random.integers(3, size=INVOICES)],
        },
        "shipments": {"customer": customer(SHIPMENTS), "weight": _decimals(random.integers(10**7, size=SHIPMENTS), 3)},
    }
    return {name: _numbered(columns) for name, columns in given.items()}


def _numbered(columns: dict[str, Any]) -> pa.Table:
    rows = len(next(iter(columns.values())))
    return pa.table({"id": pa.array(range(1, rows + 1), pa.int64()), **columns})


def _decimals(whole: "np.ndarray[Any, np.dtype[np.int64]]", scale: int) -> pa.Array:
    return pa.array([Decimal(int(each)).scaleb(-scale) for each in whole], pa.decimal128(12, scale))
