/* Two readers of one line: FETCH responses made at random say the same to our parser and to libetpan's. */
#include "tests/unit/imap/help.h"

#include <libetpan/libetpan.h>
#include <libetpan/mailstream_low.h>

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/mail/mail.h"
#include "providers/imap/parse.h"

/* ---- libetpan, reading from memory ---- */

struct memory {
	struct buf text;
	size_t at;
};

static ssize_t memory_read(mailstream_low *low, void *out, size_t len)
{
	struct memory *m = low->data;
	size_t left = m->text.len - m->at;
	if (left == 0)
		return -1;
	len = len < left ? len : left;
	memcpy(out, m->text.data + m->at, len);
	m->at += len;
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

static mailstream_low_driver driver = {
	.mailstream_read = memory_read,
	.mailstream_write = memory_write,
	.mailstream_close = memory_close,
	.mailstream_get_fd = memory_fd,
	.mailstream_free = memory_free,
	.mailstream_cancel = memory_cancel,
	.mailstream_get_cancel = memory_get_cancel,
};

struct other {
	mailimap *session;
	struct memory memory;
};

static void other_open(struct other *o)
{
	*o = (struct other){ 0 };
	o->session = mailimap_new(0, NULL);
	o->session->imap_stream = mailstream_new(mailstream_low_new(&o->memory, &driver), 8192);
	o->session->imap_state = MAILIMAP_STATE_SELECTED;
}

static void other_close(struct other *o)
{
	mailstream_close(o->session->imap_stream);
	o->session->imap_stream = NULL;
	mailimap_free(o->session);
	buf_free(&o->memory.text);
}

static void take_flags(struct fetched *out, const struct mailimap_msg_att_dynamic *dynamic)
{
	static const struct {
		int type;
		const char *name;
	} system[] = {
		{ MAILIMAP_FLAG_ANSWERED, "\\Answered" }, { MAILIMAP_FLAG_FLAGGED, "\\Flagged" }, { MAILIMAP_FLAG_DELETED, "\\Deleted" },
		{ MAILIMAP_FLAG_SEEN, "\\Seen" },	  { MAILIMAP_FLAG_DRAFT, "\\Draft" },
	};
	flags_free(&out->flags);
	out->flags_known = true;
	for (clistiter *i = dynamic->att_list ? clist_begin(dynamic->att_list) : NULL; i; i = clist_next(i)) {
		const struct mailimap_flag_fetch *fetched = clist_content(i);
		if (fetched->fl_type != MAILIMAP_FLAG_FETCH_OTHER)
			continue;
		const struct mailimap_flag *flag = fetched->fl_flag;
		for (size_t k = 0; k < COUNT(system); k++)
			if (flag->fl_type == system[k].type)
				flags_add(&out->flags, system[k].name, strlen(system[k].name));
		if (flag->fl_type == MAILIMAP_FLAG_KEYWORD)
			flags_add(&out->flags, flag->fl_data.fl_keyword, strlen(flag->fl_data.fl_keyword));
	}
}

static int64_t seconds_of(const struct mailimap_date_time *t)
{
	int zone = t->dt_zone; /* hours times 100 and minutes */
	return clock_days(t->dt_year, t->dt_month, t->dt_day) * 86400 + t->dt_hour * 3600 + t->dt_min * 60 + t->dt_sec - (zone / 100 * 3600 + zone % 100 * 60);
}

static void take_static(struct fetched *out, const struct mailimap_msg_att_static *item)
{
	switch (item->att_type) {
	case MAILIMAP_MSG_ATT_UID:
		out->uid_known = true;
		out->uid = item->att_data.att_uid;
		break;
	case MAILIMAP_MSG_ATT_RFC822_SIZE:
		out->size_known = true;
		out->size = item->att_data.att_rfc822_size;
		break;
	case MAILIMAP_MSG_ATT_INTERNALDATE:
		out->date_known = true;
		out->date = seconds_of(item->att_data.att_internal_date);
		break;
	default:
		break;
	}
}

/* false: libetpan does not understand it. */
static bool other_fetch(struct other *o, struct fetched *out, const char *line, size_t len)
{
	struct mailimap_response *response = NULL;
	*out = (struct fetched){ .date = DATE_UNKNOWN };
	buf_reset(&o->memory.text);
	buf_adds(&o->memory.text, "* ");
	buf_add(&o->memory.text, line, len);
	buf_adds(&o->memory.text, "\r\n7 OK x\r\n");
	o->memory.at = 0;
	o->session->imap_tag = 7;
	if (!mailimap_read_line(o->session) || mailimap_parse_response(o->session, &response) != MAILIMAP_NO_ERROR) {
		o->session->imap_stream->read_buffer_len = 0;
		return false;
	}
	mailimap_response_free(response);
	clist *list = o->session->imap_response_info->rsp_fetch_list;
	if (!list || clist_count(list) != 1)
		return false;
	const struct mailimap_msg_att *att = clist_content(clist_begin(list));
	for (clistiter *i = clist_begin(att->att_list); i; i = clist_next(i)) {
		const struct mailimap_msg_att_item *item = clist_content(i);
		if (item->att_type == MAILIMAP_MSG_ATT_ITEM_DYNAMIC)
			take_flags(out, item->att_data.att_dyn);
		else if (item->att_type == MAILIMAP_MSG_ATT_ITEM_STATIC)
			take_static(out, item->att_data.att_static);
	}
	return true;
}

/* ---- lines at random ---- */

static void add_flags(struct buf *line, uint64_t *seed)
{
	static const char *const names[] = { "\\Seen", "\\Answered", "\\Flagged", "\\Deleted", "\\Draft", "\\Recent", "Work", "$Forwarded", "$MDNSent", "NonJunk", "a.b-c", "x+y_z" };
	bool first = true;
	buf_adds(line, "FLAGS (");
	for (size_t i = 0; i < COUNT(names); i++) {
		if (dice(seed, 3) > 0)
			continue;
		buf_addf(line, "%s%s", first ? "" : " ", names[i]);
		first = false;
	}
	buf_addc(line, ')');
}

static void add_date(struct buf *line, uint64_t *seed)
{
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	static const unsigned minutes[] = { 0, 15, 30, 45 };
	unsigned day = dice(seed, 28) + 1;
	if (dice(seed, 2))
		buf_addf(line, "INTERNALDATE \"%02u", day);
	else
		buf_addf(line, "INTERNALDATE \"%2u", day);
	buf_addf(line, "-%s-%04u %02u:%02u:%02u %c%02u%02u\"", months[dice(seed, 12)], 1970 + dice(seed, 80), dice(seed, 24), dice(seed, 60), dice(seed, 60), dice(seed, 2) ? '+' : '-',
		dice(seed, 15), minutes[dice(seed, 4)]);
}

static void make_line(struct buf *line, uint64_t *seed)
{
	unsigned left = 15, items = dice(seed, 4) + 1;
	buf_reset(line);
	buf_addf(line, "%u FETCH (", dice(seed, 100000) + 1);
	for (unsigned i = 0; i < items; i++) {
		unsigned which = dice(seed, 4);
		while (!(left & 1u << which))
			which = (which + 1) % 4;
		left &= ~(1u << which);
		if (i > 0)
			buf_addc(line, ' ');
		if (which == 0)
			buf_addf(line, "UID %u", dice(seed, 2) ? dice(seed, UINT32_MAX) + 1 : dice(seed, 1000) + 1);
		else if (which == 1)
			buf_addf(line, "RFC822.SIZE %u", dice(seed, 4) ? dice(seed, 1000000) : UINT32_MAX);
		else if (which == 2)
			add_flags(line, seed);
		else
			add_date(line, seed);
	}
	buf_addc(line, ')');
}

static bool agree(const struct fetched *a, const struct fetched *b)
{
	const char *ka = a->flags.keywords ? a->flags.keywords : "", *kb = b->flags.keywords ? b->flags.keywords : "";
	return a->uid_known == b->uid_known && a->uid == b->uid && a->size_known == b->size_known && a->size == b->size && a->date_known == b->date_known && a->date == b->date &&
	       a->flags_known == b->flags_known && a->flags.system == b->flags.system && strcmp(ka, kb) == 0;
}

static void test_agree(void **state)
{
	(void)state;
	struct other o;
	struct buf line = { 0 };
	uint64_t seed = 2026;
	CLEANUP(digest_free) struct digest *d = digest_new();
	other_open(&o);
	for (int i = 0; i < 20000; i++) {
		struct fetched ours, theirs;
		make_line(&line, &seed);
		if (!other_fetch(&o, &theirs, line.data, line.len))
			fail_msg("libetpan does not understand %s", line.data);
		if (!parse_fetch(&ours, d, line.data, line.len))
			fail_msg("we do not understand %s", line.data);
		if (!agree(&ours, &theirs))
			fail_msg("%s: uid %u and %u, size %u and %u, date %lld and %lld, flags %u %s and %u %s", line.data, ours.uid, theirs.uid, ours.size, theirs.size, (long long)ours.date,
				(long long)theirs.date, ours.flags.system, ours.flags.keywords, theirs.flags.system, theirs.flags.keywords);
		flags_free(&ours.flags);
		flags_free(&theirs.flags);
	}
	buf_free(&line);
	other_close(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_agree) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
