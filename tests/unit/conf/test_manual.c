/* man/ctwarden.conf.5 and the table of options say the same. */
#include "conf/option.h"
#include "tests/lib/unit.h"

#define LINE_MAX_LEN 512

/* Calls fn for each line of the page with the heading (.Ss) it stands below. */
struct page {
	struct buf text;
	size_t at;
	char heading[LINE_MAX_LEN], line[LINE_MAX_LEN];
};

static struct page
page_open(void)
{
	return (struct page){.text = unit_file("man/ctwarden.conf.5")};
}

static bool
page_next(struct page *page)
{
	const char *from = (const char *)page->text.data + page->at;
	size_t left = page->text.len - page->at;
	const char *end = left == 0 ? NULL : memchr(from, '\n', left);

	if (end == NULL)
		return false;
	ck_assert_uint_lt((size_t)(end - from), LINE_MAX_LEN);
	memcpy(page->line, from, (size_t)(end - from));
	page->line[end - from] = '\0';
	page->at += (size_t)(end - from) + 1;
	if (strncmp(page->line, ".Ss ", 4) == 0)
		memcpy(page->heading, page->line + 4, LINE_MAX_LEN - 4);
	return true;
}

/* Is word among the words of text? */
static bool
has_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = text; (at = strstr(at, word)) != NULL; at += len)
		if ((at == text || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
			return true;
	return false;
}

static bool
is_below(const struct page *page, const char *section)
{
	return has_word(page->heading, section[0] == '\0' ? "Everywhere" : section);
}

/* ".It Ic NAME ...": the name, or NULL. */
static const char *
item_name(const struct page *page, char *out, size_t room)
{
	const char *name = page->line + strlen(".It Ic ");

	if (strncmp(page->line, ".It Ic ", strlen(".It Ic ")) != 0)
		return NULL;
	snprintf(out, room, "%.*s", (int)strcspn(name, " "), name);
	return out;
}

/* A default as the page writes it. */
static const char *
shown_default(const struct conf_option *option, char *out, size_t room)
{
	const char *fallback = option->fallback;

	if (strncmp(fallback, LOCALSTATEDIR "/", strlen(LOCALSTATEDIR "/")) == 0)
		snprintf(out, room, "/var%s", fallback + strlen(LOCALSTATEDIR));
	else
		snprintf(out, room, "%s", fallback);
	return out;
}

/* Reads on to the item's end; the page stands on the next item then. */
static void
check_item(struct page *page, const struct conf_option *option, char *all, size_t room)
{
	char expected[LINE_MAX_LEN], shown[LINE_MAX_LEN], said[LINE_MAX_LEN] = "";

	snprintf(all, room, "%s ", page->line);
	while (page_next(page) && strncmp(page->line, ".It ", 4) != 0 &&
	    strncmp(page->line, ".El", 3) != 0) {
		if (strncmp(page->line, ".Pq default Cm ", 15) == 0)
			memcpy(said, page->line + 15, LINE_MAX_LEN - 15);
		snprintf(all + strlen(all), room - strlen(all), "%s ", page->line);
	}
	snprintf(expected, sizeof(expected), "%s",
	    option->fallback == NULL ? "" : shown_default(option, shown, sizeof(shown)));
	ck_assert_msg(strcmp(said, expected) == 0,
	    "%s %s: the default is \"%s\", not \"%s\"", option->section, option->name,
	    expected, said);
}

static size_t
options_count(void)
{
	size_t count;

	conf_options(&count);
	return count;
}

START_TEST(option_is_described)
{
	size_t count;
	const struct conf_option *option = &conf_options(&count)[_i];
	struct page page = page_open();
	char name[LINE_MAX_LEN], all[8192], word[64];
	bool found = false;

	while (!found && page_next(&page))
		found = is_below(&page, option->section) &&
		    item_name(&page, name, sizeof(name)) != NULL &&
		    strcmp(name, option->name) == 0;
	ck_assert_msg(found, "ctwarden.conf.5: no %s %s", option->section, option->name);
	check_item(&page, option, all, sizeof(all));
	for (const char *at = option->choices; at != NULL && *at != '\0';) {
		int len = (int)strcspn(at, " ");

		snprintf(word, sizeof(word), "%.*s", len, at);
		/* local1 to local6 go without saying */
		ck_assert_msg(strstr(all, word) != NULL || strncmp(word, "local", 5) == 0,
		    "%s %s: %s is not described", option->section, option->name, word);
		at += len + (at[len] == ' ');
	}
	buf_free(&page.text);
}
END_TEST

START_TEST(nothing_else_is)
{
	size_t count, items = 0;
	const struct conf_option *options = conf_options(&count);
	struct page page = page_open();
	char name[LINE_MAX_LEN];

	while (page_next(&page)) {
		bool known = false;

		if (item_name(&page, name, sizeof(name)) == NULL)
			continue;
		items++;
		for (size_t i = 0; i < count; i++)
			known = known ||
			    (is_below(&page, options[i].section) &&
				strcmp(name, options[i].name) == 0);
		ck_assert_msg(
		    known, "ctwarden.conf.5 describes %s, which is no option", name);
	}
	ck_assert_uint_gt(items, 50);
	buf_free(&page.text);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("manual");

	tcase_add_loop_test(tc, option_is_described, 0, (int)options_count());
	tcase_add_test(tc, nothing_else_is);
	return unit_run("manual", tc);
}
