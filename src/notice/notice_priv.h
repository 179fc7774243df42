/*
 * What the files of notice share.
 */
#pragma once
#include "notice/notice.h"

void notice_digest_id(const struct notice_digest *, uint8_t id[NOTICE_ID_LEN]);
