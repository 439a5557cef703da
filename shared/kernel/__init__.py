"""What every domain needs: ids, money, instants, records that merge, the unit of work, errors, permissions, text."""
