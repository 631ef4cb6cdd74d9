/* A report with something of everything in it, for the HTML writer: an account with exceptions, holes and hostile names, and one that came out well. */
#ifndef TEST_REPORT_SAMPLE_H
#define TEST_REPORT_SAMPLE_H

#include "tests/unit/report/hand.h"

#define SAMPLE_HOSTILE "<script>alert(\"x\")</script>&'\xE2\x80\xAE" "gpj"
#define SAMPLE_MONTHS 190

struct sample {
	struct report_row row[7];
	struct report_problem problem[4];
	struct report_month month[SAMPLE_MONTHS];
	struct report_why why[4];
	struct report_sender sender[3];
	struct report_part part[2];
	struct report report;
};

/* Mail from 2011 on, much of it; none from March to May 2016 nor in January 2023; a third of 2019 is not in the new mailbox. */
static inline size_t sample_months(struct report_month *month)
{
	size_t n = 0;
	for (int i = 0; n < SAMPLE_MONTHS && i < 15 * 12 + 10; i++) {
		int year = 2011 + i / 12, in = i % 12 + 1;
		uint64_t mails = (uint64_t)(60 + i + (i * 37) % 90 + 40 * (in % 4));
		if ((year == 2016 && in >= 3 && in <= 5) || (year == 2023 && in == 1))
			continue;
		month[n++] = (struct report_month){ year, in, mails, year == 2019 ? mails * 2 / 3 : mails };
	}
	return n;
}

static inline void sample_rows(struct sample *s)
{
	static char inbox[] = "INBOX", posta[] = "Posta inviata", sent[] = "Sent", cestino[] = "Cestino", none[] = "", same[] = "same", name[] = "name", map[] = "map",
		excluded[] = "excluded", shared[] = "shared", why[] = "Clienti/Perch\xC3\xA9 no", deep[] = "Clienti/Citt\xC3\xA0 di Forl\xC3\xAC/Universit\xC3\xA0/Un nome molto lungo che non finisce mai",
		hostile[] = SAMPLE_HOSTILE, role[] = "sent", condivise[] = "Condivise/Ufficio";
	const struct report_row rows[] = {
		{ inbox, inbox, none, same, { .source = 31204, .copied = 31140, .already_there = 58, .refused = 2, .vanished = 4 },
			{ .any = true, .identical = 31190, .rewritten = 7, .altered = 1, .sampled = 312 }, 3911000000, 0, 0 },
		{ posta, sent, role, name, { .source = 12880, .copied = 12880, .copied_now = 12 }, { .any = true, .identical = 12880, .doubled = 1, .target_only = 3, .sampled = 129 }, 1976000000, 0, 0 },
		{ why, why, none, same, { .source = 3817, .copied = 3817 }, { .any = true, .identical = 3817, .sampled = 39 }, 141000000, 0, 0 },
		{ cestino, none, none, excluded, { .source = 312, .skipped = 312 }, { 0 }, 0, 0, 0 },
		{ deep, deep, none, same, { .source = 7, .copied = 6, .pending = 1 }, { .any = true, .identical = 6 }, 1234, 200, 0 },
		{ hostile, hostile, none, map, { 0 }, { .any = true }, 0, 0, 0 },
		{ condivise, none, none, shared, { 0 }, { 0 }, 0, 0, 0 },
	};
	memcpy(s->row, rows, sizeof rows);
}

static inline void sample_part(struct sample *s, struct report_part *part)
{
	static char libero[] = "libero";
	*part = hand_part(1);
	part->source_provider = libero;
	part->source_called = "Libero";
	part->row = s->row;
	part->rows = 7;
	part->problem = s->problem;
	part->problems = 4;
	part->month = s->month;
	part->months = sample_months(s->month);
	part->ledger = (struct ledger){ .source = 48220, .copied = 47843, .already_there = 58, .skipped = 312, .refused = 2, .vanished = 4, .pending = 1, .copied_now = 12 };
	part->verified = (struct verified){ .any = true, .identical = 47893, .rewritten = 7, .altered = 1, .doubled = 1, .target_only = 3, .sampled = 480 };
	part->bytes = 6028001234;
	part->close = (struct report_close){ .answer = CLOSE_NOT_YET, .why = s->why, .whys = 4, .last_new = 1795860000, .left_out = 312, .sender = s->sender, .senders = 3 };
	part->fresh = s->sender + 1;
	part->freshes = 2;
}

/* At file scope: their texts outlive whoever makes the report. */
static const struct report_problem sample_problems[] = {
	HAND_PROBLEM("error", "message-refused", "target", "INBOX", 17, "[LIMIT] <b>Message</b> \"too\" large"),
	HAND_PROBLEM("error", "message-altered", "target", SAMPLE_HOSTILE, 31, "the body is not the same"),
	HAND_PROBLEM("warning", "source-shrunk", "source", "", 0, "some mail is gone"),
	HAND_PROBLEM("note", "message-refused", "target", "INBOX", 18, "line too long"),
};

/* Into *s, which has to outlive the report. */
static inline struct report *sample_make(struct sample *s)
{
	static char banca[] = "avvisi@banca.example", shop[] = "ordini@negozio.example", hostile[] = SAMPLE_HOSTILE "@x.example", by[] = "marta",
		hint[] = "raise the limit of the new server & try again", file[] = "refused/anna/INBOX-17.eml", id[] = "<17@x>", bruno[] = "bruno",
		from[] = "bruno@libero.it", to[] = "bruno@ditta.it";
	*s = (struct sample){
		.why = { { CLOSE_EXCEPTIONS, 2 }, { CLOSE_PENDING, 1 }, { CLOSE_NEW_MAIL, 9 }, { CLOSE_LEFT_OUT, 312 } },
		.sender = { { banca, 6, 1795860000 }, { shop, 2, 1795600000 }, { hostile, 1, 1795500000 } },
	};
	memcpy(s->problem, sample_problems, sizeof sample_problems);
	s->problem[0].hint = hint;
	s->problem[0].file = file;
	s->problem[0].message_id = id;
	s->problem[3].accepted = 1795867200;
	s->problem[3].accepted_by = by;
	sample_rows(s);
	sample_part(s, &s->part[0]);
	s->part[1] = hand_part(0);
	s->part[1].name = bruno;
	s->part[1].source_user = from;
	s->part[1].target_user = to;
	s->part[1].row = s->row + 2;
	s->part[1].rows = 1;
	s->part[1].ledger = s->row[2].ledger;
	s->part[1].verified = s->row[2].verified;
	s->part[1].bytes = 141000000;
	s->part[1].month = s->month;
	s->part[1].months = 30;
	s->report = (struct report){ .run = hand_run(1), .part = s->part, .parts = 2 };
	snprintf(s->report.run.job_digest, sizeof s->report.run.job_digest, "%064d", 7);
	return &s->report;
}

#endif
