/* The schema says something about every key; and the program that e2e/schema drives: with --print it prints the schema, with --load FILE
   it prints what is wrong with a job file. */
#include "tests/unit/job/tmp.h"

#include <jansson.h>

#include "core/job/job.h"

static const struct preset some[] = {
	{ .id = "libero", .name = "Libero", .domains = "libero.it", .host = "imapmail.libero.it", .port = 993, .tls = TLS_IMPLICIT },
	{ .id = "gmail", .name = "Gmail", .domains = "gmail.com", .host = "imap.gmail.com", .port = 993, .tls = TLS_IMPLICIT },
};
static const struct presets presets = { some, 2 };

/* Every property has a description and at least one rule, down to the last. */
static void check_object(const json_t *o)
{
	const char *name;
	json_t *p;

	json_object_foreach(json_object_get(o, "properties"), name, p) {
		if (!json_is_string(json_object_get(p, "description")) || json_object_size(p) < 2)
			fail_msg("%s: no rule, or no description", name);
		if (json_object_get(p, "properties"))
			check_object(p);
		if (json_object_get(json_object_get(p, "items"), "properties"))
			check_object(json_object_get(p, "items"));
	}
	assert_true(json_is_false(json_object_get(o, "additionalProperties")));
}

static void complete(void **state)
{
	CLEANUP(buf_free) struct buf text = { 0 };
	json_t *root;

	(void)state;
	job_schema(&presets, &text);
	root = json_loads(text.data, 0, NULL);
	assert_non_null(root);
	check_object(root);
	assert_int_equal(json_object_size(json_object_get(root, "properties")), 13);
	json_decref(root);
	buf_reset(&text);
	job_schema(NULL, &text);
	assert_null(strstr(text.data, "libero"));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(complete) };
	CLEANUP(buf_free) struct buf text = { 0 };
	CLEANUP(job_free) struct job *job = NULL;

	if (argc == 1)
		return cmocka_run_group_tests(tests, NULL, NULL);
	if (strcmp(argv[1], "--print") == 0)
		job_schema(&presets, &text);
	else if (argc == 3)
		job_load(&job, argv[2], &presets, &text);
	fwrite(text.data ? text.data : "", 1, text.len, stdout);
	return 0;
}
