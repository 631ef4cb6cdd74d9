/* A server that is a run of bytes: the real stream.c reads it, in pieces of whatever size, without a socket. connect_any, recv, send and
   poll are wrapped by the linker. */
#ifndef TEST_FUZZ_LINE_H
#define TEST_FUZZ_LINE_H

#include "tests/fuzz/fuzz.h"

#include "core/base/cancel.h"
#include "providers/imap/imap.h"

struct line {
	const uint8_t *data;
	size_t len;
	uint64_t cuts;		/* 0: all that fits at once; else the pieces' sizes follow from it */
	struct buf sent;	/* what we said to it */
	struct cancel cancel;
	struct conn_env env;
	struct imap_options options;
	struct imap_shared *shared;
};

/* One at a time. */
void line_open(struct line *l, const uint8_t *data, size_t len, uint64_t cuts);
void line_close(struct line *l);

#endif
