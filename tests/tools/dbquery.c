/*
 * dbquery - one SQL query against a database, read only: a line a row, columns
 * with | between, blobs in hex. With -w it may write.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
print_column(sqlite3_stmt *row, int column)
{
	const unsigned char *blob;

	if (column > 0)
		putchar('|');
	if (sqlite3_column_type(row, column) != SQLITE_BLOB) {
		const unsigned char *text = sqlite3_column_text(row, column);

		fputs(text != NULL ? (const char *)text : "", stdout);
		return;
	}
	blob = sqlite3_column_blob(row, column);
	for (int i = 0; i < sqlite3_column_bytes(row, column); i++)
		printf("%02x", blob[i]);
}

int
main(int argc, char **argv)
{
	sqlite3 *db;
	sqlite3_stmt *row;
	int status, flags = SQLITE_OPEN_READONLY;

	if (argc == 4 && strcmp(argv[1], "-w") == 0) {
		flags = SQLITE_OPEN_READWRITE;
		argv++;
	} else if (argc != 3) {
		fputs("usage: dbquery [-w] DATABASE QUERY\n", stderr);
		return 2;
	}
	if (sqlite3_open_v2(argv[1], &db, flags, NULL) != SQLITE_OK ||
	    sqlite3_busy_timeout(db, 5000) != SQLITE_OK ||
	    sqlite3_prepare_v2(db, argv[2], -1, &row, NULL) != SQLITE_OK) {
		fprintf(stderr, "dbquery: %s\n", sqlite3_errmsg(db));
		sqlite3_close(db);
		return 1;
	}
	while ((status = sqlite3_step(row)) == SQLITE_ROW) {
		for (int i = 0; i < sqlite3_column_count(row); i++)
			print_column(row, i);
		putchar('\n');
	}
	if (status != SQLITE_DONE)
		fprintf(stderr, "dbquery: %s\n", sqlite3_errmsg(db));
	sqlite3_finalize(row);
	sqlite3_close(db);
	return status == SQLITE_DONE ? EXIT_SUCCESS : EXIT_FAILURE;
}
