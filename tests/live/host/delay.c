/*
 * delay MS INTERFACE INTERFACE: a wire between two interfaces that delays each frame by so many
 * milliseconds. Prints "ready" when it forwards; runs until it is killed.
 */
#include "../between/between.h"
#include <stdlib.h>

static void delayed(struct between *between, const struct between_frame *frame, void *context)
{
	const nanos *delay = context;

	between_send(between, !frame->from, frame->bytes, frame->len, frame->now + *delay);
}

int main(int argc, char **argv)
{
	nanos delay;

	if (argc != 4)
		return 1;
	delay = ms(atoi(argv[1]));
	between_run(between_open(argv[2], argv[3]), delayed, &delay);
}
