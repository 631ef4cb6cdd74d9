/* COMPRESS=DEFLATE (RFC 4978): whether, and what is thought of it when the connection breaks. */
#include "providers/imap/session.h"

#define NAME "COMPRESS=DEFLATE"

int imap_compress(struct imap *m, struct error *err)
{
	if (!imap_can(m, NAME) || stream_is_near(m->stream)) /* within one machine the processor is the limit */
		return 0;
	int ok = imap_wait(m, imap_command(m, COMMAND_SIMPLE, "COMPRESS DEFLATE")->tag, err);
	if (ok == 0 && m->simple.word == STATUS_OK) {
		stream_compress(m->stream);
		m->doubtful = true;
	} else if (ok == 0 || err->class == ERR_RETRY) {
		imap_cannot(m, NAME);
	}
	return ok;
}

void imap_doubt_compression(struct imap *m, const struct error *err)
{
	if (err->class == ERR_RETRY && (m->doubtful || stream_garbled(m->stream)))
		imap_cannot(m, NAME);
}
