/* Making, measuring and freeing one message. */
#include "core/mail/mail.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"

struct mail *mail_new(void)
{
	struct mail *m = x_calloc(1, sizeof *m);

	m->date = DATE_UNKNOWN;
	return m;
}

size_t mail_memory(const struct mail *m)
{
	size_t bytes = sizeof *m;

	if (m->flags.keywords)
		bytes += strlen(m->flags.keywords) + 1;
	if (m->sender)
		bytes += strlen(m->sender) + 1;
	bytes += m->proof.fields * sizeof *m->proof.field;
	if (m->body)
		bytes += blob_memory(m->body);
	return bytes;
}

void mail_free(struct mail **m)
{
	if (!*m)
		return;
	flags_free(&(*m)->flags);
	free((*m)->sender);
	free((*m)->proof.field);
	blob_free(&(*m)->body);
	free(*m);
	*m = NULL;
}
