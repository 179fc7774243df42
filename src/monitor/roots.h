/*
 * roots - which roots a log accepts (get-roots), asked for rarely: differences
 * are kept with their dates and told, and what is new joins the CA certificates
 * and families. The first answer of a log is a baseline.
 */
#pragma once
#include "monitor/monitor_priv.h"

void roots_start(struct follower *);
void roots_cancel(struct follower *);
