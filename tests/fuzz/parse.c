/* What is read by us of a response: FETCH, status responses, SEARCH, ESEARCH, APPENDUID, PERMANENTFLAGS, dates. The first byte says which. */
#include "tests/fuzz/fuzz.h"

#include "core/mail/mail.h"
#include "providers/imap/parse.h"

static void check_set(const struct uid_set *set)
{
	for (size_t i = 0; i < set->count; i++) {
		HOLDS(set->range[i].first >= 1 && set->range[i].first <= set->range[i].last);
		HOLDS(i == 0 || set->range[i - 1].last + (uint64_t)1 < set->range[i].first);
	}
}

static void check_flags(const struct flags *flags)
{
	struct flags again = { 0 };
	struct buf text = { 0 };
	const char *at = flags->keywords, *word;
	size_t len;
	flags_write(flags, &text);
	for (size_t i = 0; i < text.len; i++)
		HOLDS((unsigned char)text.data[i] >= ' ' && !strchr("(){%*\"]", text.data[i])); /* it goes into a command */
	while (at && (word = flags_next_keyword(&at, &len)))
		flags_add(&again, word, len);
	HOLDS(strcmp(again.keywords ? again.keywords : "", flags->keywords ? flags->keywords : "") == 0);
	flags_free(&again);
	buf_free(&text);
}

static void fetch(const char *text, size_t len)
{
	CLEANUP(digest_free) struct digest *d = digest_new();
	struct fetched f;
	if (parse_fetch(&f, d, text, len)) {
		HOLDS(f.date_known || f.date == DATE_UNKNOWN);
		HOLDS(f.msgid_known || f.msgid == 0);
		check_flags(&f.flags);
	}
	flags_free(&f.flags);
}

static void status(const char *text, size_t len)
{
	struct status s;
	if (!parse_status(&s, text, len))
		return;
	HOLDS(s.word <= STATUS_PREAUTH && memchr(s.code, '\0', sizeof s.code));
	HOLDS(s.text >= text && s.text + s.text_len == text + len);
	HOLDS(!s.args || (s.args >= text && s.args + s.args_len <= text + len));
	HOLDS(s.args || s.args_len == 0);
}

static void search(const char *text, size_t len, bool extended)
{
	struct uid_set set = { 0 };
	if (extended ? parse_esearch(&set, text, len) : parse_search(&set, text, len))
		check_set(&set);
	uid_set_free(&set);
}

static void appenduid(const char *text, size_t len)
{
	for (size_t count = 1; count <= 4; count += 3) {
		uint32_t validity = 0, *uids = NULL;
		if (parse_appenduid(&validity, &uids, count, text, len))
			HOLDS(validity > 0);
		else
			HOLDS(!uids);
		for (size_t i = 0; uids && i < count; i++)
			HOLDS(uids[i] > 0);
		free(uids);
	}
}

static void permanent(const char *text, size_t len)
{
	struct flags known = { 0 };
	bool any;
	parse_permanent(&known, &any, text, len);
	check_flags(&known);
	flags_free(&known);
}

static void date(const char *text, size_t len)
{
	char again[27];
	int64_t seconds = parse_date(text, len);
	if (seconds < 31536000 || seconds >= 253402300800) /* what write_date takes */
		return;
	write_date(again, seconds);
	HOLDS(parse_date(again, strlen(again)) == seconds);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t which = fuzz_byte(&data, &len);
	const char *text = (const char *)data;
	uint32_t number = 0;
	switch (which % 8) {
	case 0:
		fetch(text, len);
		break;
	case 1:
		status(text, len);
		break;
	case 2:
	case 3:
		search(text, len, which % 8 == 3);
		break;
	case 4:
		appenduid(text, len);
		break;
	case 5:
		permanent(text, len);
		break;
	case 6:
		date(text, len);
		break;
	default:
		HOLDS(parse_number(&number, text, len) || number <= UINT32_MAX);
	}
	return 0;
}
