"""What is done to a bill before it is paid, on floor, order and payment: discounts, service charges, its paper."""
