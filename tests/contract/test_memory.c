/* The mailbox in memory keeps the contract itself: what the mover is tested with behaves like a server. */
#include "tests/contract/contract.h"
#include "tests/contract/memory.h"

struct here {
	struct memory *memory;
};

static void fresh(void *ctx)
{
	struct here *h = ctx;
	memory_free(&h->memory);
	h->memory = memory_new("", '/');
	memory_counts(h->memory, true);
	memory_limit(h->memory, 1000000 * 3);
	memory_quota(h->memory, 5000, 100000);
}

static int open_memory(void *ctx, struct conn **out, const struct conn_env *env, struct error *err)
{
	return memory_open(out, ((struct here *)ctx)->memory, env, err);
}

int main(void)
{
	struct here here = { 0 };
	struct opener opener = { fresh, open_memory, &here, 3000000, 100000, "PLAIN", "" };
	int failed = contract_run("contract/memory", &opener);
	memory_free(&here.memory);
	return failed;
}
