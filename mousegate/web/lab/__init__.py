"""The lab: people record themselves in a page and see how alike the model finds them. All of it in memory."""
