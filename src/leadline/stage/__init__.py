"""The demo: a town on one machine (`town.py`) and the page that shows it (`pages.py`). `leadline demo` opens it."""
