/* COMPRESS=DEFLATE (RFC 4978): whether, and what is thought of it when the connection breaks. */
#include "providers/imap/session.h"

#define NAME "COMPRESS=DEFLATE"

int imap_compress(struct imap *m, struct error *err)
{
	if (!imap_can(m, NAME) || stream_is_near(m->stream)) /* within one machine the processor is the limit */
		return 0;
	unsigned tag = imap_command(m, COMMAND_SIMPLE, "COMPRESS DEFLATE")->tag;
	m->unpacked_nothing = true;
	if (imap_wait(m, tag, err) < 0)
		return -1;
	if (m->simple.word != STATUS_OK) {
		imap_cannot(m, NAME);
		return 0;
	}
	stream_compress(m->stream);
	m->unpacked_nothing = true;
	return 0;
}

void imap_doubt_compression(struct imap *m, const struct error *err)
{
	if (err->class == ERR_RETRY && (m->unpacked_nothing || stream_garbled(m->stream)))
		imap_cannot(m, NAME);
}
