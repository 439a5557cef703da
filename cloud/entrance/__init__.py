"""The entrance: people log in and out, and a super admin chooses whose affairs the pages show."""
