/*
 * Runs the table of `deno task release --kunit` against a kernel's own
 * crash_exclude_mem_range(): the struct is that of kernel/crash_core_test.c.
 */
#include "kernel.h"

struct exclude_test_param {
	const char *description;
	unsigned long long exclude_start, exclude_end;
	unsigned int initial_max_ranges;
	const struct range *initial_ranges;
	unsigned int initial_nr_ranges;
	const struct range *expected_ranges;
	unsigned int expected_nr_ranges;
	int expected_ret;
};

#include "crash_core_vectors.h"

int main(void)
{
	size_t count = sizeof(exclude_vectors) / sizeof(exclude_vectors[0]), i, wrong = 0;

	for (i = 0; i < count; i++) {
		const struct exclude_test_param *row = &exclude_vectors[i];
		size_t size = row->initial_nr_ranges * sizeof(struct range);
		struct crash_mem *mem = calloc(1, sizeof(*mem) +
			row->initial_max_ranges * sizeof(struct range));
		int ret;

		mem->max_nr_ranges = row->initial_max_ranges;
		mem->nr_ranges = row->initial_nr_ranges;
		memcpy(mem->ranges, row->initial_ranges, size);
		ret = crash_exclude_mem_range(mem, row->exclude_start, row->exclude_end);
		/* Of a refused cut only the error counts, as in the kernel's test. */
		if (ret != row->expected_ret ||
		    (!ret && (mem->nr_ranges != row->expected_nr_ranges ||
			      memcmp(mem->ranges, row->expected_ranges,
				     mem->nr_ranges * sizeof(struct range))))) {
			printf("%s: errno %d, %u ranges\n", row->description, ret, mem->nr_ranges);
			wrong++;
		}
		free(mem);
	}
	printf("%zu of %zu rows wrong\n", wrong, count);
	return wrong != 0;
}
