"""A telephone in the browser, and the proxy through which it loads a backend's pages."""
