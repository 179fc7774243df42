/*
 * served - a log of a tool's command line, and what the tool keeps with it.
 */
#pragma once
#include "tests/lib/testlog.h"

#define SERVED_USAGE                                                                     \
	"PREFIX:static|rfc6962[,key=rsa|p256][,key-file=F][,seed=S][,origin=O][,max=N]"  \
	"[,like=L][,entries=N][,bench=N][,leaf=BYTES][,operator=NAME][,state=S]"

struct benchlog;

struct served {
	char *prefix;         /* the log's name, and its path on the server */
	char *run_by, *state; /* for the log list; NULL: the default */
	struct testlog *log;
	struct benchlog *bench;
};

/* From what SERVED_USAGE shows; ends the process with a message where it is
 * wrong. */
struct served served_new(const char *text, testlog_now_fn *, void *owner);
void served_free(struct served *);
