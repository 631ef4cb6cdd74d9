/* The gate to libetpan: a session that reads from memory what we have already framed. */
#include "providers/imap/grammar.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <libetpan/libetpan.h>
#include <libetpan/mailstream_low.h>

#include "core/base/alloc.h"
#include "core/base/buf.h"
#include "core/base/text.h"
#include "providers/imap/parse.h"

/* One response is at most this long; libetpan keeps a line in its buffer. */
#define RESPONSE_MAX ((size_t)70 << 10)
#define NESTING_MAX 8

struct grammar {
	mailimap *session;
	struct buf text;
	size_t at;
};

/* ---- the memory driver: what mailstream_low asks for ---- */

static ssize_t memory_read(mailstream_low *low, void *out, size_t len)
{
	struct grammar *g = low->data;
	size_t left = g->text.len - g->at;
	if (left == 0)
		return -1; /* never 0: libetpan would ask for ever */
	if (len > left)
		len = left;
	memcpy(out, g->text.data + g->at, len);
	g->at += len;
	return (ssize_t)len;
}

static ssize_t memory_write(mailstream_low *low, const void *data, size_t len)
{
	(void)low;
	(void)data;
	return (ssize_t)len;
}

static int memory_close(mailstream_low *low)
{
	(void)low;
	return 0;
}

static int memory_fd(mailstream_low *low)
{
	(void)low;
	return -1;
}

static void memory_free(mailstream_low *low)
{
	free(low);
}

static void memory_cancel(mailstream_low *low)
{
	(void)low;
}

static struct mailstream_cancel *memory_get_cancel(mailstream_low *low)
{
	(void)low;
	return NULL;
}

static carray *memory_chain(mailstream_low *low)
{
	(void)low;
	return NULL;
}

static mailstream_low_driver memory_driver = {
	.mailstream_read = memory_read,
	.mailstream_write = memory_write,
	.mailstream_close = memory_close,
	.mailstream_get_fd = memory_fd,
	.mailstream_free = memory_free,
	.mailstream_cancel = memory_cancel,
	.mailstream_get_cancel = memory_get_cancel,
	.mailstream_get_certificate_chain = memory_chain,
};

struct grammar *grammar_new(void)
{
	struct grammar *g = x_calloc(1, sizeof *g);
	mailstream_low *low = mailstream_low_new(g, &memory_driver);
	g->session = mailimap_new(0, NULL);
	if (!low || !g->session || !(g->session->imap_stream = mailstream_new(low, 8192)))
		x_out_of_memory();
	g->session->imap_state = MAILIMAP_STATE_SELECTED;
	return g;
}

void grammar_free(struct grammar **grammar)
{
	struct grammar *g = *grammar;
	if (!g)
		return;
	mailstream_close(g->session->imap_stream);
	g->session->imap_stream = NULL; /* else mailimap_free says LOGOUT and waits */
	mailimap_free(g->session);
	buf_free(&g->text);
	free(g);
	*grammar = NULL;
}

/* ---- the gate ---- */

/* The place behind a literal that begins at `at`; 0 when it is none. More digits than nine make libetpan ask for ever. */
static size_t literal_end(const char *text, size_t len, size_t at)
{
	size_t size = 0, digits = 0;
	for (at++; at < len && text[at] >= '0' && text[at] <= '9' && digits < 9; at++, digits++)
		size = size * 10 + (size_t)(text[at] - '0');
	if (digits == 0 || len - at < 3 || memcmp(text + at, "}\r\n", 3) != 0 || size > len - at - 3)
		return 0;
	return at + 3 + size;
}

/* Balanced, not deeper than the grammar bears, and no NUL. */
static bool sound(const char *text, size_t len)
{
	int depth = 0;
	bool quoted = false;
	if (len > RESPONSE_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\0')
			return false;
		if (quoted) {
			if (text[i] == '\\')
				i++; /* what it escapes ends nothing */
			else
				quoted = text[i] != '"';
			continue;
		}
		if (text[i] == '{') { /* a literal may hold anything */
			size_t end = literal_end(text, len, i);
			if (end == 0)
				return false;
			i = end - 1;
			continue;
		}
		quoted = text[i] == '"';
		depth += (text[i] == '(') - (text[i] == ')');
		if (depth < 0 || depth > NESTING_MAX)
			return false;
	}
	return depth == 0 && !quoted;
}

/* libetpan crashes where it gets no memory. Who has just got and given back so much gets the little that a response takes. */
static void make_room(size_t len)
{
	free(x_malloc(RESPONSE_MAX + 8 * len));
}

/* Parses one untagged response. What it says moves into the session's response info, which is valid until the next one. NULL when
   libetpan does not understand it. */
static const struct mailimap_response_info *parse(struct grammar *g, const char *text, size_t len)
{
	struct mailimap_response *response = NULL;
	buf_reset(&g->text);
	buf_adds(&g->text, "* ");
	buf_add(&g->text, text, len);
	buf_adds(&g->text, "\r\n7 OK x\r\n");
	g->at = 0;
	g->session->imap_tag = 7;
	make_room(len);
	errno = 0;
	int parsed = mailimap_read_line(g->session) ? mailimap_parse_response(g->session, &response) : MAILIMAP_ERROR_STREAM;
	/* libetpan calls it a fault of the text, and a folder must not be left out for it */
	if (parsed == MAILIMAP_ERROR_MEMORY || errno == ENOMEM)
		x_out_of_memory();
	if (parsed != MAILIMAP_NO_ERROR) {
		g->session->imap_stream->read_buffer_len = 0;
		return NULL;
	}
	mailimap_response_free(response);
	return g->session->imap_response_info;
}

/* The only element of a list, or NULL. */
static void *only(clist *list)
{
	return list && clist_count(list) == 1 ? clist_content(clist_begin(list)) : NULL;
}

/* ---- LIST ---- */

static void apply_attribute(struct folder *f, const char *name)
{
	static const struct {
		const char *name;
		enum folder_role role;
	} roles[] = {
		{ "Sent", ROLE_SENT }, { "Drafts", ROLE_DRAFTS }, { "Trash", ROLE_TRASH }, { "Junk", ROLE_JUNK },
		{ "Archive", ROLE_ARCHIVE }, { "All", ROLE_ALL }, { "Flagged", ROLE_FLAGGED },
		{ "Important", ROLE_IMPORTANT },
	};
	if (*name == '\\')
		name++;
	if (strcasecmp(name, "NonExistent") == 0 || strcasecmp(name, "Noselect") == 0)
		f->selectable = false;
	if (strcasecmp(name, "Subscribed") == 0)
		f->subscribed = true;
	for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
		if (strcasecmp(name, roles[i].name) == 0)
			f->role = roles[i].role;
}

/* A name for people: modified UTF-7; else UTF-8 as it stands; else, byte for byte, ISO 8859-1, so that two names stay two. */
static char *shown_name(const char *wire)
{
	char *name = text_from_utf7(wire);
	struct buf out = { 0 };
	if (name)
		return name;
	if (text_is_utf8(wire, strlen(wire)))
		return x_strdup(wire);
	for (const unsigned char *at = (const unsigned char *)wire; *at; at++) {
		if (*at >= 0x80)
			buf_addc(&out, (char)(0xC0 | *at >> 6));
		buf_addc(&out, (char)(*at >= 0x80 ? 0x80 | (*at & 0x3F) : *at));
	}
	return out.data;
}

static void take_list(struct folder *out, const struct mailimap_mailbox_list *list)
{
	*out = (struct folder){ .wire = x_strdup(list->mb_name), .separator = list->mb_delimiter, .selectable = true };
	out->name = shown_name(out->wire);
	if (strcasecmp(out->wire, "INBOX") == 0)
		out->role = ROLE_INBOX;
	if (!list->mb_flag)
		return;
	if (list->mb_flag->mbf_type == MAILIMAP_MBX_LIST_FLAGS_SFLAG && list->mb_flag->mbf_sflag == MAILIMAP_MBX_LIST_SFLAG_NOSELECT)
		out->selectable = false;
	for (clistiter *i = clist_begin(list->mb_flag->mbf_oflags); i; i = clist_next(i)) {
		const struct mailimap_mbx_list_oflag *flag = clist_content(i);
		if (flag->of_type == MAILIMAP_MBX_LIST_OFLAG_FLAG_EXT && flag->of_flag_ext)
			apply_attribute(out, flag->of_flag_ext);
	}
}

/* Where the plain part of a LIST response ends: behind the name. 0 when it has not that shape. */
static size_t plain_length(const char *text, size_t len)
{
	struct scan s = { text, text + len };
	char *word;
	if (!scan_word(&s, "LIST") && !scan_word(&s, "LSUB"))
		return 0;
	const char *open = memchr(s.at, '(', (size_t)(s.end - s.at));
	const char *close = open ? memchr(open, ')', (size_t)(s.end - open)) : NULL;
	if (!close)
		return 0;
	s.at = close + 1;
	for (int strings = 0; strings < 2; strings++) {
		if (s.at >= s.end || *s.at++ != ' ' || !scan_string(&s, &word))
			return 0;
		bool broken = word && strpbrk(word, "\r\n"); /* from a literal: a name that no command could carry */
		free(word);
		if (broken)
			return 0;
	}
	return memchr(text, '\0', (size_t)(s.at - text)) ? 0 : (size_t)(s.at - text);
}

bool grammar_list(struct grammar *g, struct folder *out, const char *text, size_t len)
{
	len = plain_length(text, len);
	const struct mailimap_response_info *info = len > 0 && sound(text, len) ? parse(g, text, len) : NULL;
	const struct mailimap_mailbox_list *list = NULL;
	if (info && !(list = only(info->rsp_mailbox_list)))
		list = only(info->rsp_mailbox_lsub);
	if (list)
		take_list(out, list);
	return list != NULL;
}

/* ---- STATUS ---- */

/* "(F1)" of MAILBOXID (RFC 8474): what it is called does not matter, only whether it is the same. */
static bool status_id(struct scan *s, uint64_t *id)
{
	bool good = true; /* letters, digits, "_" and "-" (RFC 8474, 7): else it is none */
	*id = 14695981039346656037u;
	for (s->at++; s->at < s->end && *s->at != ')'; s->at++) {
		good = good && (isalnum((unsigned char)*s->at) || *s->at == '_' || *s->at == '-');
		*id = (*id ^ (unsigned char)*s->at) * 1099511628211u;
	}
	*id = good ? *id : 0;
	return s->at++ < s->end;
}

/* "MESSAGES 231": one item and what it is. */
static bool status_item(struct scan *s, struct box *out)
{
	const char *word = s->at;
	while (s->at < s->end && *s->at != ' ' && *s->at != ')')
		s->at++;
	size_t len = (size_t)(s->at - word);
	uint64_t number;
	if (len == 0 || s->at++ >= s->end || s->at >= s->end)
		return false;
	if (len == 9 && strncasecmp(word, "MAILBOXID", 9) == 0 && *s->at == '(')
		return status_id(s, &out->id);
	if (!scan_number64(s, &number))
		return false;
	if (len == 13 && strncasecmp(word, "HIGHESTMODSEQ", 13) == 0)
		out->modseq = number;
	else if (number > UINT32_MAX)
		return false;
	else if (len == 8 && strncasecmp(word, "MESSAGES", 8) == 0)
		out->exists = (uint32_t)number;
	else if (len == 7 && strncasecmp(word, "UIDNEXT", 7) == 0)
		out->next = (uint32_t)number;
	else if (len == 11 && strncasecmp(word, "UIDVALIDITY", 11) == 0)
		out->validity = (uint32_t)number;
	return true;
}

/* Read by us: libetpan 1.9.4 leaves the quotes on the name, of a literal keeps its length only, and knows numbers of 32 bits. */
bool grammar_status(char **wire, struct box *out, const char *text, size_t len)
{
	struct scan s = { text, text + len };
	*out = (struct box){ .known = true };
	if (!sound(text, len) || !scan_word(&s, "STATUS") || s.at++ >= s.end || !scan_string(&s, wire))
		return false;
	if (!*wire)
		*wire = x_strdup("NIL"); /* a mailbox of that name */
	bool good = s.end - s.at >= 3 && s.at[0] == ' ' && s.at[1] == '(';
	s.at += good ? 2 : 0;
	while (good && s.at < s.end && *s.at != ')') {
		good = status_item(&s, out);
		while (good && s.at < s.end && *s.at == ' ')
			s.at++;
	}
	if (good && s.at < s.end)
		return true;
	free(*wire);
	*wire = NULL;
	return false;
}
