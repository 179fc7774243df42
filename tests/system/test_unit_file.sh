#!/bin/bash
# How much of the system the unit leaves open, as systemd itself reckons it.
ceiling=2.0
exposure=$(systemd-analyze security --offline=true --no-pager systemd/ctwardend.service |
	sed -n 's/.*Overall exposure level for ctwardend.service: \([0-9.]*\).*/\1/p')
if [ -n "$exposure" ] && awk "BEGIN { exit !($exposure <= $ceiling) }"; then
	echo "1 passed, 0 failed"
else
	echo "exposure ${exposure:-unknown}, at most $ceiling is allowed"
	echo "0 passed, 1 failed"
	exit 1
fi
