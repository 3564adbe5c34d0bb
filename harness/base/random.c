#include "base/base.h"

uint64_t random_next(struct random *random)
{
	uint64_t z = random->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

uint32_t random_between(struct random *random, uint32_t low, uint32_t high)
{
	uint64_t span = (uint64_t)high - low + 1;

	return (uint32_t)(low + (random_next(random) >> 32) * span / (UINT64_C(1) << 32));
}

uint64_t random_hash(const char *text_)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (; *text_; text_++)
		hash = (hash ^ (unsigned char)*text_) * UINT64_C(0x100000001b3);
	return hash;
}
