/* The texts of the job file: names, hosts, paths. */
#include "core/job/value.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>

#include "core/base/alloc.h"
#include "core/base/text.h"
#include "core/job/arena.h"
#include "core/job/file.h"

#define NAME_MAX_BYTES 255	/* a mail address has at most 254 */
#define HOST_MAX_BYTES 253	/* RFC 1035, 2.3.4 */

/* C0, DEL, and C1 in UTF-8. */
static bool has_control(const struct node *node)
{
	for (size_t i = 0; i < node->len; i++) {
		unsigned char c = (unsigned char)node->text[i];

		if (c < 0x20 || c == 0x7f)
			return true;
		if (c == 0xc2 && (unsigned char)node->text[i + 1] < 0xa0)
			return true;
	}
	return false;
}

const char *value_clean(struct loader *ld, const struct key *key, const struct node *node)
{
	const char *text = value_scalar(ld, key, node);

	if (text && has_control(node)) {
		fault_add(ld->faults, node->line, node->column, "`%s` holds a control character", key->name);
		return NULL;
	}
	return text;
}

static void keep(struct loader *ld, void *field, const char *text)
{
	*(char **)field = arena_text(ld->job->arena, text, strlen(text));
}

void value_text(struct loader *ld, const struct key *key, const struct node *node, void *field)
{
	const char *text = value_clean(ld, key, node);

	if (text)
		keep(ld, field, text);
}

void value_name(struct loader *ld, const struct key *key, const struct node *node, void *field)
{
	const char *text = value_clean(ld, key, node);

	if (!text)
		return;
	if (text[strspn(text, " ")] == '\0')
		fault_add(ld->faults, node->line, node->column, "`%s` is empty", key->name);
	else if (node->len > NAME_MAX_BYTES)
		fault_add(ld->faults, node->line, node->column, "`%s` is longer than %d bytes", key->name, NAME_MAX_BYTES);
	else
		keep(ld, field, text);
}

/* Refused are the things that people paste with a host: a scheme, a port, an address. */
void value_host(struct loader *ld, const struct key *key, const struct node *node, void *field)
{
	const char *text = value_clean(ld, key, node), *colon;
	struct in6_addr address;
	char shown[64];

	if (!text)
		return;
	value_shown(shown, node);
	colon = strchr(text, ':');
	bool ipv6 = colon && inet_pton(AF_INET6, text, &address) == 1;
	if (!ipv6 && colon && colon[1] != '\0' && colon[1 + strspn(colon + 1, "0123456789")] == '\0')
		fault_add(ld->faults, node->line, node->column, "`%s` must be a host alone, not `%s`: the port has a key of its own, `port`",
			key->name, shown);
	else if (!ipv6 && (node->len > HOST_MAX_BYTES || text[strcspn(text, " :/@[]\\\"%,;")] != '\0' || *text == '.' || *text == '-'))
		fault_add(ld->faults, node->line, node->column, "`%s` must be a host name or an IP address, not `%s`", key->name, shown);
	else
		keep(ld, field, text);
}

bool value_loopback(const char *host)
{
	struct in_addr v4;
	struct in6_addr v6;

	if (inet_pton(AF_INET, host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	if (inet_pton(AF_INET6, host, &v6) == 1)
		return IN6_IS_ADDR_LOOPBACK(&v6);
	return strcasecmp(host, "localhost") == 0;
}

char *value_absolute(const struct loader *ld, const char *path)
{
	char *whole = *path == '/' ? x_strdup(path) : x_printf("%s/%s", strcmp(ld->folder, "/") == 0 ? "" : ld->folder, path);

	for (size_t len = strlen(whole); len > 1 && whole[len - 1] == '/'; len--)
		whole[len - 1] = '\0';
	return whole;
}

/* The whole path, the caller's; NULL after a fault. */
static char *whole_path(struct loader *ld, const struct key *key, const struct node *node)
{
	const char *text = value_clean(ld, key, node);

	if (!text)
		return NULL;
	if (*text != '~')
		return value_absolute(ld, text);
	fault_add(ld->faults, node->line, node->column, "`%s`: `~` stands for nothing here: write the whole path", key->name);
	return NULL;
}

void value_path(struct loader *ld, const struct key *key, const struct node *node, void *field)
{
	CLEANUP(x_free) char *path = whole_path(ld, key, node);

	if (path)
		keep(ld, field, path);
}

void value_readable(struct loader *ld, const struct key *key, const struct node *node, void *field)
{
	CLEANUP(x_free) char *path = whole_path(ld, key, node);
	CLEANUP(file_close) int fd = -1;
	char shown[64];
	struct stat st;

	if (!path)
		return;
	fd = file_open(&st, path, O_NONBLOCK);
	if (fd < 0) {
		fault_add(ld->faults, node->line, node->column, "`%s`: `%s` can't be read: %s", key->name, value_shown(shown, node),
			strerror(errno));
		return;
	}
	if (!S_ISREG(st.st_mode)) {
		fault_add(ld->faults, node->line, node->column, "`%s`: `%s` is not a regular file", key->name, value_shown(shown, node));
		return;
	}
	keep(ld, field, path);
}

void value_state(struct loader *ld, const struct key *key, const struct node *node, void *field)
{
	/* The scheme alone is shown: a URL may hold a password. */
	if (node->kind == NODE_SCALAR && (strncmp(node->text, "postgresql:", 11) == 0 || strncmp(node->text, "postgres:", 9) == 0))
		fault_add(ld->faults, node->line, node->column, "`%s`: postgresql:// is not in this version yet: name a file", key->name);
	else if (node->kind == NODE_SCALAR && strstr(node->text, "://"))
		fault_add(ld->faults, node->line, node->column, "`%s` must be a file, not a URL", key->name);
	else
		value_path(ld, key, node, field);
}

/* `*` would look like a pattern and match nothing. */
void value_folder(struct loader *ld, const struct key *key, const struct node *node, void *field)
{
	bool empty = node->kind == NODE_SCALAR && node->len == 0 && !node->plain;
	const char *text = empty ? "" : value_clean(ld, key, node);
	char shown[64];

	if (!text)
		return;
	value_shown(shown, node);
	if (strchr(text, '*'))
		fault_add(ld->faults, node->line, node->column, "`%s` takes the name of one folder, no `*`: `%s`", key->name, shown);
	else if (*text == '/' || strstr(text, "//") || (!empty && text[strlen(text) - 1] == '/'))
		fault_add(ld->faults, node->line, node->column,
			"`%s`: `/` stands between two levels, so it can't begin, end or be doubled: `%s`", key->name, shown);
	else
		keep(ld, field, text);
}
