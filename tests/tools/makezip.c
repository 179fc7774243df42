/*
 * makezip - a folder as a zip file.
 *
 *	makezip [--wide] OUT.zip FOLDER
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "tests/lib/options.h"
#include "tests/lib/zipfile.h"

static void
add_file(struct zipfile *zip, const char *path, const char *name)
{
	FILE *file = fopen(path, "rb");
	struct buf body;
	char piece[65536];
	size_t got;

	if (file == NULL)
		tool_die("cannot open %s", path);
	buf_init(&body, (size_t)1 << 28);
	while ((got = fread(piece, 1, sizeof(piece), file)) > 0)
		buf_append(&body, piece, got);
	fclose(file);
	/* As archives have them: hashes do not deflate. */
	zipfile_add(zip, name, buf_bytes(&body), strstr(name, "tile/data") != NULL);
	buf_free(&body);
}

static void
add_folder(struct zipfile *zip, const char *folder, const char *prefix)
{
	DIR *dir = opendir(folder);

	if (dir == NULL)
		tool_die("cannot open %s", folder);
	for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
		char *path, *name;
		struct stat info;

		if (entry->d_name[0] == '.')
			continue;
		path = mem_format("%s/%s", folder, entry->d_name);
		name = mem_format("%s%s", prefix, entry->d_name);
		if (stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
			char *below = mem_format("%s/", name);

			add_folder(zip, path, below);
			mem_free(below);
		} else {
			add_file(zip, path, name);
		}
		mem_free(path);
		mem_free(name);
	}
	closedir(dir);
}

int
main(int argc, char **argv)
{
	bool wide = argc > 1 && strcmp(argv[1], "--wide") == 0;
	struct zipfile zip;
	FILE *out;

	if (argc != 3 + wide)
		tool_die("usage: makezip [--wide] OUT.zip FOLDER");
	zipfile_begin(&zip, wide ? ZIPFILE_WIDE : ZIPFILE_PLAIN);
	add_folder(&zip, argv[2 + wide], "");
	zipfile_end(&zip, "");
	out = fopen(argv[1 + wide], "wb");
	if (out == NULL || fwrite(zip.out.data, 1, zip.out.len, out) != zip.out.len ||
	    fclose(out) != 0)
		tool_die("cannot write %s", argv[1 + wide]);
	zipfile_free(&zip);
	return 0;
}
