#include "dut/diag.h"
#include "dut/info.h"
#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netlink/idiag/idiagnl.h>
#include <netlink/idiag/msg.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <stdlib.h>
#include <string.h>

struct diag {
	struct nl_sock *socket;
	bool works; /* the kernel was seen to tell of TCP */

	/* Of the question that is being asked. */
	int error; /* the kernel's, negative */
	bool answered;
	uint16_t local_port, remote_port; /* as the answer has them */
	struct diag_answer answer;
};

static int answer_read(struct nl_msg *message, void *arg)
{
	struct nlmsghdr *header = nlmsg_hdr(message);
	struct diag *diag = arg;
	struct inet_diag_msg raw;
	struct idiagnl_msg *parsed;
	struct nlattr *info;

	if (header->nlmsg_type != SOCK_DIAG_BY_FAMILY || idiagnl_msg_parse(header, &parsed) < 0)
		return NL_SKIP;
	/* Not by libnl's getters: their byte order is the wire's, which is said nowhere. */
	memcpy(&raw, nlmsg_data(header), sizeof(raw));
	diag->local_port = ntohs(raw.id.idiag_sport);
	diag->remote_port = ntohs(raw.id.idiag_dport);
	diag->answered = true;
	diag->answer = (struct diag_answer){
		.state = state_from_linux(idiagnl_msg_get_state(parsed)),
		.queue = idiagnl_msg_get_rqueue(parsed),
	};
	/* Not by libnl's getter: its struct tcp_info may not be ours. */
	info = nlmsg_find_attr(header, sizeof(struct inet_diag_msg), INET_DIAG_INFO);
	if (info)
		info_read(nla_data(info), (size_t)nla_len(info), &diag->answer.info);
	idiagnl_msg_put(parsed);
	return NL_OK;
}

static int error_read(struct sockaddr_nl *from, struct nlmsgerr *error, void *arg)
{
	(void)from;
	((struct diag *)arg)->error = error->error;
	return NL_STOP;
}

/* A dump ends with an error in its last message. */
static int end_read(struct nl_msg *message, void *arg)
{
	const struct nlmsghdr *header = nlmsg_hdr(message);

	if (header->nlmsg_len >= NLMSG_LENGTH(sizeof(int)))
		memcpy(&((struct diag *)arg)->error, nlmsg_data(header), sizeof(int));
	return NL_STOP;
}

int diag_open(struct diag **out, struct why *why)
{
	struct diag *diag = calloc(1, sizeof(*diag));
	int error = -ENOMEM;

	if (!diag)
		goto out;
	diag->socket = nl_socket_alloc();
	if (!diag->socket)
		goto out;
	errno = 0;
	if (nl_connect(diag->socket, NETLINK_SOCK_DIAG) < 0) {
		error = errno ? -errno : -EPROTONOSUPPORT;
		goto out;
	}
	/* The kernel has answered before the question's sendmsg() returns: nothing ever waits. */
	nl_socket_set_nonblocking(diag->socket);
	nl_socket_disable_auto_ack(diag->socket);
	nl_socket_disable_msg_peek(diag->socket); /* an answer is far shorter than libnl's buffer */
	/* An answer that is no part of a dump does not move libnl's expected number. */
	nl_socket_disable_seq_check(diag->socket);
	nl_socket_modify_cb(diag->socket, NL_CB_VALID, NL_CB_CUSTOM, answer_read, diag);
	nl_socket_modify_cb(diag->socket, NL_CB_FINISH, NL_CB_CUSTOM, end_read, diag);
	nl_socket_modify_err_cb(diag->socket, NL_CB_CUSTOM, error_read, diag);
	*out = diag;
	return 0;
out:
	diag_free(diag);
	return why_set(why, -error, "cannot open a sock_diag socket: %s", strerror(-error));
}

void diag_free(struct diag *diag)
{
	if (!diag)
		return;
	nl_socket_free(diag->socket);
	free(diag);
}

/* 0 when an answer came, or the kernel's -errno. */
static int diag_exchange(struct diag *diag, int flags, struct inet_diag_req_v2 *question)
{
	int error;

	diag->error = 0;
	diag->answered = false;
	errno = 0;
	if (nl_send_simple(diag->socket, SOCK_DIAG_BY_FAMILY, flags, question,
	                   sizeof(*question)) < 0)
		return errno ? -errno : -EIO;
	error = nl_recvmsgs_default(diag->socket);
	if (diag->error)
		return diag->error;
	if (error < 0)
		return -EIO;
	return 0;
}

/*
 * ENOENT says that there is no such connection, and also that this kernel has no sock_diag for TCP.
 * A dump of no state at all has no connection to miss.
 */
static int diag_check(struct diag *diag, uint8_t family, struct why *why)
{
	struct inet_diag_req_v2 question = {.sdiag_family = family, .sdiag_protocol = IPPROTO_TCP};
	int error;

	if (diag->works)
		return 0;
	error = diag_exchange(diag, NLM_F_DUMP, &question);
	if (error == -ENOENT)
		return why_set(why, EPROTONOSUPPORT,
		               "this kernel has no sock_diag for TCP (CONFIG_INET_TCP_DIAG)");
	if (error)
		return why_set(why, -error, "sock_diag: %s", strerror(-error));
	diag->works = true;
	return 0;
}

static int question_make(const struct agent_request *request, struct inet_diag_req_v2 *question)
{
	const struct address *local = &request->local, *remote = &request->remote;
	size_t len = local->family == 4 ? 4 : 16;

	if ((local->family != 4 && local->family != 6) ||
	    (remote->family && remote->family != local->family))
		return -EINVAL;
	*question = (struct inet_diag_req_v2){
		.sdiag_family = local->family == 4 ? AF_INET : AF_INET6,
		.sdiag_protocol = IPPROTO_TCP,
		.idiag_states = UINT32_MAX,
		.id = {.idiag_sport = htons(request->local_port),
		       .idiag_cookie = {INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE}},
	};
	if (request->verb == AGENT_STATE)
		question->idiag_ext = 1u << (INET_DIAG_INFO - 1);
	memcpy(question->id.idiag_src, local->at, len);
	if (remote->family) {
		question->id.idiag_dport = htons(request->remote_port);
		memcpy(question->id.idiag_dst, remote->at, len);
	}
	return 0;
}

/* Ask once. A listener that the kernel falls back to is not the connection asked for. */
static int diag_lookup(struct diag *diag, struct inet_diag_req_v2 *question)
{
	int error = diag_exchange(diag, 0, question);

	if (error)
		return error;
	if (!diag->answered)
		return -EIO;
	if (diag->local_port != ntohs(question->id.idiag_sport) ||
	    diag->remote_port != ntohs(question->id.idiag_dport))
		return -ENOENT;
	return 0;
}

int diag_ask(struct diag *diag, const struct agent_request *request, struct diag_answer *answer,
             struct why *why)
{
	struct inet_diag_req_v2 question;
	int error = question_make(request, &question);

	if (error)
		return why_set(why, -error, "sock_diag: the addresses are of no family, or of two");
	/*
	 * The kernel looks without a lock, and may miss a connection that is just becoming
	 * TIME-WAIT: ask again before saying that there is none.
	 */
	error = diag_lookup(diag, &question);
	if (error == -ENOENT)
		error = diag_lookup(diag, &question);
	if (error == -ENOENT) {
		error = diag_check(diag, question.sdiag_family, why);
		if (error)
			return error;
		*answer = (struct diag_answer){.state = CLOSED};
		return 0;
	}
	if (error)
		return why_set(why, -error, "sock_diag: %s", strerror(-error));
	*answer = diag->answer;
	return 0;
}
