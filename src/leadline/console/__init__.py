"""The operator's pages and the demo's inbox, in NiceGUI."""
