/*
 * Replays files, and all files of folders, through a fuzz target: the corpus
 * as a test, with any compiler.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/fuzz/fuzz.h"

#include "base/mem.h"

#define INPUT_MAX ((size_t)16 * 1024 * 1024)

static bool
replay_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data;
	size_t len;

	if (file == NULL) {
		perror(path);
		return false;
	}
	data = mem_alloc(INPUT_MAX);
	len = fread(data, 1, INPUT_MAX, file);
	fclose(file);
	/* An allocation of just that length, so that a read past it is seen. */
	data = mem_resize(data, len + (len == 0), 1);
	LLVMFuzzerTestOneInput(data, len);
	mem_free(data);
	return true;
}

static bool
replay(const char *path)
{
	DIR *folder = opendir(path);
	bool ok = true;

	if (folder == NULL)
		return replay_file(path);
	for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
		char *below;

		if (entry->d_name[0] == '.')
			continue;
		below = mem_format("%s/%s", path, entry->d_name);
		ok = replay_file(below) && ok;
		mem_free(below);
	}
	closedir(folder);
	return ok;
}

int
main(int argc, char **argv)
{
	bool ok = argc > 1;

	for (int i = 1; i < argc; i++)
		ok = replay(argv[i]) && ok;
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
