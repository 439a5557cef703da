"""Hours that change what is sold and at what price: dayparts, and price rules such as a happy hour."""
