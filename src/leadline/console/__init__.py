"""The operator's pages, in NiceGUI. The CLI adds them to `leadline serve`."""
