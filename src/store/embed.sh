#!/bin/sh
# Turns sql/NNN_*.sql into C: the table of migrations, in the order of NNN.
echo '#include "store/migrate_priv.h"'
echo 'const struct migration MIGRATIONS[] = {'
for file in "$@"; do
	name=$(basename "$file")
	number=$(expr "$name" : '0*\([1-9][0-9]*\)_.*\.sql$') ||
		{ echo "$file: not named NNN_what.sql" >&2; exit 1; }
	printf '{%s, "%s",\n' "$number" "$name"
	sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/.*/"&\\n"/' "$file"
	echo '},'
done
echo '};'
echo 'const size_t MIGRATION_COUNT = sizeof(MIGRATIONS) / sizeof(MIGRATIONS[0]);'
