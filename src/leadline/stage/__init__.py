"""The demo: a town on one machine and the page that shows it. Opened by `leadline demo` and the tests."""
