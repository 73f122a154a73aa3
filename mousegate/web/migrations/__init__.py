"""How the API's tables came to be, one step for each version of them."""
