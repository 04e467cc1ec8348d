"""WeChat Pay API v3 as a merchant sees it: orders, refunds, transfers, bills, notifications."""
