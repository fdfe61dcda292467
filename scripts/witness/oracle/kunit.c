/*
 * Runs the tables of `deno task release --kunit` against a kernel's own
 * crash_exclude_mem_range(), whose struct is that of kernel/crash_core_test.c,
 * and crash_prepare_elf64_headers().
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

static size_t wrong_cuts(void)
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
		/* A refused cut is compared by its error only, as in the kernel's test. */
		if (ret != row->expected_ret ||
		    (!ret && (mem->nr_ranges != row->expected_nr_ranges ||
			      memcmp(mem->ranges, row->expected_ranges,
				     mem->nr_ranges * sizeof(struct range))))) {
			printf("%s: errno %d, %u ranges\n", row->description, ret, mem->nr_ranges);
			wrong++;
		}
		free(mem);
	}
	printf("%zu of %zu cuts wrong", wrong, count);
	return wrong;
}

static size_t wrong_headers(void)
{
	size_t count = sizeof(header_vectors) / sizeof(header_vectors[0]), i, j, wrong = 0;
	struct cpu cpus[64] = { { 0 } };

	machine.page_size = 4096;
	machine.cpus = cpus;
	for (i = 0; i < count; i++) {
		const struct header_test_param *row = &header_vectors[i];
		struct crash_mem *mem = calloc(1, sizeof(*mem) +
			row->nr_ranges * sizeof(struct range));
		unsigned long size = 0;
		void *bytes = NULL;
		int error;

		machine.nr_cpus = row->nr_possible;
		mem->nr_ranges = mem->max_nr_ranges = row->nr_ranges;
		for (j = 0; j < row->nr_ranges; j++) {
			mem->ranges[j].start = j << 16;
			mem->ranges[j].end = (j << 16) + 0xfff;
		}
		error = crash_prepare_elf64_headers(mem, row->need_kernel_map, &bytes, &size);
		if (error || ((Elf64_Ehdr *)bytes)->e_phnum != row->expected_phnum ||
		    size != row->expected_sz) {
			printf("%u CPUs, %u ranges: errno %d, %lu bytes\n", row->nr_possible,
			       row->nr_ranges, error, size);
			wrong++;
		}
		free(mem);
	}
	printf(", %zu of %zu headers\n", wrong, count);
	return wrong;
}

int main(void)
{
	return wrong_cuts() + wrong_headers() != 0;
}
