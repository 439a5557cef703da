"""The device's own database: tables that only this device has, and what keeps them."""
