/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The peer may be a worker that hostile mail has taken over. Nothing it sends may make this
 * side allocate, wait, crash or keep a descriptor beyond what the protocol's table allows.
 *
 * A frame on the socket, little endian:
 *
 *	u32 magic  u16 kind  u16 flags (bit 0: a descriptor comes with the first byte)
 *	u32 length of the body, then the body
 */
#include "base/wire.h"

#include <errno.h>
#include <glib-unix.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/io.h"
#include "base/fdpass.h"

#define WIRE_MAGIC     0x31504c46u /* "FLP1" */
#define FLAG_FD        1u
#define HEADER_BYTES   12
#define CHUNK_BYTES    65536 /* small frames are gathered up to here */
#define CHUNKS_AT_ONCE 16    /* in one call */
#define PAUSE_MS       5

/* Bytes to be written in one go. A descriptor goes with the first of them. */
struct chunk {
	GByteArray *bytes;
	gsize written;
	int fd;
};

struct wire {
	int fd;
	const struct wire_protocol *protocol;
	/* One of each kind: GLib forgets a type with its last value, and takes it apart anew. */
	GPtrArray *kept;

	GQueue queue; /* of struct chunk */
	gsize pending;
	GError *queue_fault; /* a frame of ours that breaks the protocol */

	guint8 header[HEADER_BYTES];
	guint8 *body;
	gsize taken; /* bytes of header and body so far */
	gsize body_bytes;
	guint kind;
	int passed_fd;
	bool broken; /* the peer lied once; nothing more is believed */
};

bool
wire_pair(int fds[2], GError **error)
{
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0)
		return true;
	fault_errno(error, "create a socket pair");
	return false;
}

static GPtrArray *
keep_types(const struct wire_protocol *protocol)
{
	GPtrArray *kept = g_ptr_array_new_with_free_func((GDestroyNotify)g_variant_unref);
	g_autoptr(GBytes) nothing = g_bytes_new(NULL, 0);

	for (guint i = 0; i < protocol->n_kinds; i++) {
		const GVariantType *type = G_VARIANT_TYPE(protocol->kinds[i].type);
		GVariant *empty = g_variant_new_from_bytes(type, nothing, FALSE);
		g_ptr_array_add(kept, g_variant_ref_sink(empty));
	}
	return kept;
}

/* Known to be a type: GLib reads what it is given as one from its first to its last letter. */
static const GVariantType *
type_of(const struct wire *wire, guint kind)
{
	return g_variant_get_type(g_ptr_array_index(wire->kept, kind));
}

struct wire *
wire_new(int fd, const struct wire_protocol *protocol)
{
	struct wire *wire = g_new0(struct wire, 1);

	g_unix_set_fd_nonblocking(fd, TRUE, NULL);
	wire->fd = fd;
	wire->protocol = protocol;
	wire->passed_fd = -1;
	wire->kept = keep_types(protocol);
	g_queue_init(&wire->queue);
	return wire;
}

static void
chunk_free(gpointer data)
{
	struct chunk *chunk = data;

	io_close(&chunk->fd);
	g_byte_array_unref(chunk->bytes);
	g_free(chunk);
}

static void
forget_frame(struct wire *wire)
{
	g_clear_pointer(&wire->body, g_free);
	io_close(&wire->passed_fd);
	wire->taken = 0;
	wire->body_bytes = 0;
}

void
wire_free(struct wire *wire)
{
	if (wire == NULL)
		return;
	g_queue_clear_full(&wire->queue, chunk_free);
	g_clear_error(&wire->queue_fault);
	forget_frame(wire);
	io_close(&wire->fd);
	g_ptr_array_unref(wire->kept);
	g_free(wire);
}

int
wire_fd(const struct wire *wire)
{
	return wire->fd;
}

void
wire_frame_clear(struct wire_frame *frame)
{
	g_clear_pointer(&frame->body, g_variant_unref);
	io_close(&frame->fd);
}

/* Writing */

static bool
frame_is_ours(const struct wire *wire, guint kind, GVariant *body, int fd, GError **error)
{
	if (kind >= wire->protocol->n_kinds) {
		g_set_error(error, FAULT, FAULT_BUG, "frame %u: no such kind", kind);
		return false;
	}
	const struct wire_kind *row = &wire->protocol->kinds[kind];
	if (strcmp(g_variant_get_type_string(body), row->type) != 0) {
		g_set_error(error, FAULT, FAULT_BUG, "frame %s: the body is %s, not %s", row->name,
		    g_variant_get_type_string(body), row->type);
		return false;
	}
	gsize size = g_variant_get_size(body);
	if (size > row->max_bytes || size > G_MAXUINT32) {
		g_set_error(error, FAULT, FAULT_BUG,
		    "frame %s: %" G_GSIZE_FORMAT " bytes, more than the %" G_GSIZE_FORMAT
		    " allowed",
		    row->name, size, row->max_bytes);
		return false;
	}
	if (row->carries_fd != (fd >= 0)) {
		g_set_error(error, FAULT, FAULT_BUG, "frame %s: %s descriptor", row->name,
		    fd >= 0 ? "a needless" : "no");
		return false;
	}
	return true;
}

static void
header_print(guint8 *out, guint kind, guint flags, gsize length)
{
	guint32 magic_le = GUINT32_TO_LE(WIRE_MAGIC), length_le = GUINT32_TO_LE((guint32)length);
	guint16 kind_le = GUINT16_TO_LE((guint16)kind), flags_le = GUINT16_TO_LE((guint16)flags);

	memcpy(out, &magic_le, 4);
	memcpy(out + 4, &kind_le, 2);
	memcpy(out + 6, &flags_le, 2);
	memcpy(out + 8, &length_le, 4);
}

void
wire_queue(struct wire *wire, guint kind, GVariant *body, int fd)
{
	g_autoptr(GVariant) owned = g_variant_take_ref(body);
	struct chunk *chunk = g_queue_peek_tail(&wire->queue);

	/* What follows a frame that could not be queued makes no sense without it. */
	if (wire->queue_fault != NULL ||
	    !frame_is_ours(wire, kind, owned, fd, &wire->queue_fault)) {
		io_close(&fd);
		return;
	}
	gsize size = g_variant_get_size(owned);
	if (chunk == NULL || fd >= 0 || chunk->bytes->len + HEADER_BYTES + size > CHUNK_BYTES) {
		chunk = g_new0(struct chunk, 1);
		chunk->bytes = g_byte_array_new();
		chunk->fd = fd;
		g_queue_push_tail(&wire->queue, chunk);
	}
	guint start = chunk->bytes->len;
	g_byte_array_set_size(chunk->bytes, (guint)(start + HEADER_BYTES + size));
	header_print(chunk->bytes->data + start, kind, fd >= 0 ? FLAG_FD : 0, size);
	/* g_variant_store would want an aligned target, and frames follow one another closely. */
	if (size > 0)
		memcpy(chunk->bytes->data + start + HEADER_BYTES, g_variant_get_data(owned), size);
	wire->pending += HEADER_BYTES + size;
}

gsize
wire_pending(const struct wire *wire)
{
	return wire->pending;
}

/* The chunks that one call can write: only the first of them may have a descriptor. */
static gsize
gather(struct wire *wire, struct iovec *parts)
{
	gsize n = 0;

	for (GList *link = wire->queue.head; link != NULL && n < CHUNKS_AT_ONCE;
	     link = link->next) {
		struct chunk *chunk = link->data;
		if (n > 0 && chunk->fd >= 0)
			break;
		parts[n].iov_base = chunk->bytes->data + chunk->written;
		parts[n].iov_len = chunk->bytes->len - chunk->written;
		n++;
	}
	return n;
}

static void
drop_written(struct wire *wire, gsize written)
{
	wire->pending -= written;
	while (written > 0) {
		struct chunk *chunk = g_queue_peek_head(&wire->queue);
		gsize part = MIN(written, chunk->bytes->len - chunk->written);
		/* The descriptor left with the first byte. */
		io_close(&chunk->fd);
		chunk->written += part;
		written -= part;
		if (chunk->written == chunk->bytes->len)
			chunk_free(g_queue_pop_head(&wire->queue));
	}
}

static gssize
send_some(struct wire *wire)
{
	struct iovec parts[CHUNKS_AT_ONCE];
	gsize n = gather(wire, parts);
	const struct chunk *first = g_queue_peek_head(&wire->queue);

	return fdpass_send(wire->fd, parts, n, first->fd);
}

bool
wire_flush(struct wire *wire, GError **error)
{
	if (wire->queue_fault != NULL) {
		if (error != NULL)
			*error = g_error_copy(wire->queue_fault);
		return false;
	}
	while (wire->pending > 0) {
		gssize n = send_some(wire);
		if (n >= 0) {
			drop_written(wire, (gsize)n);
		} else if (errno == EAGAIN || errno == ETOOMANYREFS) {
			/* ETOOMANYREFS: too many descriptors are under way until the peer takes
			 * some. */
			return true;
		} else if (errno == EPIPE || errno == ECONNRESET) {
			g_set_error(error, FAULT, FAULT_AWAY, "the peer process is gone");
			return false;
		} else if (errno != EINTR) {
			fault_errno(error, "send to the peer process");
			return false;
		}
	}
	return true;
}

/* Waits for events until a monotonic time (-1: for ever). 1 ready, 0 time over, -1 error. */
static int
wait_for(int fd, short events, gint64 deadline, GError **error)
{
	for (;;) {
		struct pollfd poller = { .fd = fd, .events = events };
		gint64 left = deadline < 0 ? -1 : deadline - g_get_monotonic_time();
		if (deadline >= 0 && left < 0)
			left = 0;
		/* Rounded up, so that the last millisecond is not spent spinning. */
		int ready = poll(&poller, 1, left < 0 ? -1 : (int)((left + 999) / 1000));
		if (ready >= 0)
			return ready;
		if (errno != EINTR) {
			fault_errno(error, "wait for the peer process");
			return -1;
		}
	}
}

static gint64
deadline_after(int timeout_ms)
{
	return timeout_ms < 0 ? -1 : g_get_monotonic_time() + (gint64)timeout_ms * 1000;
}

bool
wire_flush_all(struct wire *wire, int timeout_ms, GError **error)
{
	gint64 deadline = deadline_after(timeout_ms);

	for (;;) {
		gsize before = wire->pending;
		if (!wire_flush(wire, error))
			return false;
		if (wire->pending == 0)
			return true;
		int ready = wait_for(wire->fd, POLLOUT, deadline, error);
		if (ready < 0)
			return false;
		if (ready == 0 || (deadline >= 0 && g_get_monotonic_time() > deadline)) {
			g_set_error(error, FAULT, FAULT_RETRY,
			    "send to the peer process: it took nothing for %d ms", timeout_ms);
			return false;
		}
		/* Writable and yet nothing went: only descriptors under way can be the reason. */
		if (before == wire->pending)
			g_usleep(PAUSE_MS * 1000);
	}
}

/* Reading */

static enum wire_result
refuse(struct wire *wire)
{
	wire->broken = true;
	forget_frame(wire);
	return WIRE_ERROR;
}

/* Like recv of at most size bytes; a descriptor is taken by a frame's first call only. */
static gssize
receive_some(struct wire *wire, void *data, gsize size, GError **error)
{
	int fd;
	guint surplus;
	gssize n = fdpass_receive(wire->fd, data, size, &fd, &surplus);

	if (surplus > 0 || (fd >= 0 && wire->taken > 0)) {
		g_set_error(error, FAULT, FAULT_DATA, "frame: a surplus descriptor");
		io_close(&fd);
		return -1;
	}
	if (fd >= 0)
		wire->passed_fd = fd;
	return n;
}

/* Reads until taken is want. WIRE_FRAME: it is. */
static enum wire_result
fill(struct wire *wire, guint8 *into, gsize base, gsize want, GError **error)
{
	g_autoptr(GError) local = NULL;

	while (wire->taken < want) {
		ssize_t n =
		    receive_some(wire, into + (wire->taken - base), want - wire->taken, &local);
		if (n > 0) {
			wire->taken += (gsize)n;
			continue;
		}
		if (local != NULL) {
			g_propagate_error(error, g_steal_pointer(&local));
			return refuse(wire);
		}
		if (n < 0 && (errno == EAGAIN))
			return WIRE_AGAIN;
		/* A peer that died with our frames unread resets; between frames that is its end.
		 */
		if (wire->taken == 0 && (n == 0 || errno == ECONNRESET))
			return WIRE_EOF;
		if (n == 0)
			g_set_error(error, FAULT, FAULT_DATA,
			    "frame: cut short after %" G_GSIZE_FORMAT " bytes", wire->taken);
		else
			fault_errno(error, "receive from the peer process");
		return refuse(wire);
	}
	return WIRE_FRAME;
}

static bool
header_parse(struct wire *wire, GError **error)
{
	guint32 magic, length;
	guint16 kind, flags;

	memcpy(&magic, wire->header, 4);
	memcpy(&kind, wire->header + 4, 2);
	memcpy(&flags, wire->header + 6, 2);
	memcpy(&length, wire->header + 8, 4);
	wire->kind = GUINT16_FROM_LE(kind);
	wire->body_bytes = GUINT32_FROM_LE(length);
	guint bits = GUINT16_FROM_LE(flags);

	if (GUINT32_FROM_LE(magic) != WIRE_MAGIC || wire->kind >= wire->protocol->n_kinds ||
	    (bits & ~FLAG_FD) != 0) {
		g_set_error(error, FAULT, FAULT_DATA,
		    "frame: magic %08x, kind %u, flags %x are not of this protocol",
		    GUINT32_FROM_LE(magic), wire->kind, bits);
		return false;
	}
	const struct wire_kind *row = &wire->protocol->kinds[wire->kind];
	if (wire->body_bytes > row->max_bytes) {
		g_set_error(error, FAULT, FAULT_DATA,
		    "frame %s: %" G_GSIZE_FORMAT " bytes announced, more than the %" G_GSIZE_FORMAT
		    " allowed",
		    row->name, wire->body_bytes, row->max_bytes);
		return false;
	}
	bool announced = (bits & FLAG_FD) != 0;
	if (announced != row->carries_fd || announced != (wire->passed_fd >= 0)) {
		g_set_error(error, FAULT, FAULT_DATA, "frame %s: %s descriptor", row->name,
		    row->carries_fd ? "no" : "a needless");
		return false;
	}
	/* g_try_malloc aligns to 16 bytes, more than any GVariant asks for: no copy is made. */
	wire->body = g_try_malloc(MAX(wire->body_bytes, 1));
	if (wire->body == NULL) {
		g_set_error(error, FAULT, FAULT_IO,
		    "frame %s: no memory for %" G_GSIZE_FORMAT " bytes", row->name,
		    wire->body_bytes);
		return false;
	}
	return true;
}

enum wire_result
wire_receive(struct wire *wire, struct wire_frame *out, GError **error)
{
	enum wire_result result;

	*out = (struct wire_frame){ .fd = -1 };
	if (wire->broken) {
		g_set_error(error, FAULT, FAULT_DATA, "frame: the peer broke the protocol before");
		return WIRE_ERROR;
	}
	result = fill(wire, wire->header, 0, HEADER_BYTES, error);
	if (result != WIRE_FRAME)
		return result;
	if (wire->body == NULL && !header_parse(wire, error))
		return refuse(wire);
	result = fill(wire, wire->body, HEADER_BYTES, HEADER_BYTES + wire->body_bytes, error);
	if (result != WIRE_FRAME)
		return result;

	const struct wire_kind *row = &wire->protocol->kinds[wire->kind];
	g_autoptr(GBytes) bytes = g_bytes_new_take(g_steal_pointer(&wire->body), wire->body_bytes);
	g_autoptr(GVariant) body =
	    g_variant_ref_sink(g_variant_new_from_bytes(type_of(wire, wire->kind), bytes, FALSE));
	if (!g_variant_is_normal_form(body)) {
		g_set_error(error, FAULT, FAULT_DATA, "frame %s: the body is not in normal form",
		    row->name);
		return refuse(wire);
	}
	out->kind = wire->kind;
	out->body = g_steal_pointer(&body);
	out->fd = g_steal_fd(&wire->passed_fd);
	forget_frame(wire);
	return WIRE_FRAME;
}

enum wire_result
wire_wait(struct wire *wire, int timeout_ms, struct wire_frame *out, GError **error)
{
	gint64 deadline = deadline_after(timeout_ms);

	for (;;) {
		enum wire_result result = wire_receive(wire, out, error);
		if (result != WIRE_AGAIN)
			return result;
		int ready = wait_for(wire->fd, POLLIN, deadline, error);
		if (ready < 0)
			return WIRE_ERROR;
		if (ready == 0 || (deadline >= 0 && g_get_monotonic_time() > deadline))
			return WIRE_AGAIN;
	}
}
