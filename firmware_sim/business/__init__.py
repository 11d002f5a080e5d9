"""A maker's business that is not there: accounts, who looks after them, what befalls them."""
