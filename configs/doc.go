// Package configs holds the configuration of Jilin and the strict reader of
// it. Read checks everything and returns every fault, each with its file,
// line, column and the name that was probably meant; only files without fault
// become a Snapshot. A Holder replaces the snapshot in use whole or not at
// all.
//
// # How the files are read
//
// The files are YAML in UTF-8 without byte order mark, indented by spaces, at
// most 1 MiB each. Unknown and repeated keys are faults. There are no
// conversions: a text that looks like a number needs quotes, so that no
// telephone number loses its zero ("0110", "220100", the key "6"). Durations
// carry a unit (15s, 2m, 1h30m). Anchors, aliases, merges and tags are not
// used, and one file is one document. Files with other names than these are
// faults, because nothing would read them.
//
// # gateway.yaml
//
// The settings of one gateway, see Settings. Read once, by ReadSettings; every
// key has a variable that goes before the file.
//
//	key                      variable                         default
//	var                      WEIBAO_VAR                       var
//	node                     WEIBAO_NODE                      node1
//	recording                WEIBAO_RECORDING                 on
//	http.listen              WEIBAO_HTTP_LISTEN               127.0.0.1:8080
//	asterisk.url             WEIBAO_ASTERISK_URL              http://127.0.0.1:8088/ari
//	asterisk.app             WEIBAO_ASTERISK_APP              weibao
//	asterisk.user            WEIBAO_ASTERISK_USER             weibao
//	asterisk.password        WEIBAO_ASTERISK_PASSWORD         none
//	asterisk.password_file   WEIBAO_ASTERISK_PASSWORD_FILE    secrets/ari-password in var
//	asterisk.recordings      WEIBAO_ASTERISK_RECORDINGS       asterisk/spool/recording in var
//	asterisk.sounds          WEIBAO_ASTERISK_SOUNDS           sounds in var
//	redis.address            WEIBAO_REDIS_ADDRESS             127.0.0.1:16379
//	redis.password           WEIBAO_REDIS_PASSWORD            none
//	redis.password_file      WEIBAO_REDIS_PASSWORD_FILE       none
//	redis.prefix             WEIBAO_REDIS_PREFIX              weibao:
//	record.dsn               WEIBAO_RECORD_DSN                sqlite: and weibao.db in var
//	record.journal           WEIBAO_RECORD_JOURNAL            journal in var
//	logins                   WEIBAO_LOGINS                    secrets/logins.json in var
//	log.level                WEIBAO_LOG_LEVEL                 info
//	log.format               WEIBAO_LOG_FORMAT                text
//
// WEIBAO_HTTP_PORT, WEIBAO_ARI_PORT and WEIBAO_REDIS_PORT move the port of
// http.listen, asterisk.url and redis.address, from wherever the rest of the
// address comes; the long variable goes before the short one.
//
// # regions.yaml
//
// The province as a tree, see regionsFile:
//
//	home                 code of the region of a call that says nothing of its own
//	regions[].code       six digits of GB/T 2260, or an own name
//	regions[].name       what people say
//	regions[].parent     the unit above; only the province has none
//	regions[].duty       whose duty post answers; default: its own, else its parent's
//	regions[].area_code  default: the parent's
//	regions[].police     direct numbers, after area code + 110; default: none
//	regions[].languages  zh, ko, en in the order of greeting; default: the parent's, else [zh]
//
// # menus/*.yaml
//
// What callers hear first, see menuShape. Every way leads to a person:
//
//	menus.NAME.for        cities whose callers it greets, "*" is any other; default: none
//	menus.NAME.greeting   prompts in order; <region> stands for the city's code
//	menus.NAME.wait       1s to 15s after the greeting; default: 5s
//	menus.NAME.keys       "0" to "9", "*", "#"
//	menus.NAME.silence    when no key came
//	menus.NAME.wrong      for any other key
//
// A choice has say (prompts on the way) and one of menu (the next level) and
// intent (to a person). Each language of a greeting takes 8 s at most.
//
// # prompts.yaml
//
// Everything that is said, see promptsFile:
//
//	prompts.NAME.LANG.text    what is said; LANG is zh (always), ko, en
//	prompts.NAME.LANG.pinyin  how it is spoken, for zh: "nin2 hao3", digits written out
//	prompts.NAME.LANG.sound   a recorded file with another name than the prompt's
//	purposes.connecting       when the search for a person begins
//	purposes.comfort          from time to time in line; default: nothing
//	purposes.closing          when the listener has hung up
//	purposes.stay             when the listener is lost and the next is rung
//	purposes.region           what the seat hears of the place; default: nothing
//	purposes.keys             what the seat hears of a key; default: nothing
//	purposes.silence          … when no key was pressed; default: nothing
//	purposes.wrong            … when a wrong one was; default: nothing
//
// # plan.yaml
//
// Who takes a call, see planFile:
//
//	plan.name            what explain and the record call it
//	plan.steps[].to      queue:NAME, queue:region, duty:CODE, duty:region, number:DIGITS
//	plan.steps[].after   0s to 10m from the start of the search; default: 0s
//	plan.routes[]        name, match, steps (default: those above), routes
//	…match               key, region, dialled, intent, missed, trunk: one value or a list
//	numbers              outside numbers that a seat may transfer to; default: none
//	times                prompt 30s, whisper 3s, reach 4s, duty_ring 25s, duty_rest 10s,
//	                     comfort 20s, police 20s, filing 200ms, parting 4s, watch 1m,
//	                     mend 300ms, closing 5s, follow_up 30m; see call.Times
//
// The last step of every list rings a duty post. "Hang up" can not be said.
//
// # queues.yaml
//
//	supervisors             the queue that is rung when a child's listener is gone
//	queues.NAME.title       what people see
//	queues.NAME.region      the city whose own queue it is; default: none, a pool
//	queues.NAME.ring_for    5s to 60s for one seat; default: 15s
//	queues.NAME.wrap_up     0s to 30m of rest after a talk; default: 10s
//
// # agents.yaml
//
//	skills.NAME          title of a skill
//	agents[].id          login and SIP user
//	agents[].name        the person's name
//	agents[].role        agent, supervisor, province, admin; default: agent
//	agents[].region      code of the unit
//	agents[].queues      queues served
//	agents[].skills      names from skills; default: none
//	agents[].languages   zh, ko, en; default: [zh]
//
// # rota/*.yaml
//
//	fallback             what Asterisk rings by itself without gateway and seats; in one file
//	posts.CODE.name      name of the duty post of a region
//	posts.CODE.numbers   rung in this order until a person answers
//
// # holidays/YEAR.yaml
//
// Days off and swapped workdays (调休) of one year, see holidaysFile. No year
// between two others may be missing:
//
//	holidays[].name         元旦 春节 清明 劳动 端午 中秋 国庆 are all there, each in some row
//	holidays[].from         first day off: 2026-02-15
//	holidays[].to           last day off; default: from
//	holidays[].workdays     Saturdays and Sundays of work for it; default: none
//	holidays[].provisional  true while the notice is not published; default: false
//	regions.CODE[]          the same of a region and the units below it; default: none
//
// # Why goccy's tree and a decoder of our own
//
// A decoder that stops at the first fault makes an admin run check ten times,
// and one that turns 0110 into a number makes a child reach nobody. goccy's
// parser gives the tree with every position; decode.go fills the shapes from
// it, collects all faults, and keeps the tree for the faults of meaning that
// are found later. The tags of the shapes are enough to make a JSON Schema
// from.
package configs
