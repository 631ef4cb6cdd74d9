/* What the kernel says of how long a server takes to answer is said here instead: the server of a test is in the next thread. */
#ifndef TEST_IMAP_FAR_H
#define TEST_IMAP_FAR_H

#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool far;

int getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
	int ok = (int)syscall(SYS_getsockopt, fd, level, name, value, len);
	if (ok == 0 && level == IPPROTO_TCP && name == TCP_INFO && *len >= sizeof(struct tcp_info))
		((struct tcp_info *)value)->tcpi_rtt = far ? 50000 : 50;
	return ok;
}

#endif
