/* Servers that are far away, as far as the program can see. */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define SHOWN __attribute__((visibility("default")))

/* An address that nobody has (RFC 5737), for every peer of an IPv4 connection. */
SHOWN int getpeername(int fd, __SOCKADDR_ARG to, socklen_t *restrict len)
{
	int (*libc)(int, __SOCKADDR_ARG, socklen_t *restrict);
	*(void **)&libc = dlsym(RTLD_NEXT, "getpeername");
	int ok = libc(fd, to, len);
	struct sockaddr_in *peer = *(struct sockaddr_in **)&to;
	if (ok == 0 && getenv("FAULTS_FAR") && peer->sin_family == AF_INET && *len >= sizeof *peer)
		inet_pton(AF_INET, "192.0.2.1", &peer->sin_addr);
	return ok;
}

/* A twentieth of a second, for every connection. */
SHOWN int getsockopt(int fd, int level, int name, void *restrict value, socklen_t *restrict len)
{
	int (*libc)(int, int, int, void *restrict, socklen_t *restrict);
	*(void **)&libc = dlsym(RTLD_NEXT, "getsockopt");
	int ok = libc(fd, level, name, value, len);
	struct tcp_info *info = value;
	if (ok == 0 && level == IPPROTO_TCP && name == TCP_INFO && getenv("FAULTS_FAR") && *len >= sizeof *info)
		info->tcpi_rtt = info->tcpi_min_rtt = 50000;
	return ok;
}
